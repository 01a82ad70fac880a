package metrics_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/masker-project/masker/pkg/metrics"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/verify"
)

const hostile = "CANARY\"} 1\nevil{x=\""

// figures returns the metrics of a run in which all names are hostile.
func figures(t *testing.T, outcome report.Outcome, before time.Time) string {
	t.Helper()
	m := metrics.New("nightly", "v1")
	began := time.Unix(1_700_000_000, 0)
	clock := began
	r := report.New(m, func() time.Time { return clock })
	m.Begin(began, before)
	r.Begin(report.Begin{Run: "r1", Flow: "nightly", Source: hostile, Target: hostile})
	r.Phase("rows")
	clock = began.Add(2 * time.Second)
	r.TableStart(hostile, 10, 100)
	r.Rows(hostile, 10, 100)
	r.TableDone(hostile, 10)
	r.Step("finish", hostile)
	r.Phase(hostile)
	r.Note(hostile)
	r.Undelivered(hostile, hostile)
	r.Verified(&verify.Report{
		Hits:    []verify.Hit{{Kind: hostile, Key: hostile}},
		Columns: []verify.Coverage{{Class: hostile, Probed: 60, Not: map[verify.Reason]int64{hostile: 30, verify.TooShort: 5}}},
	})
	r.Fail(1, hostile)
	r.Done(report.Summary{Published: true, Rows: 10, Tables: 1, Flow: "nightly", Notes: []string{hostile}})
	m.End(outcome, began, began.Add(3*time.Second))
	return written(t, m)
}

func written(t *testing.T, m *metrics.Run) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "masker.prom")
	if err := m.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestL6LabelsAreOfClosedSets checks that names of tables, error texts and unknown phases do not appear in labels.
func TestL6LabelsAreOfClosedSets(t *testing.T) {
	allowed := map[string][]string{
		"flow": {"nightly"}, "version": {"v1"}, "outcome": outcomes(), "phase": {"rows", "other"},
	}
	text := figures(t, report.Published, time.Time{})
	if strings.Contains(text, "CANARY") || strings.Contains(text, "evil") {
		t.Fatalf("a name or a text is among the metrics:\n%s", text)
	}
	seen := map[string]bool{}
	for _, label := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		seen[label[1]] = true
		if !slices.Contains(allowed[label[1]], label[2]) {
			t.Errorf("label %s has the value %q", label[1], label[2])
		}
	}
	if len(seen) != len(allowed) {
		t.Errorf("labels seen: %v", seen)
	}
}

func outcomes() (words []string) {
	for _, o := range report.Outcomes() {
		words = append(words, string(o))
	}
	return words
}

func TestFiguresOfARun(t *testing.T) {
	text := figures(t, report.Afterwards, time.Time{})
	for _, want := range []string{
		`masker_refresh_phase_duration_seconds{flow="nightly",phase="rows"} 2`,
		`masker_refresh_phase_duration_seconds{flow="nightly",phase="other"} 1`,
		`masker_refresh_duration_seconds{flow="nightly"} 3`,
		`masker_refresh_undelivered{flow="nightly"} 1`,
		`masker_refresh_probed_values{flow="nightly"} 60`,
		`masker_refresh_unprobed_values{flow="nightly"} 35`,
		`masker_refresh_leaks{flow="nightly"} 1`,
		`masker_refresh_running{flow="nightly"} 0`,
		`masker_refresh_rows{flow="nightly"} 10`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func TestMetricsKeepPrometheusConventions(t *testing.T) {
	problems, err := promlint.New(strings.NewReader(figures(t, report.Published, time.Time{}))).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

func TestWhatBecameOfARunIsToldOnce(t *testing.T) {
	before := time.Unix(1_600_000_000, 0)
	for _, outcome := range report.Outcomes() {
		text := figures(t, outcome, before)
		if n := strings.Count(text, "masker_refresh_outcome{"); n != len(report.Outcomes()) {
			t.Errorf("%s: %d outcomes", outcome, n)
		}
		if !strings.Contains(text, `outcome="`+string(outcome)+`"} 1`) {
			t.Errorf("%s is missing:\n%s", outcome, text)
		}
		published := outcome == report.Published || outcome == report.Afterwards
		if got := regexp.MustCompile(`last_success_timestamp_seconds\{[^}]*\} (\S+)`).FindStringSubmatch(text); got == nil || strings.HasPrefix(got[1], "1.6e+09") == published {
			t.Errorf("%s: last success %v, before %v", outcome, got, before)
		}
	}
	if strings.Contains(figures(t, report.Failed, time.Time{}), "last_success") {
		t.Error("a flow that never succeeded has a time of success")
	}
}

// Prometheus' own parser reads the metrics correctly, even with hostile names.
func TestPrometheusReadsTheFigures(t *testing.T) {
	const odd = "we\"i\\rd\n}ö"
	m := metrics.New(odd, "v1")
	began := time.Unix(1_700_000_000, 5e6)
	m.Begin(began, time.Time{})
	m.End(report.Failed, began, began.Add(1500*time.Millisecond))
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(written(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"masker_refresh_duration_seconds": 1.5, "masker_refresh_end_timestamp_seconds": 1_700_000_001.505, "masker_refresh_rows": 0,
	} {
		found := families[name].GetMetric()
		if len(found) != 1 || found[0].GetGauge().GetValue() != want || found[0].GetLabel()[0].GetValue() != odd {
			t.Errorf("%s: %v, want %v", name, found, want)
		}
	}
	if n := len(families["masker_refresh_outcome"].GetMetric()); n != len(report.Outcomes()) || families["masker_refresh_phase_duration_seconds"] != nil {
		t.Errorf("%d outcomes, and phases of a run without any: %v", n, families)
	}
}

func TestTheFileIsReplacedWholeAndReadable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "masker.prom")
	for _, flow := range []string{"a-flow-with-a-long-name", "b"} {
		if err := metrics.New(flow, "v1").WriteFile(path); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info, err)
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "long-name") {
		t.Errorf("%v:\n%s", err, data)
	}
	folder := filepath.Join(dir, "folder.prom")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := metrics.New("c", "v1").WriteFile(folder); err == nil {
		t.Error("a folder was replaced")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestMetricsThatCannotBeWrittenSaySo(t *testing.T) {
	m := metrics.New("nightly", "v1")
	if err := m.WriteFile(filepath.Join(t.TempDir(), "no", "such", "folder")); err == nil {
		t.Error("written")
	}
}
