package show

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
)

// Origin prints where a database comes from, and whether that is proven.
func Origin(o provenance.Origin) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(visible.Text(fmt.Sprintf(format, args...)) + "\n")
	}
	line("Database %s on server %s", o.Database, o.SystemID)
	for _, s := range o.Steps {
		b.WriteString("\n")
		stepText(s, line)
	}
	b.WriteString("\n")
	switch {
	case o.Verified:
		to := o.Steps[len(o.Steps)-1].Made()
		line("May I trust it? Masker made this database under this name, and the ledger's key proves the records above.")
		if guard.Kind(to.Kind) == guard.Production {
			line("Is it production? It was made for an environment of kind production.")
		} else {
			line("Is it production? No: it was made for %s.", environmentOf(to))
		}
	case len(o.Steps) == 0:
		line("May I trust it? Masker does not know where this database comes from: %s.", o.Why)
		line("Is it production? It counts as production, because nothing proves the contrary.")
	default:
		line("May I trust it? No: %s.", o.Why)
		line("Is it production? It counts as production, because nothing proves the contrary.")
	}
	if len(o.Steps) > 0 {
		line("What is not proven: whether somebody has changed or added rows since then, and whether the rules were good.")
	}
	return b.String()
}

func stepText(s provenance.ProvenStep, line func(format string, args ...any)) {
	proof := "proven by the key of ledger " + s.Ledger
	if !s.Verified {
		proof = "NOT PROVEN: " + s.Why
	}
	kind := "run"
	if s.Record != nil && s.Record.Branch != nil {
		kind = "branch"
	}
	line("Step %d, %s %s: %s", s.Step, kind, s.Run, proof)
	if s.Record == nil {
		return
	}
	if !s.Verified {
		line("  the step claims:")
	}
	field := func(name, value string) { line("  %-10s %s", name, value) }
	switch {
	case s.Record.Branch != nil:
		branchFields(s.Record, field)
	case s.Record.Movement != nil:
		movementFields(s, field)
	}
}

func branchFields(r *ledger.Record, field func(name, value string)) {
	b := r.Branch
	field("from", fmt.Sprintf("%s, database %s, which run %s made", environmentOf(b.Target), b.From.Name, b.Run))
	field("to", "branch "+b.Database.Name)
	field("when", r.Time.UTC().Format(time.DateTime)+" UTC")
	field("made by", actorText(b.Actor))
	field("owner", b.Owner)
	field("purpose", cmp.Or(b.Purpose, "none given"))
	if b.Expires.IsZero() {
		field("expires", "never")
	} else {
		field("expires", b.Expires.UTC().Format(time.DateTime)+" UTC")
	}
	field("record", fmt.Sprintf("%d of its ledger", r.Seq))
}

func movementFields(s provenance.ProvenStep, field func(name, value string)) {
	m := s.Record.Movement
	field("from", partyText(m.Source))
	field("to", partyText(m.Target))
	field("when", s.Record.Time.UTC().Format(time.DateTime)+" UTC")
	field("started by", actorText(m.Actor))
	field("rules", digestsText(m))
	field("author", cmp.Or(m.Author, "nobody signed as author"))
	field("approved", approversText(m.Approvers))
	field("waived", cmp.Or(strings.Join(m.Waivers, ", "), "nothing"))
	field("treated", columnsText(m.Treatments))
	field("verified", verifiedBefore(s))
	field("record", fmt.Sprintf("%d of its ledger", s.Record.Seq))
}

// verifiedBefore says how a database was verified before it was published, and how much was not
// verified. A step that is only claimed has no record of the verification.
func verifiedBefore(s provenance.ProvenStep) string {
	v := s.Verification
	switch {
	case v == nil && !s.Verified:
		return "not known, because the step is not proven"
	case v == nil:
		return "no"
	}
	text := fmt.Sprintf("%s; %s compared, %s values of %s looked for, %s not",
		verifiedText(v), spell.Count(v.Tables, "table"), spell.Number(int64(v.Probed)), spell.Count(v.Columns, "column"), spell.Number(int64(v.Unprobed)))
	if len(v.Not) > 0 {
		text += ": " + v.Not[0]
	}
	if more := len(v.Not) - 1; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

func environmentOf(p ledger.Party) string {
	if p.Environment == p.Kind {
		return "environment " + p.Environment
	}
	return fmt.Sprintf("environment %s (%s)", p.Environment, p.Kind)
}

func partyText(p ledger.Party) string {
	return fmt.Sprintf("%s, database %s on server %s", environmentOf(p), p.Database, p.SystemID)
}

func actorText(a ledger.Actor) string {
	if a.CI != "" {
		return a.User + ", " + a.CI
	}
	return a.User
}

// digestsText returns the revision and the digests of a movement. A reviewer compares them with the files in git.
func digestsText(m *ledger.Movement) string {
	parts := []string{fmt.Sprintf("revision %d", m.Revision)}
	if m.Digests.Rules == "" {
		parts[0] = "none, the source was copied without treatment"
	}
	for _, d := range []struct{ name, digest string }{
		{"rules", m.Digests.Rules}, {"plan", m.Digests.Plan}, {"schema", m.Digests.Schema}, {"binary", m.Digests.Binary},
	} {
		if d.digest != "" {
			parts = append(parts, d.name+" "+d.digest)
		}
	}
	return strings.Join(parts, ", ")
}

func approversText(list []ledger.Approver) string {
	if len(list) == 0 {
		return "by nobody"
	}
	var parts []string
	for _, a := range list {
		parts = append(parts, fmt.Sprintf("by %s (%s) on %s", a.Principal, a.Fingerprint, a.At.UTC().Format(time.DateOnly)))
	}
	return strings.Join(parts, ", ")
}

// columnsText counts the treated columns: all of them, and the columns of each disclosure label.
func columnsText(list []ledger.Column) string {
	counts := map[string]int{}
	for _, c := range list {
		counts[c.Discloses]++
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[name], name))
	}
	if len(list) == 0 {
		return "no column"
	}
	return spell.Count(len(list), "column") + ": " + strings.Join(parts, ", ")
}
