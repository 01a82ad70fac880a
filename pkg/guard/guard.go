// Package guard decides which data may move where. It has the environments and their kinds, the flows
// between them, and the waivers of a configuration. Its result is a Permit: the proof that one plan may
// run on one flow. No other package can make a Permit.
//
// The package opens no connection and reads no file.
package guard

import (
	"fmt"
	"strings"
)

// Kind is the kind of an environment. It says how well the environment's data is protected.
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

// ParseKind reads a kind in the form of the configuration.
func ParseKind(s string) (Kind, error) {
	for _, k := range Kinds() {
		if string(k) == s {
			return k, nil
		}
	}
	return "", fmt.Errorf("unknown kind %q; the kinds are production, preproduction, staging, integration and local", s)
}

// rank is higher for a better protected kind. It is -1 for an unknown kind.
func (k Kind) rank() int {
	all := Kinds()
	for i := range all {
		if all[i] == k {
			return len(all) - i
		}
	}
	return -1
}

// Environment is a named place where data lives.
type Environment struct {
	Name string
	Kind Kind
	// NotProduction is the identity of the database, "system identifier/database", if the configuration says
	// that it is not production. A kind alone does not show that, because the url may lead to any database.
	NotProduction string
	// HoldsProduction says that a pre-production environment holds a customer's production data. Reading it needs
	// what reading production needs.
	HoldsProduction bool
}

// production reports whether the environment is production or holds production data.
func (e Environment) production() bool { return e.Kind == Production || e.HoldsProduction }

// Identity is a database as its server names it: the system identifier of the cluster and the database's
// name. Different identities do not prove that two databases are different in content. Equal identities can
// also belong to two databases, because a clone of a disk has the same system identifier.
type Identity struct {
	SystemID string
	Database string
}

func (i Identity) String() string { return i.SystemID + "/" + i.Database }

// Default is the value of Flow.Required if the configuration gives no number. The flow then needs one approval if
// its source counts as production, and none otherwise.
const Default = -1

// The codes that a flow's configuration can allow. Without the code, masker refuses what it names.
const (
	EqualCredentials  = "equal-credentials"
	SourceCanWrite    = "source-can-write"
	TargetReadsSource = "target-reads-source"
)

// Codes lists the codes that a flow can allow.
func Codes() []string { return []string{EqualCredentials, SourceCanWrite, TargetReadsSource} }

// Flow is a declared movement from one environment to another, with what it requires.
type Flow struct {
	Name     string
	From, To Environment
	Required int      // number of approvals, or Default
	Verify   bool     // verify the loaded shadow before it is published
	Strict   bool     // refuse a run with findings that are not waived
	Treats   bool     // the flow has rules. A flow without rules copies a source that is already sanitized
	Allow    []string // some of Codes
	Reveal   []string // columns whose tokens may be revealed: schema.table.column, quoted as in SQL
}

// Approvals returns how many approvals the flow needs. notProduction says that the source is shown not to be
// production, as ShownNotProduction reports.
func (f Flow) Approvals(notProduction bool) int {
	switch {
	case f.Required != Default:
		return f.Required
	case notProduction:
		return 0
	}
	return 1
}

// Guarded reports whether the configuration alone says that the rules need an approval. It does if the flow
// requires approvals, or if the source is production. Any other source is judged when it is connected, by
// ShownNotProduction.
func (f Flow) Guarded() bool {
	return f.Required > 0 || f.Required == Default && f.From.production()
}

// Unproven reports whether the configuration leaves open whether the source is production: it is not called
// production, and not_production does not name it. Only the source's provenance can show it, once it is connected.
func (f Flow) Unproven() bool { return !f.From.production() && f.From.NotProduction == "" }

// Waiver is a requirement that a flow's configuration switches off. The ledger records every waiver of a run.
type Waiver struct {
	Code string // stable, kebab-case
	Text string
}

// Waivers lists the waivers of the flow.
func (f Flow) Waivers() []Waiver {
	var w []Waiver
	if f.Required == 0 {
		w = append(w, Waiver{"approvals", "nobody but the author has to approve the rules (approvals: {required: 0})"})
	}
	if !f.Verify {
		w = append(w, Waiver{"verify", "nothing reads the result again before it is published (verify: off)"})
	}
	if f.From.NotProduction != "" {
		w = append(w, Waiver{"not-production", "the source does not count as production because the configuration says so (not_production)"})
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

// Refused is the error for a movement that policy forbids. No row has been read when it is returned.
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

// Check checks the kinds of the flow's environments against this matrix. It needs no connection, so it is
// called before any is opened.
//
//	from \ to      production  preproduction  staging  integration  local
//	production          -           yes         yes        yes       yes
//	preproduction       -            *           *          *         *
//	staging             -            -          yes        yes       yes
//	integration         -            -           -         yes       yes
//	local               -            -           -          -        yes
//
// Pre-production can belong to a customer. It is read (*) only if its environment has HoldsProduction, and then
// needs what production needs. An environment is never refreshed from itself.
func (f Flow) Check() error {
	from, to := f.From.Kind, f.To.Kind
	switch {
	case from.rank() < 0 || to.rank() < 0:
		return f.refuse("an environment has no kind", "give both environments one of the kinds")
	case to == Production:
		return f.refuse(fmt.Sprintf("environment %q is production, and production is never a target", f.To.Name),
			"name an environment of another kind under `to`")
	case f.From.Name == f.To.Name:
		return f.refuse(fmt.Sprintf("environment %q would be refreshed from itself", f.To.Name),
			"name two environments")
	case from.rank() < to.rank():
		return f.refuse(fmt.Sprintf("%s data would move up to %s", from, to),
			"data may only move from a more protected environment to a less protected one")
	case from == Preproduction && !f.From.HoldsProduction:
		return f.refuse(fmt.Sprintf("environment %q is pre-production, which can belong to a customer and is never read", f.From.Name),
			"if masker may read it under the conditions of production, add to the environment: holds: production")
	case !f.Treats && f.From.production():
		return f.refuse("it has no rules, and data that leaves production must be treated", "add rules: [rules/NAME.yaml]")
	}
	return nil
}

func (f Flow) refuse(why, next string) error {
	return &Refused{Flow: f.Name, Why: why, Next: next}
}
