package notify

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/report"
)

// With these limits, a message has at most 25 lines.
const (
	maxChanges    = 3
	maxWaivers    = 2
	maxCheckpoint = 6   // lines of a checkpoint: origin, size, root, extension, empty line, signature
	maxText       = 300 // largest number of runes of one item
)

// Text returns the message for people, in at most 25 lines. It is safe to show on a terminal. The checkpoint is at the
// end and unchanged, so that somebody can save it. A checkpoint of more than maxCheckpoint lines is left out.
func (m Message) Text() string {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-11s%s\n", label+":", text)
		}
	}
	b.WriteString(m.Subject() + "\n")
	line("why", oneLine(m.why()))
	line("next", oneLine(strings.Join(append([]string{m.Next}, m.Expiries...), "; ")))
	line("moves", m.route())
	line("run", oneLine(m.Run))
	line("rows", m.amounts())
	line("verified", oneLine(m.verification()))
	line("kept", oneLine(firstOf(m.Kept)))
	line("masker", m.versions())
	m.approvals(line)
	firstFew(line, "changes", m.Changes, maxChanges)
	m.writeCheckpoint(&b, line)
	return b.String()
}

// Subject returns the message in one line.
func (m Message) Subject() string {
	what := map[string]string{
		EventStart:        "began",
		EventFinish:       "finished",
		EventRefusal:      "was refused",
		EventFailure:      "failed",
		EventVerification: "failed its verification",
		EventRollback:     "was rolled back",
		EventRetire:       "was retired",
	}[m.Event]
	if what == "" {
		what = oneLine(m.Event)
	}
	s := fmt.Sprintf("masker: %s %s", oneLine(cmp.Or(m.Flow, m.Target)), what)
	if m.Exit != 0 {
		s += fmt.Sprintf(" (exit %d)", m.Exit)
	}
	return s
}

func (m Message) route() string {
	if m.Source == "" {
		return ""
	}
	return "from " + oneLine(m.Source) + " to " + oneLine(m.Target)
}

// why returns the reason, with the person who gave it.
func (m Message) why() string {
	if m.Actor == "" {
		return m.Reason
	}
	return m.Reason + " (by " + m.Actor + ")"
}

func (m Message) amounts() string {
	if len(m.Databases) > 0 {
		return "dropped with " + oneLine(strings.Join(m.Databases, ", "))
	}
	if m.Rows == 0 && m.Tables == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d tables in %s", m.Rows, m.Tables, m.Duration.Round(time.Second))
}

// verification says how much was verified, and names the first thing that was not verified.
func (m Message) verification() string {
	s := m.Verified
	if len(m.Unchecked) > 0 {
		s += "; unchecked: " + m.Unchecked[0]
	}
	if more := len(m.Unchecked) - 1; more > 0 {
		s += fmt.Sprintf(", and %d more", more)
	}
	return s
}

// firstOf describes a list of findings about values of kept columns: how many there are, and the first of them.
func firstOf(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	return fmt.Sprintf("%d findings about values of kept columns; the first: %s", len(list), list[0])
}

func (m Message) versions() string {
	s := oneLine(m.Version)
	if m.Revision > 0 {
		s += fmt.Sprintf(", rule set revision %d", m.Revision)
	}
	return s
}

// approvals writes who approved, and the waivers.
func (m Message) approvals(line func(label, text string)) {
	switch {
	case m.ApprovalsWaived:
		line("approved", "by nobody: the configuration requires no approval of this flow")
	case len(m.Approvers) > 0:
		line("approved", "by "+oneLine(strings.Join(m.Approvers, ", ")))
	}
	firstFew(line, "allowed", m.Waivers, maxWaivers)
}

// writeCheckpoint writes the checkpoint and the verifier key.
func (m Message) writeCheckpoint(b *strings.Builder, line func(label, text string)) {
	lines := strings.Split(strings.TrimRight(m.Checkpoint, "\n"), "\n")
	switch {
	case m.Checkpoint == "":
	case len(lines) > maxCheckpoint:
		line("checkpoint", "too long to show here; masker ledger show prints it")
	default:
		line("verifier", oneLine(m.VerifierKey))
		b.WriteString("Keep this checkpoint of the ledger, for masker ledger verify --since:\n")
		for _, l := range lines {
			b.WriteString(report.Clean(l) + "\n")
		}
	}
}

// firstFew writes the first items, one on each line, and says how many more there are.
func firstFew(line func(label, text string), label string, items []string, most int) {
	for i, item := range items {
		if i == most {
			line(label, fmt.Sprintf("… and %d more", len(items)-most))
			return
		}
		line(label, oneLine(item))
	}
}

// oneLine makes a text safe for a terminal, and shortens it to one line of at most maxText runes.
func oneLine(s string) string {
	s = report.Clean(s)
	if utf8.RuneCountInString(s) > maxText {
		return string([]rune(s)[:maxText]) + "…"
	}
	return s
}
