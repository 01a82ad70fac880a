package guard

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Evidence is what masker has found out about both databases before it reads a row.
type Evidence struct {
	Source, Target Identity
	// Origin is the movement that made the source, if the source's provenance is proven. Otherwise Origin is nil, and
	// OriginWhy is the reason.
	Origin    *Origin
	OriginWhy string

	EqualCredentials bool     // masker connects to both databases with the same user and the same secret: a password, a client certificate or none
	SourceWrites     []string // examples of what the source's role could write, empty if it could write nothing
	TargetReads      string   // the privilege by which the target's credentials could read the source, "" if they could not

	// SuperuserRuns lists code of the source, and hooks, that may read or change more than the values that they get,
	// and that would run on the target while the shadow is built. It is empty if the target's role is no superuser and
	// may neither start programs nor use files of the server.
	SuperuserRuns []string

	ClockOffset time.Duration // the source's clock minus this machine's clock
}

// Origin is the movement that made a database. The database's provenance proves it with the ledger's signature.
type Origin struct {
	Run         string
	Environment string   // the environment that the database was made for
	Kind        Kind     // kind of that environment
	Database    Identity // identity of the database when it was made
}

// ShownNotProduction reports whether the source is shown not to be production. There are two ways to show it:
// not_production names exactly this database, or the database's provenance proves that masker made it for a staging,
// integration or local environment. For an environment of production or with HoldsProduction, ok is never true. An
// identity that differs from the identity of production shows nothing. If the result ok is false, the result why says
// what is missing.
func (f Flow) ShownNotProduction(e Evidence) (ok bool, why string) {
	from := f.From
	switch {
	case from.production():
		return false, fmt.Sprintf("environment %q holds production", from.Name)
	case from.NotProduction == e.Source.String():
		return true, ""
	case from.NotProduction != "":
		return false, fmt.Sprintf("not_production of environment %q names another database (%s) than this one (%s)", from.Name, from.NotProduction, e.Source)
	}
	return e.provenOrigin()
}

// provenOrigin reports whether provenance proves that masker made the source for a staging, integration or local
// environment, and that the source is not a copy of the database that masker made.
func (e Evidence) provenOrigin() (ok bool, why string) {
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
		return false, "its provenance is of a pre-production environment, which can hold a customer's data by now"
	}
	return true, ""
}

// CheckSanitized refuses to copy rows from an environment without treatment, unless it is proven that the rows are
// already sanitized. The argument next says what to do instead. In the evidence v, the source is the environment's
// database.
func (e Environment) CheckSanitized(v Evidence, next string) error {
	if err := e.CheckFile(next); err != nil {
		return err
	}
	if ok, why := v.provenOrigin(); !ok {
		return &Refused{Why: fmt.Sprintf("nothing proves that environment %q is already sanitized: %s", e.Name, why), Next: next}
	}
	return nil
}

// CheckFile refuses an environment whose rows must not be written to a file, because it holds production data. It needs
// no connection.
func (e Environment) CheckFile(next string) error {
	if e.production() {
		return &Refused{Why: fmt.Sprintf("environment %q holds production data, and this verb treats no value", e.Name), Next: next}
	}
	return nil
}

// checkEvidence refuses a target that is the source. It also refuses equal credentials, and roles with too many rights,
// unless the flow's `allow` lists the code of the situation.
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
			"read it with a role that has only SELECT, see docs/operations.md", len(e.SourceWrites) > 0,
		},
		{
			TargetReadsSource, "the target's role could read the source (" + e.TargetReads + ")",
			"revoke its rights on the source", e.TargetReads != "",
		},
		{
			SuperuserTarget, "the target's role is a superuser or may start programs or use files there, and would run code of the source that may reach more than values: " + some(e.SuperuserRuns),
			"connect to the target with a role that is no superuser and has none of these rights, see docs/operations.md; or leave the objects out (objects: leave_out)", len(e.SuperuserRuns) > 0,
		},
	} {
		if c.holds && !slices.Contains(f.Allow, c.code) {
			return f.refuse(c.why, fmt.Sprintf("%s; or allow it in this flow: allow: [%s]", c.next, c.code))
		}
	}
	return nil
}

// some joins the first few texts of a list in one line, and says how many more there are.
func some(list []string) string {
	const most = 8
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

// CheckIdentity refuses a target that is the source itself. It is called after masker has connected to both databases,
// and before a row is read.
func (f Flow) CheckIdentity(source, target Identity) error {
	if source == target {
		return f.refuse(fmt.Sprintf("source and target are the same database (%s)", source),
			"check the url of both environments")
	}
	return nil
}
