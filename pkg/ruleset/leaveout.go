package ruleset

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// leaveOutKey is the key of `objects` that names single objects. The other keys are kinds of objects.
const leaveOutKey = "leave_out"

// LeftOut is the decision to leave one object out of the target.
type LeftOut struct {
	Name   string // in the form of catalog.Object.Name
	Reason string
	Pos    Pos
}

func objectKeys() []string { return append(ObjectKinds(), leaveOutKey) }

// readLeftOut reads {name: reason, …}.
func (m *merger) readLeftOut(r *reader, p pair) {
	for _, e := range r.pairs(p.value, leaveOutKey) {
		name, err := catalog.ParseObjectName(e.key)
		if err != nil {
			r.fail(e.pos, "leave_out names an object as SQL does: public.some_index, public.some_table.some_constraint or \"cast (text as jsonb)\": %s", err)
			continue
		}
		if first := m.set.leftOut(name); first != nil {
			r.fail(e.pos, "%s is already left out at %s", name, first.Pos)
			continue
		}
		if reason, ok := r.reason(e.value, leaveOutKey); ok {
			m.set.LeaveOut = append(m.set.LeaveOut, LeftOut{Name: name, Reason: reason, Pos: e.pos})
		}
	}
}

func (s *Set) leftOut(name string) *LeftOut {
	for i := range s.LeaveOut {
		if s.LeaveOut[i].Name == name {
			return &s.LeaveOut[i]
		}
	}
	return nil
}
