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
	// NotProduction is the identity, "system identifier/database", that the configuration names as no
	// production. A kind alone proves nothing: its url may lead anywhere.
	NotProduction string
	// HoldsProduction says that a pre-production environment holds a customer's production data, and is to be
	// guarded as production when it is read.
	HoldsProduction bool
}

// production is true where the environment is called production, or says that it holds it.
func (e Environment) production() bool { return e.Kind == Production || e.HoldsProduction }

// Identity is a database as its server names it: the system identifier of the
// cluster and the database's name. It proves that two databases are the same; it
// never proves that they differ, since a clone of a disk shares its identifier.
type Identity struct {
	SystemID string
	Database string
}

func (i Identity) String() string { return i.SystemID + "/" + i.Database }

// Default is the number of approvals of a flow whose configuration names none: one where the source counts as
// production, none where it is shown to be something else.
const Default = -1

// The codes a flow's configuration may allow, each a thing that is refused otherwise.
const (
	EqualCredentials  = "equal-credentials"
	SourceCanWrite    = "source-can-write"
	TargetReadsSource = "target-reads-source"
)

// Codes lists what a flow may allow.
func Codes() []string { return []string{EqualCredentials, SourceCanWrite, TargetReadsSource} }

// Flow is a declared movement from one environment to another, with what it requires.
type Flow struct {
	Name     string
	From, To Environment
	Required int      // approvals; or Default
	Verify   bool     // whether verification stands between the load and publishing
	Strict   bool     // whether a finding that nobody waived refuses the run
	Treats   bool     // whether the flow has rules; one that has none carries on what is sanitized already
	Allow    []string // of Codes
	Reveal   []string // columns whose tokens may be revealed, "schema.table.column" with quotes where SQL wants them
}

// Approvals is how many the flow needs; shown says that its source is shown to be no production.
func (f Flow) Approvals(shown bool) int {
	switch {
	case f.Required != Default:
		return f.Required
	case shown:
		return 0
	}
	return 1
}

// Guarded is true where the configuration alone says that the rules need an approval: the flow asks for some, or its source is called
// production. A source that is called something else and is not shown to be it is refused without.
func (f Flow) Guarded() bool {
	return f.Required > 0 || f.Required == Default && f.From.production()
}

// Unproven is true where the configuration calls the source neither production nor, by its identity, anything
// else: only its own provenance can show what it is, once it is connected.
func (f Flow) Unproven() bool { return !f.From.production() && f.From.NotProduction == "" }

// Waiver is something a flow could require and its configuration waives. Every
// waiver in force is recorded with the run.
type Waiver struct {
	Code string // stable, kebab-case
	Text string
}

// Waivers lists what the flow waives.
func (f Flow) Waivers() []Waiver {
	var w []Waiver
	if f.Required == 0 {
		w = append(w, Waiver{"approvals", "nobody but the author has to approve the rules (approvals: {required: 0})"})
	}
	if !f.Verify {
		w = append(w, Waiver{"verify", "nothing reads the result again before it is published (verify: off)"})
	}
	if f.From.NotProduction != "" {
		w = append(w, Waiver{"not-production", "the source counts as no production because the configuration names it so (not_production)"})
	}
	for _, code := range f.Allow {
		w = append(w, Waiver{code, allowed(code)})
	}
	return w
}

func allowed(code string) string {
	switch code {
	case EqualCredentials:
		return "source and target may be reached with the same credentials (allow: [equal-credentials])"
	case SourceCanWrite:
		return "the source may be read with a role that could write to it (allow: [source-can-write])"
	case TargetReadsSource:
		return "the target's role may be one that could read the source (allow: [target-reads-source])"
	}
	return code
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
//	preproduction       -            *           *          *         *
//	staging             -            -          yes        yes       yes
//	integration         -            -           -         yes       yes
//	local               -            -           -          -        yes
//
// Pre-production may be a customer's: it is read (*) only where its environment says that it holds production,
// and is guarded as production then. An environment is never refreshed from itself.
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
	case from == Preproduction && !f.From.HoldsProduction:
		return f.refuse(fmt.Sprintf("environment %q is pre-production, which may be a customer's and is only written to", f.From.Name),
			"if it may be read, guarded as production is, add to it: holds: production")
	case !f.Treats && f.From.production():
		return f.refuse("it has no rules, and what leaves production is treated", "add rules: [rules/NAME.yaml]")
	}
	return nil
}

func (f Flow) refuse(why, next string) error {
	return &Refused{Flow: f.Name, Why: why, Next: next}
}
