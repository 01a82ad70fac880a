package guard

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Evidence is what both databases showed once they were connected, before a row is read.
type Evidence struct {
	Source, Target Identity
	// Origin is where the source's verified provenance says that its content comes from; nil where there is none,
	// and then OriginWhy says why.
	Origin    *Origin
	OriginWhy string

	EqualCredentials bool     // both are reached with the same user and password
	SourceWrites     []string // what the source's role could write, a few examples; none where it could write nothing
	TargetReads      string   // how the target's credentials could read the source; "" where they could not

	ClockOffset time.Duration // the source's clock less ours
}

// Origin is the movement that made a database, as its provenance proves with the ledger's signature.
type Origin struct {
	Run         string
	Environment string   // it was made for
	Kind        Kind     // of that environment
	Database    Identity // it was made as
}

// Shown is true where the source is shown to be no production: the configuration names exactly this database so,
// or the provenance in it proves that masker made it for such an environment. That identifiers differ from
// production's proves nothing. Where it is false, why says what is missing.
func (f Flow) Shown(e Evidence) (shown bool, why string) {
	from := f.From
	switch {
	case from.production():
		return false, fmt.Sprintf("environment %q holds production", from.Name)
	case from.NotProduction == e.Source.String():
		return true, ""
	case from.NotProduction != "":
		return false, fmt.Sprintf("not_production of environment %q names another database (%s) than this one (%s)", from.Name, from.NotProduction, e.Source)
	}
	return e.proven()
}

// proven is true where provenance proves that masker made the source, as it is named now, for an environment
// that is no production.
func (e Evidence) proven() (ok bool, why string) {
	o := e.Origin
	switch {
	case o == nil && e.OriginWhy != "":
		return false, e.OriginWhy
	case o == nil:
		return false, "it carries no provenance of masker's"
	case o.Database != e.Source:
		return false, fmt.Sprintf("its provenance is of another database (%s): it is a copy", o.Database)
	case o.Kind.rank() < 0 || o.Kind == Production:
		return false, "its provenance names no environment below production"
	case o.Kind == Preproduction:
		return false, "its provenance is of a pre-production environment, which may hold a customer's data by now, whatever it is called here"
	}
	return true, ""
}

// checkEvidence refuses what no pair of databases may be, unless the flow allows it in so many words.
func (f Flow) checkEvidence(e Evidence) error {
	if err := f.CheckIdentity(e.Source, e.Target); err != nil {
		return err
	}
	for _, c := range []struct {
		code, why, next string
		holds           bool
	}{
		{
			EqualCredentials, "source and target are reached with the same credentials",
			"give each environment a role and password of its own", e.EqualCredentials,
		},
		{
			SourceCanWrite, "the source is read with a role that could write to it (" + strings.Join(e.SourceWrites, ", ") + ")",
			"read it with a role that has SELECT and no more, see docs/operations.md", len(e.SourceWrites) > 0,
		},
		{
			TargetReadsSource, "the target's role could read the source (" + e.TargetReads + ")",
			"take its rights on the source away", e.TargetReads != "",
		},
	} {
		if c.holds && !slices.Contains(f.Allow, c.code) {
			return f.refuse(c.why, fmt.Sprintf("%s; or allow it in the open, in this flow: allow: [%s]", c.next, c.code))
		}
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
