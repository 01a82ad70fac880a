package show

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/ledger"
)

// sheet collects the lines about one movement. The first cell of a line is a name, and the others are its values.
type sheet struct{ lines [][]string }

// add adds a line.
func (s *sheet) add(cells ...string) {
	for i := range cells {
		cells[i] = visible.Text(cells[i])
	}
	s.lines = append(s.lines, cells)
}

// addIf adds a line if the text is not empty.
func (s *sheet) addIf(name, text string) {
	if text != "" {
		s.add(name, text)
	}
}

// Full writes the records of one movement with their details.
func Full(w io.Writer, list []ledger.FlowRecord) error {
	s := &sheet{}
	for _, r := range list {
		s.add(fmt.Sprintf("record %d", r.Seq), r.Time.UTC().Format(time.RFC3339), string(r.Event))
		switch {
		case r.Movement != nil:
			s.movement(r.Run, r.Movement)
		case r.Outcome != nil:
			s.outcome(r.Outcome)
		case r.Verification != nil:
			s.verification(r.Verification)
		case len(r.Learned) > 0:
			for _, l := range r.Learned {
				s.add("  learned", l.Table+"."+l.Column, fmt.Sprintf("epsilon %g, %g in total", l.Epsilon, l.Total), "model "+l.Digest)
			}
		default:
			s.addIf("  details", summary(r.Record))
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, cells := range s.lines {
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	return t.Flush()
}

func (s *sheet) movement(run string, m *ledger.Movement) {
	s.add("  run", run, "flow "+m.Flow)
	s.add("  actor", actorText(m.Actor))
	for _, p := range []struct {
		name string
		ledger.Party
	}{{"  source", m.Source}, {"  target", m.Target}} {
		s.add(p.name, sideText(p.Party), p.Kind, "system "+p.SystemID, "role "+p.Role)
	}
	s.addIf("  source run", m.SourceRun)
	s.addIf("  snapshot", strings.TrimSpace(m.SnapshotID+" "+m.LSN))
	s.add("  revision", fmt.Sprint(m.Revision))
	s.addIf("  author", m.Author)
	for _, a := range m.Approvers {
		s.add("  approved by", a.Principal, a.Fingerprint, a.At.UTC().Format(time.RFC3339))
	}
	if len(m.Approvers) == 0 {
		s.add("  approved by", "nobody")
	}
	s.add("  waived", listText(m.Waivers))
	for _, w := range m.Findings {
		s.add("  waived finding", w.String())
	}
	key := m.KeyID
	if m.KeyPerRun {
		key += " (made for this run)"
	}
	s.addIf("  key", strings.TrimSpace(m.KeyName+" "+key))
	for _, d := range [][2]string{{"rules", m.Digests.Rules}, {"schema", m.Digests.Schema}, {"plan", m.Digests.Plan}, {"definitions", m.Digests.Defined}, {"binary", m.Digests.Binary}} {
		s.addIf("  "+d[0]+" sha256", d[1])
	}
	for _, p := range m.Programs {
		s.add("  program", p.Run, p.File, p.SHA256)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Subset)) {
		s.add("  "+name, m.Subset[name])
	}
	if l := m.Sampled; l != nil {
		s.add("  looked at", fmt.Sprintf("about %d rows of each of %d tables", l.Rows, l.Tables), fmt.Sprintf("%d findings that nobody waived", len(l.Found)))
		for _, text := range l.Found {
			s.add("  kept values", text)
		}
		for _, table := range l.Unread {
			s.add("  not looked at", table)
		}
	}
	for _, o := range m.LeftOut {
		s.add("  left out", o.Object, o.Reason)
	}
	for _, c := range m.Treatments {
		s.add("  column", c.Table+"."+c.Column, c.Treatment, c.Discloses)
	}
}

func (s *sheet) verification(v *ledger.Verification) {
	s.add("  passed", map[bool]string{true: "yes", false: "no"}[v.Passed], "level "+v.Level)
	s.add("  tables", fmt.Sprintf("%d compared", v.Tables))
	s.add("  values", fmt.Sprintf("%d of %d columns were looked for", v.Probed, v.Columns), fmt.Sprintf("%d were not", v.Unprobed))
	if v.Sampling > 0 {
		s.add("  sample", fmt.Sprintf("one value in %d", 1<<v.Sampling))
	}
	for _, list := range []struct {
		name  string
		texts []string
	}{{"  found", v.Found}, {"  waived", v.Waived}, {"  not looked for", v.Not}} {
		for _, text := range list.texts {
			s.add(list.name, text)
		}
	}
}

func (s *sheet) outcome(o *ledger.Outcome) {
	s.add("  published", map[bool]string{true: "yes", false: "no"}[o.Published])
	s.addIf("  reason", o.Reason)
	s.addIf("  previous", o.Previous)
	if !o.KeptUntil.IsZero() {
		s.add("  kept until", o.KeptUntil.UTC().Format(time.RFC3339))
	}
	s.add("  rows", fmt.Sprint(o.Rows), "in "+millis(o.DurationMS).String())
	for _, note := range o.Notes {
		s.add("  note", note)
	}
	for _, t := range o.Tables {
		s.add("  table", t.Table, fmt.Sprintf("%d rows", t.Rows))
	}
}
