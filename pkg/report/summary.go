package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/masker-project/masker/internal/spell"
)

// Summary is the summary of a run.
type Summary struct {
	Published      bool           `json:"published"`
	Run            string         `json:"run"`
	Flow           string         `json:"flow"`
	Source         string         `json:"source"` // environment and database
	Target         string         `json:"target"`
	Tables         int            `json:"tables"`
	Rows           int64          `json:"rows"`
	Bytes          int64          `json:"bytes"`
	Columns        map[string]int `json:"columns"`             // number of columns by disclosure label
	Skipped        []string       `json:"skipped"`             // tables whose rows are not copied
	Dropped        []string       `json:"dropped"`             // objects that were left out
	Notes          []string       `json:"notes"`               // notes for the operator: materialized views that are left empty, …
	Waivers        []string       `json:"waivers"`             // codes of what the configuration waives
	Findings       []string       `json:"findings,omitempty"`  // findings that somebody waived: what, who, until when, why
	Kept           []string       `json:"kept,omitempty"`      // what a sample of values showed in kept columns, and nobody has waived
	Verified       string         `json:"verified,omitempty"`  // the level of the verification, and how much was verified
	Unchecked      []string       `json:"unchecked,omitempty"` // what was not looked for or not looked at, and why
	Previous       string         `json:"previous,omitempty"`  // name of the previous database
	Template       string         `json:"template,omitempty"`  // name of the template for branches
	Key            string         `json:"key"`                 // fingerprint of the key
	KeyPerRun      bool           `json:"key_per_run"`
	Seconds        float64        `json:"seconds"`
	RowsPerSecond  float64        `json:"rows_per_second"` // while rows were copied
	BytesPerSecond float64        `json:"bytes_per_second"`
	Phases         []Phase        `json:"phases"`
	Next           string         `json:"next,omitempty"`
}

// Phase says how long a phase of the run took.
type Phase struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// disclosures lists the disclosure labels. The label that discloses least comes first.
func disclosures() []string {
	return []string{"suppressed", "synthetic", "generalised", "pseudonymised", "unchanged"}
}

// Write writes the summary as text, in about ten lines.
func (s Summary) Write(w io.Writer) error {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-10s %s\n", label, Clean(text))
		}
	}
	title := "published"
	if !s.Published {
		title = "stopped"
	}
	line(title, fmt.Sprintf("%s from %s (flow %s, run %s)", s.Target, s.Source, s.Flow, s.Run))
	line("rows", fmt.Sprintf("%s in %s", spell.Number(s.Rows), spell.Count(s.Tables, "table")))
	line("columns", s.columns())
	line("verified", s.Verified)
	line("unchecked", list("", "; ", s.Unchecked))
	line("time", s.times())
	line("skipped", list("rows of ", ", ", s.Skipped))
	line("left out", list("", ", ", s.Dropped))
	line("notes", list("", "; ", s.Notes))
	line("key", s.key())
	line("waived", list("", ", ", s.Waivers))
	line("findings", list("waived: ", ", ", s.Findings))
	line("kept", list("", "; ", s.Kept))
	if s.Previous != "" {
		line("previous", "kept as database "+s.Previous)
	}
	if s.Template != "" {
		line("template", s.Template+", for branches")
	}
	line("next", s.Next)
	_, err := io.WriteString(w, b.String())
	return err
}

func (s Summary) columns() string {
	var parts []string
	for _, d := range disclosures() {
		if n := s.Columns[d]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, d))
		}
	}
	return strings.Join(parts, ", ")
}

func (s Summary) times() string {
	var parts []string
	for _, p := range s.Phases {
		text := fmt.Sprintf("%s %.1f", p.Name, p.Seconds)
		if p.Name == "rows" && s.BytesPerSecond > 0 {
			text += fmt.Sprintf(" (%s rows/s, %s/s)", spell.Number(int64(s.RowsPerSecond)), size(int64(s.BytesPerSecond)))
		}
		parts = append(parts, text)
	}
	text := fmt.Sprintf("%.1f s", s.Seconds)
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}

func (s Summary) key() string {
	switch {
	case s.Key == "":
		return ""
	case s.KeyPerRun:
		return "made for this run and not kept: another run gives other results (fingerprint " + s.Key + ")"
	}
	return "fingerprint " + s.Key
}

// list joins up to five texts, and says how many more there are.
func list(prefix, separator string, texts []string) string {
	const most = 5
	switch {
	case len(texts) == 0:
		return ""
	case len(texts) > most:
		return fmt.Sprintf("%s%s and %d more", prefix, strings.Join(texts[:most], separator), len(texts)-most)
	}
	return prefix + strings.Join(texts, separator)
}
