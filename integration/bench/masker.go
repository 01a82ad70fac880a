package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	maskerRun    = "masker run"
	maskerKeep   = "masker run, every column kept"
	maskerOne1   = "masker run, customers alone, 1 worker"
	maskerOne2   = "masker run, customers alone, 2 workers"
	maskerIDs    = "masker run, ids tokenised"
	maskerOrder  = "masker run, ids tokenised, order kept"
	maskerStrict = "masker run, strictly verified"
	maskerProven = "masker run, ids tokenised, strictly verified"
	maskerTarget = "bench_staging"
)

const rules = `revision: 1
packs: [baseline]
tables:
  public.customers:
    subject: id
    keep: not about a person
    only: [id, country, tier, active, balance, score, visits, created_at, updated_at]
    columns:
      given_name: {class: given_name, as: person}
      family_name: {class: family_name, as: person}
      email: {class: email, as: person}
      user_name: {class: user_name, as: person}
      phone: {class: phone}
      street: {class: street}
      city: {class: city}
      postcode: {class: postcode}
      company: {class: company}
      birth_date: {class: birth_date}
      national_id: {treat: token}
`

const ordersTreated = `  public.orders:
    keep: not about a person
    only: [id, customer_id, ordered_at, status, total, currency]
    columns:
      ship_name: {class: full_name}
      ship_street: {class: street}
`

const tickets = "  public.tickets: {keep: measured, only: [id, customer_id, note, detail]}\n"

const ordersSkipped = "  public.orders: {skip: not part of this measurement}\n  public.tickets: {skip: not part of this measurement}\n"

const keepRules = `revision: 1
tables:
  public.customers: {keep: measured, only: [id, given_name, family_name, email, phone, street, city, postcode, company, user_name,
    birth_date, national_id, country, tier, active, balance, score, visits, created_at, updated_at]}
  public.orders: {keep: measured, only: [id, customer_id, ordered_at, status, total, currency, ship_name, ship_street]}
` + tickets

// tokenised returns the rules with tokens for all ids, so that no table keeps a key. The argument order is a line of
// YAML for each table. It is orderKept if the rows are to keep their order, or "".
func tokenised(order string) string {
	text := strings.NewReplacer("only: [id, customer_id, ", "only: [", "only: [id, ", "only: [", "    columns:\n", order+"    columns:\n      id: {treat: token, range: [1, 1000000000000]}\n")
	return text.Replace(rules+ordersTreated) + ticketsTokenised
}

const ticketsTokenised = `  public.tickets:
    keep: measured
    only: [note, detail]
    columns:
      id: {treat: token, range: [1, 1000000000000]}
`

const orderKept = "    order: {keep: measured}\n"

const config = `environments:
  production: {kind: production, url: "${PRODUCTION_URL}"}
  staging: {kind: staging, url: "${STAGING_URL}"}
keys: {default: {file: default.key}}
ledger: {path: ledger/}
flows:
`

const flow = `  %s:
    from: production
    to: staging
    rules: [%s.yaml]
    approvals: {required: 0}
    allow: [equal-credentials, source-can-write, target-reads-source]
    keep_previous: 0
    workers: %d
    verify: %s
`

// verifiedConfig is the configuration of the flows that verify. Builds of masker that cannot verify do not read it.
const verifiedConfig = "verified.yaml"

// maskers writes an operator's folder with one flow for each contender.
func (b *bench) maskers() ([]*contender, error) {
	flows, verified := "", ""
	for name, f := range map[string]struct {
		rules   string
		workers int
		verify  string
	}{
		"all": {"all", 2, "off"}, "keep": {"keep", 2, "off"}, "one1": {"one", 1, "off"}, "one2": {"one", 2, "off"},
		"ids": {"ids", 2, "off"}, "order": {"order", 2, "off"}, "strict": {"all", 2, "strict"}, "proven": {"ids", 2, "strict"},
	} {
		text := fmt.Sprintf(flow, name, f.rules, f.workers, f.verify)
		if f.verify == "off" {
			flows += text
		} else {
			verified += text
		}
	}
	err := b.writeOperator(flows, map[string]string{
		"all.yaml": rules + ordersTreated + tickets, "one.yaml": rules + ordersSkipped, "keep.yaml": keepRules,
		"ids.yaml": tokenised(""), "order.yaml": tokenised(orderKept), verifiedConfig: config + verified,
	})
	if err != nil {
		return nil, err
	}
	n := int64(b.customers)
	one := func(name, flow string, rows, bytes, treated int64, flags ...string) *contender {
		return &contender{
			name: name, rows: rows, bytes: bytes, treated: treated, target: maskerTarget, orders: rows > n,
			run: func(ctx context.Context) (sample, error) { return b.refresh(ctx, flow, flags...) },
		}
	}
	treated := (customerFields + 3*orderFields) * n
	tokens := treated + n + 6*n + n/2
	return []*contender{
		one(maskerRun, "all", b.rows(), b.heap, treated),
		one(maskerStrict, "strict", b.rows(), b.heap, treated, "--config", verifiedConfig),
		one(maskerIDs, "ids", b.rows(), b.heap, tokens),
		one(maskerOrder, "order", b.rows(), b.heap, tokens),
		one(maskerProven, "proven", b.rows(), b.heap, tokens, "--config", verifiedConfig),
		one(maskerKeep, "keep", b.rows(), b.heap, 0),
		one(maskerOne1, "one1", n, b.customersHeap, customerFields*n),
		one(maskerOne2, "one2", n, b.customersHeap, customerFields*n),
	}, nil
}

// writeOperator writes an operator's folder with these flows and files.
func (b *bench) writeOperator(flows string, files map[string]string) error {
	key := make([]byte, 32)
	rand.Read(key)
	files["masker.yaml"], files["default.key"] = config+flows, base64.StdEncoding.EncodeToString(key)+"\n"
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(b.work, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// maskerCommand returns a command that runs masker in the operator's folder.
func (b *bench) maskerCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, b.masker, args...)
	cmd.Dir = b.work
	cmd.Env = append(os.Environ(), "PRODUCTION_URL="+b.server.URL(sourceDB), "STAGING_URL="+b.server.URL(maskerTarget),
		"MASKER_PG_BIN="+b.server.BinDir(), "PATH="+b.server.BinDir()+":"+os.Getenv("PATH"))
	return cmd
}

// refresh runs masker. The time of the rows phase comes from masker's events. CPU time and memory come from the kernel.
func (b *bench) refresh(ctx context.Context, flow string, flags ...string) (sample, error) {
	cmd := b.maskerCommand(ctx, append([]string{"run", "--flow", flow, "--format", "json", "--quiet"}, flags...)...)
	var events, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &events, &errs
	s, err := measure(cmd)
	if err != nil {
		return s, fmt.Errorf("%w\n%s%s", err, lastLine(events.String()), errs.String())
	}
	s.Rows, err = rowsPhase(events.Bytes())
	return s, err
}

// measure runs a program and returns its CPU time and peak memory.
func measure(cmd *exec.Cmd) (sample, error) {
	if err := cmd.Start(); err != nil {
		return sample{}, err
	}
	stop, peak := make(chan struct{}), make(chan int64)
	go func() { peak <- watchPeak(cmd.Process.Pid, stop) }()
	err := cmd.Wait()
	close(stop)
	s := sample{Peak: <-peak}
	if state := cmd.ProcessState; state != nil {
		s.CPU = (state.UserTime() + state.SystemTime()).Seconds()
	}
	return s, err
}

// watchPeak returns the peak memory of a process in bytes. It reads VmHWM until the process ends. VmHWM is a maximum,
// so watchPeak can only miss growth in the last moments. It does not use rusage, because rusage would include the
// memory of this program before exec.
func watchPeak(pid int, stop <-chan struct{}) (peak int64) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return peak
		case <-tick.C:
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue // the process is ending, or this is not Linux
		}
		for line := range strings.Lines(string(status)) {
			if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 10, 64) // 0 means unknown
				peak = max(peak, kb*1024)
			}
		}
	}
}

// rowsPhase returns the seconds from the beginning of the rows phase to the beginning of the next phase.
func rowsPhase(events []byte) (float64, error) {
	var begin time.Time
	lines := bufio.NewScanner(bytes.NewReader(events))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			Event, Phase string
			Time         time.Time
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return 0, fmt.Errorf("masker's events: %w", err)
		}
		switch {
		case e.Event != "phase":
		case e.Phase == "rows":
			begin = e.Time
		case !begin.IsZero():
			return e.Time.Sub(begin).Seconds(), nil
		}
	}
	return 0, errors.Join(errors.New("masker's events have no complete rows phase"), lines.Err())
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1] + "\n"
}
