package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
)

// result is the line of a contender in the table and in the result file.
type result struct {
	Name     string   `json:"name"`
	Median   sample   `json:"median"`
	Samples  []sample `json:"samples"`
	RowsPerS float64  `json:"rows_per_second"`
	MBPerS   float64  `json:"mb_per_second"`
	NsValue  float64  `json:"cpu_ns_per_treated_value,omitempty"`
	Ratio    float64  `json:"ratio_to_unmasked,omitempty"`
}

// results is the content of the result file.
type results struct {
	Customers int                `json:"customers"`
	Orders    int                `json:"orders"`
	Bytes     int64              `json:"table_bytes"`
	WAL       string             `json:"wal"`
	Server    string             `json:"server"`
	CPUs      int                `json:"cpus"`
	Rounds    int                `json:"rounds"`
	Results   []result           `json:"results"`
	Ratios    map[string]float64 `json:"ratios"`
}

// report prints the table and writes the result file.
func (b *bench) report(w io.Writer, contenders []*contender) error {
	r := results{
		Customers: b.customers, Orders: 3 * b.customers, Bytes: b.heap, WAL: b.wal, Server: b.version,
		CPUs: runtime.NumCPU(), Rounds: b.rounds, Ratios: map[string]float64{},
	}
	medians := map[string]sample{}
	for _, c := range contenders {
		medians[c.name] = median(c.samples)
	}
	for _, c := range contenders {
		m := medians[c.name]
		one := result{
			Name: c.name, Median: m, Samples: c.samples,
			RowsPerS: float64(c.rows) / m.Seconds, MBPerS: float64(c.bytes) / 1e6 / m.Seconds,
		}
		if c.treated > 0 && m.CPU > 0 {
			one.NsValue = m.CPU * 1e9 / float64(c.treated)
		}
		if base := medians[dumpPlain]; base.Seconds > 0 && c.orders {
			one.Ratio = m.Seconds / base.Seconds
		}
		r.Results = append(r.Results, one)
	}
	b.ratios(&r, medians)
	if err := r.print(w); err != nil {
		return err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	file := filepath.Join(b.out, fmt.Sprintf("bench-%d-%s.json", b.customers, b.wal))
	fmt.Fprintln(w, "\nwritten to", file)
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// ratios adds the ratios between contenders. It leaves out ratios of contenders that did not run.
func (b *bench) ratios(r *results, m map[string]sample) {
	ratio := func(name string, a, b float64) {
		if a > 0 && b > 0 {
			r.Ratios[name] = a / b
		}
	}
	ratio("masked refresh / unmasked -Z0", m[maskerRun].Seconds, m[dumpPlain].Seconds)
	ratio("strictly verified / not verified", m[maskerStrict].Seconds, m[maskerRun].Seconds)
	ratio("strictly verified / not verified, CPU", m[maskerStrict].CPU, m[maskerRun].CPU)
	ratio("masked and verified / unmasked -Z0", m[maskerStrict].Seconds, m[dumpPlain].Seconds)
	ratio("shuffled, masked and verified / unmasked -Z0", m[maskerProven].Seconds, m[dumpPlain].Seconds)
	ratio("masked refresh / unmasked, compressed", m[maskerRun].Seconds, m[dumpPacked].Seconds)
	ratio("masked rows phase / binary pipes", m[maskerRun].Rows, m[pipesBinary].Seconds)
	ratio("one table, rows phase, 1 worker / 2 workers", m[maskerOne1].Rows, m[maskerOne2].Rows)
	ratio("masked refresh / greenmask", m[maskerRun].Seconds, m[greenmaskRun].Seconds)
	treated := float64(b.customers) * (customerFields + 3*orderFields)
	if all, keep := m[maskerRun].CPU, m[maskerKeep].CPU; all > 0 && keep > 0 {
		r.Ratios["CPU ns per treated value beyond keeping it"] = (all - keep) * 1e9 / treated
	}
}

func (r results) print(w io.Writer) error {
	fmt.Fprintf(w, "\n%d customers, %d orders, %.0f MB, wal_level %s, %d CPUs, medians of %d rounds\n%s\n\n",
		r.Customers, r.Orders, float64(r.Bytes)/1e6, r.WAL, r.CPUs, r.Rounds, r.Server)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tseconds\tratio\trows phase\trows/s\tMB/s\tCPU s\tCPU ns/value\tpeak MB\t")
	for _, x := range r.Results {
		fmt.Fprintf(t, "%s\t%.2f\t%s\t%s\t%.0f\t%.0f\t%s\t%s\t%s\t\n", x.Name, x.Median.Seconds, figure(x.Ratio, "%.2f"),
			figure(x.Median.Rows, "%.2f"), x.RowsPerS, x.MBPerS, figure(x.Median.CPU, "%.2f"), figure(x.NsValue, "%.0f"),
			figure(float64(x.Median.Peak)/1e6, "%.0f"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	names := make([]string, 0, len(r.Ratios))
	for name := range r.Ratios {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(w, "%-46s %8.2f\n", name, r.Ratios[name])
	}
	return nil
}

// figure formats a number. It returns "-" for a number that was not measured.
func figure(v float64, format string) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf(format, v)
}

// median returns the medians of all figures. Each figure has its own median, so they can come from different runs.
func median(samples []sample) sample {
	of := func(f func(sample) float64) float64 {
		values := make([]float64, len(samples))
		for i, s := range samples {
			values[i] = f(s)
		}
		slices.Sort(values)
		n := len(values)
		if n%2 == 1 {
			return values[n/2]
		}
		return (values[n/2-1] + values[n/2]) / 2
	}
	return sample{
		Seconds: of(func(s sample) float64 { return s.Seconds }),
		Rows:    of(func(s sample) float64 { return s.Rows }),
		CPU:     of(func(s sample) float64 { return s.CPU }),
		Server:  of(func(s sample) float64 { return s.Server }),
		Peak:    int64(of(func(s sample) float64 { return float64(s.Peak) })),
	}
}
