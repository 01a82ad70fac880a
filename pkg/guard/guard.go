// Package guard decides what may move where. It knows environments and their
// kinds, the flows between them, and what a configuration waives; its one product
// is a Permit, the proof that exactly this plan may run on exactly this flow.
//
// It opens no connection and reads no file. A Permit can be made nowhere else.
package guard

import (
	"fmt"
	"strings"
)

// Kind is the kind of an environment, which fixes how well its data is protected.
type Kind string

// The kinds, from the most to the least protected.
const (
	Production    Kind = "production"
	Preproduction Kind = "preproduction"
	Staging       Kind = "staging"
	Integration   Kind = "integration"
	Local         Kind = "local"
)

// Kinds lists every kind, from the most to the least protected.
func Kinds() []Kind { return []Kind{Production, Preproduction, Staging, Integration, Local} }

// ParseKind reads a kind as the configuration writes it.
func ParseKind(s string) (Kind, error) {
	for _, k := range Kinds() {
		if string(k) == s {
			return k, nil
		}
	}
	return "", fmt.Errorf("unknown kind %q; the kinds are production, preproduction, staging, integration and local", s)
}

// rank is higher for the better protected; -1 for no kind at all.
func (k Kind) rank() int {
	all := Kinds()
	for i := range all {
		if all[i] == k {
			return len(all) - i
		}
	}
	return -1
}

// Environment is a named place data lives in.
type Environment struct {
	Name string
	Kind Kind
}

// Identity is a database as its server names it: the system identifier of the
// cluster and the database's name. It proves that two databases are the same; it
// never proves that they differ, since a clone of a disk shares its identifier.
type Identity struct {
	SystemID string
	Database string
}

func (i Identity) String() string { return i.SystemID + "/" + i.Database }

// Flow is a declared movement from one environment to another, with what it requires.
type Flow struct {
	Name      string
	From, To  Environment
	Approvals int      // approvals required
	Verify    bool     // whether verification stands between the load and publishing
	Reveal    []string // columns whose tokens may be revealed, "schema.table.column" with quotes where SQL wants them
}

// Waiver is something a flow could require and its configuration waives. Every
// waiver in force is recorded with the run.
type Waiver struct {
	Code string // stable, kebab-case
	Text string
}

// Waivers lists what the flow waives.
func (f Flow) Waivers() []Waiver {
	var w []Waiver
	if f.Approvals == 0 {
		w = append(w, Waiver{"approvals", "nobody but the author has to approve the rules (approvals: {required: 0})"})
	}
	if !f.Verify {
		w = append(w, Waiver{"verify", "nothing reads the result again before it is published (verify: off)"})
	}
	return w
}

// Refused says that policy forbids a movement. Nothing has been read when it is returned.
type Refused struct {
	Flow string
	Why  string
	Next string // what to do instead
}

func (r *Refused) Error() string {
	parts := []string{"refused", r.Why}
	if r.Flow != "" {
		parts[0] = fmt.Sprintf("refused: flow %q", r.Flow)
	}
	text := strings.Join(parts, ": ")
	if r.Next != "" {
		text += "; " + r.Next
	}
	return text
}

// Check holds the flow against the matrix of what may move where. It needs no
// connection, so it is asked before any is opened.
//
//	from \ to      production  preproduction  staging  integration  local
//	production          -           yes         yes        yes       yes
//	preproduction       -           yes         yes        yes       yes
//	staging             -            -          yes        yes       yes
//	integration         -            -           -         yes       yes
//	local               -            -           -          -        yes
//
// An environment is never refreshed from itself. Every source is held to what
// production is held to: nothing yet can show that it is not a copy of it.
func (f Flow) Check() error {
	from, to := f.From.Kind, f.To.Kind
	switch {
	case from.rank() < 0 || to.rank() < 0:
		return f.refuse("an environment without a kind", "give both environments one of the kinds")
	case to == Production:
		return f.refuse(fmt.Sprintf("environment %q is production, and production is never a target", f.To.Name),
			"name an environment of another kind under `to`")
	case f.From.Name == f.To.Name:
		return f.refuse(fmt.Sprintf("environment %q would be refreshed from itself", f.To.Name),
			"name two environments")
	case from.rank() < to.rank():
		return f.refuse(fmt.Sprintf("%s data would move up to %s", from, to),
			"data moves from a more protected environment to a less protected one only")
	}
	return nil
}

// CheckIdentity refuses a target that is the source itself. It is asked after both
// are connected and before a row is read.
func (f Flow) CheckIdentity(source, target Identity) error {
	if source == target {
		return f.refuse(fmt.Sprintf("source and target are the same database (%s)", source),
			"check the url of both environments")
	}
	return nil
}

func (f Flow) refuse(why, next string) error {
	return &Refused{Flow: f.Name, Why: why, Next: next}
}
