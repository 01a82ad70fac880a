package metrics

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/internal/atomicfile"
)

// label is the name and the value of a label.
type label struct{ name, value string }

// gauge is a metric with one value, or with one value for each value of a second label.
type gauge struct {
	name, help string
	of         label
	by         string             // the second label's name, or ""
	values     map[string]float64 // by the second label's value
}

func (g *gauge) set(v float64) { g.values[""] = v }

func (g *gauge) add(value string, v float64) { g.values[value] += v }

// text returns the metrics in Prometheus' text format, version 0.0.4. It leaves out gauges that were never set.
func (m *Run) text() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
	var b []byte
	for _, g := range m.gauges {
		if len(g.values) > 0 {
			b = fmt.Appendf(b, "# HELP %s %s\n# TYPE %s gauge\n", g.name, g.help, g.name)
		}
		for _, value := range slices.Sorted(maps.Keys(g.values)) {
			b = fmt.Appendf(b, `%s{%s="%s"`, g.name, g.of.name, escape.Replace(g.of.value))
			if g.by != "" {
				b = fmt.Appendf(b, `,%s="%s"`, g.by, escape.Replace(value))
			}
			b = strconv.AppendFloat(append(b, "} "...), g.values[value], 'g', -1, 64)
			b = append(b, '\n')
		}
	}
	return b
}

// WriteFile writes the metrics to a file for the textfile collector of node_exporter. It replaces the file atomically.
// The collector runs as another user, and it does not read the temporary file, whose name does not end in .prom.
func (m *Run) WriteFile(path string) error {
	if err := atomicfile.Write(path, m.text(), 0o644); err != nil {
		return fmt.Errorf("metrics: cannot write: %w", err)
	}
	return nil
}
