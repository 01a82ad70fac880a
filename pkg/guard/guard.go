// Package guard decides which data may move where. It has the types for environments and their kinds, for the flows
// between them, and for the waivers of a configuration. Its result is a Permit. A Permit is the proof that one plan may
// run on one flow. No other package can make a Permit.
//
// The package opens no connection and reads no file.
package guard

import (
	"fmt"
	"strconv"
	"strings"
	"time"
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

// rank returns a number that is higher for a better protected kind. It returns -1 for an unknown kind.
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
	// NotProduction is the identity of the database, "system identifier/database", if the configuration says that it is
	// not production. The kind alone does not show this, because the url may lead to any database.
	NotProduction string
	// HoldsProduction says that a pre-production environment holds a customer's production data. A flow from it needs
	// the same approvals as a flow from production.
	HoldsProduction bool
	Adopts          bool // masker may replace the environment's database although nothing proves that masker made it
	// Lasts is how long the database of this environment may stay after it was refreshed. 0 means that it does not
	// expire.
	Lasts time.Duration
}

// ParseLasts reads how long something may stay: a number with h, d or w. It returns 0 for "".
func ParseLasts(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	const most = 10_000
	units := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	last := len(text) - 1
	n, err := strconv.Atoi(text[:last])
	if err != nil || units[text[last]] == 0 || n < 1 || n > most {
		return 0, fmt.Errorf("%q: want a number of hours, days or weeks, such as 12h, 30d or 8w", text)
	}
	return time.Duration(n) * units[text[last]], nil
}

// production reports whether the environment is production or holds production data.
func (e Environment) production() bool { return e.Kind == Production || e.HoldsProduction }

// Identity is a database as its server names it: the system identifier of the cluster and the database's name. Two
// databases with different identities can have the same content. Two databases can also have the same identity, because
// a clone of a disk has the same system identifier.
type Identity struct {
	SystemID string
	Database string
}

func (i Identity) String() string { return i.SystemID + "/" + i.Database }

// Default is the value of Flow.Required if the configuration gives no number. The flow then needs one approval if
// its source counts as production, and none otherwise.
const Default = -1

// The codes that a flow's configuration can allow. Each code names a situation. masker refuses a run in this situation
// if the flow does not allow the code.
const (
	EqualCredentials  = "equal-credentials"
	SourceCanWrite    = "source-can-write"
	TargetReadsSource = "target-reads-source"
	SuperuserTarget   = "superuser-target"
)

// Codes lists the codes that a flow can allow.
func Codes() []string {
	return []string{EqualCredentials, SourceCanWrite, TargetReadsSource, SuperuserTarget}
}

// Flow is a declared movement from one environment to another, with what it requires.
type Flow struct {
	Name     string
	From, To Environment
	Required int          // number of approvals, or Default
	Verify   Verification // what is verified before the shadow is published. "" means VerifyOff
	Strict   bool         // refuse a run with findings that are not waived
	Treats   bool         // the flow has rules. A flow without rules copies a source that is already sanitized
	Allow    []string     // the codes that the flow allows, some of Codes
	// Until has the last day of waivers, as 2026-12-24, by their codes. A waiver that is not in it does not end.
	Until  map[string]string
	Reveal []string // columns whose tokens may be revealed: schema.table.column, quoted as in SQL
}

// Verification says how much of the loaded shadow is verified before it is published.
type Verification string

// The levels of verification. Each level includes the levels before it.
const (
	VerifyOff    Verification = "off"
	VerifyCounts Verification = "counts" // row counts and kept values are compared with the source
	VerifyStrict Verification = "strict" // in addition, rare values of the source's treated columns are looked for in the whole shadow
)

// Verifications lists every level, from the least to the most.
func Verifications() []Verification {
	return []Verification{VerifyOff, VerifyCounts, VerifyStrict}
}

// Verifies reports whether the flow verifies its shadows.
func (f Flow) Verifies() bool { return f.Verify == VerifyCounts || f.Verify == VerifyStrict }

// Approvals returns how many approvals the flow needs. The argument notProduction is the result of ShownNotProduction
// for the source.
func (f Flow) Approvals(notProduction bool) int {
	switch {
	case f.Required != Default:
		return f.Required
	case notProduction:
		return 0
	}
	return 1
}

// Guarded reports whether the configuration alone says that the rules need an approval. It returns true if the flow
// requires approvals, or if the flow gives no number and the source is production or holds production data. If the flow
// gives no number, ShownNotProduction decides for any other source, after masker has connected to it.
func (f Flow) Guarded() bool {
	return f.Required > 0 || f.Required == Default && f.From.production()
}

// Unproven reports whether the configuration does not say if the source is production. It returns true if the
// environment does not count as production and has no setting not_production. Only the source's provenance can then
// show that the source is not production, after masker has connected to the source.
func (f Flow) Unproven() bool { return !f.From.production() && f.From.NotProduction == "" }

// Refused is the error for a movement that policy forbids. It means that no row was read.
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

// Check checks the kinds of the flow's environments against this matrix. It also refuses a flow without rules from an
// environment that holds production data. It needs no connection, so it is called before a connection is opened.
//
//	from \ to      production  preproduction  staging  integration  local
//	production          -           yes         yes        yes       yes
//	preproduction       -            *           *          *         *
//	staging             -            -          yes        yes       yes
//	integration         -            -           -         yes       yes
//	local               -            -           -          -        yes
//
// Pre-production can belong to a customer. A flow may read it (*) only if its environment has HoldsProduction. The flow
// then needs the same approvals as a flow from production. An environment is never refreshed from itself.
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
