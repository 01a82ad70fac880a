package show

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/ledger"
)

// sheet is the description of one movement. Each line has a name and one or more values.
type sheet struct{ lines [][]string }

func (s *sheet) say(cells ...string) {
	for i := range cells {
		cells[i] = visible.Text(cells[i])
	}
	s.lines = append(s.lines, cells)
}

// known adds a line if the value is not empty.
func (s *sheet) known(name, text string) {
	if text != "" {
		s.say(name, text)
	}
}

// Full writes everything about one movement.
func Full(w io.Writer, list []ledger.FlowRecord) error {
	s := &sheet{}
	for _, r := range list {
		s.say(fmt.Sprintf("record %d", r.Seq), r.Time.UTC().Format(time.RFC3339), string(r.Event))
		switch {
		case r.Movement != nil:
			s.movement(r.Run, r.Movement)
		case r.Outcome != nil:
			s.outcome(r.Outcome)
		case len(r.Learned) > 0:
			for _, l := range r.Learned {
				s.say("  learned", l.Table+"."+l.Column, fmt.Sprintf("epsilon %g, %g in all", l.Epsilon, l.Total), "model "+l.Digest)
			}
		default:
			s.known("  said", gist(r.Record))
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, cells := range s.lines {
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	return t.Flush()
}

func (s *sheet) movement(run string, m *ledger.Movement) {
	s.say("  run", run, "flow "+m.Flow)
	s.say("  actor", actorText(m.Actor))
	for _, p := range []struct {
		name string
		ledger.Party
	}{{"  source", m.Source}, {"  target", m.Target}} {
		s.say(p.name, sideText(p.Party), p.Kind, "system "+p.SystemID, "role "+p.Role)
	}
	s.known("  source run", m.SourceRun)
	s.known("  snapshot", strings.TrimSpace(m.SnapshotID+" "+m.LSN))
	s.say("  revision", fmt.Sprint(m.Revision))
	s.known("  author", m.Author)
	for _, a := range m.Approvers {
		s.say("  approved by", a.Principal, a.Fingerprint, a.At.UTC().Format(time.RFC3339))
	}
	if len(m.Approvers) == 0 {
		s.say("  approved by", "nobody")
	}
	s.say("  waived", listText(m.Waivers))
	key := m.KeyID
	if m.KeyPerRun {
		key += " (made for this run)"
	}
	s.known("  key", strings.TrimSpace(m.KeyName+" "+key))
	for _, d := range [][2]string{{"rules", m.Digests.Rules}, {"schema", m.Digests.Schema}, {"plan", m.Digests.Plan}, {"binary", m.Digests.Binary}} {
		s.known("  "+d[0]+" sha256", d[1])
	}
	for _, p := range m.Programs {
		s.say("  program", p.Run, p.SHA256)
	}
	for _, c := range m.Treatments {
		s.say("  column", c.Table+"."+c.Column, c.Treatment, c.Discloses)
	}
}

func (s *sheet) outcome(o *ledger.Outcome) {
	s.say("  published", map[bool]string{true: "yes", false: "no"}[o.Published])
	s.known("  reason", o.Reason)
	s.known("  previous", o.Previous)
	s.say("  rows", fmt.Sprint(o.Rows), "in "+millis(o.DurationMS).String())
	for _, t := range o.Tables {
		s.say("  table", t.Table, fmt.Sprintf("%d rows", t.Rows))
	}
}
