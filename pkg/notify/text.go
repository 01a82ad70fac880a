package notify

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/report"
)

// Together with the lines that are always there, these keep a message within 25 lines.
const (
	maxChanges    = 3
	maxWaivers    = 2
	maxCheckpoint = 7   // origin, size, root, extension, empty, signature: one more may be ours
	maxText       = 300 // runes of one item
)

// Text is the message for people, at most 25 lines. Whatever came from outside is made safe for a
// terminal; the checkpoint stands last and as it is, so that it can be saved.
func (m Message) Text() string {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-11s%s\n", label+":", text)
		}
	}
	b.WriteString(m.Subject() + "\n")
	line("why", shown(m.Reason))
	line("next", shown(m.Next))
	line("moves", m.way())
	line("run", shown(m.Run))
	line("rows", m.moved())
	line("masker", m.made())
	m.agreed(line)
	several(line, "changes", m.Changes, maxChanges)
	m.escrow(&b, line)
	return b.String()
}

// Subject is the message in one line.
func (m Message) Subject() string {
	what := map[string]string{
		EventStart:        "began",
		EventFinish:       "finished",
		EventRefusal:      "was refused",
		EventFailure:      "failed",
		EventVerification: "failed its verification",
	}[m.Event]
	if what == "" {
		what = shown(m.Event)
	}
	s := fmt.Sprintf("masker: %s %s", shown(m.Flow), what)
	if m.Exit != 0 {
		s += fmt.Sprintf(" (exit %d)", m.Exit)
	}
	return s
}

func (m Message) way() string {
	if m.Source == "" && m.Target == "" {
		return ""
	}
	return "from " + shown(m.Source) + " to " + shown(m.Target)
}

func (m Message) moved() string {
	if m.Rows == 0 && m.Tables == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d tables in %s", m.Rows, m.Tables, m.Duration.Round(time.Second))
}

func (m Message) made() string {
	s := shown(m.Version)
	if m.Revision > 0 {
		s += fmt.Sprintf(", rule set revision %d", m.Revision)
	}
	return s
}

// agreed says who approved, and what nobody had to.
func (m Message) agreed(line func(label, text string)) {
	switch {
	case m.ApprovalsWaived:
		line("approved", "by nobody: the configuration requires no approval of this flow")
	case len(m.Approvers) > 0:
		line("approved", "by "+shown(strings.Join(m.Approvers, ", ")))
	}
	several(line, "allowed", m.Waivers, maxWaivers)
}

// escrow hands out the checkpoint.
func (m Message) escrow(b *strings.Builder, line func(label, text string)) {
	lines := strings.Split(strings.TrimRight(m.Checkpoint, "\n"), "\n")
	switch {
	case m.Checkpoint == "":
	case len(lines) > maxCheckpoint:
		line("checkpoint", "too long to be shown here: masker ledger show has it")
	default:
		line("verifier", shown(m.VerifierKey))
		b.WriteString("Keep this checkpoint of the ledger, for masker ledger verify --since:\n")
		for _, l := range lines {
			b.WriteString(report.Clean(l) + "\n")
		}
	}
}

// several gives the first items a line each, and says how many more there are.
func several(line func(label, text string), label string, items []string, most int) {
	for i, item := range items {
		if i == most {
			line(label, fmt.Sprintf("… and %d more", len(items)-most))
			return
		}
		line(label, shown(item))
	}
}

// shown makes a text one line of bounded length that commands no terminal.
func shown(s string) string {
	s = report.Clean(s)
	if utf8.RuneCountInString(s) > maxText {
		return string([]rune(s)[:maxText]) + "…"
	}
	return s
}
