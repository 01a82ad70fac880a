// Package servers checks both servers of a flow for problems that would stop a refresh, and adds findings to a sheet of
// pkg/doctor. It reads the catalog but no rows, takes no locks and changes nothing.
package servers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/doctor"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/target"
)

// patience is about how long each step of Examine may take: the source, the target, and the comparison of both. Only
// the sum of the three is limited.
const patience = 30 * time.Second

// Pair is both sides of a flow.
type Pair struct {
	From, To Side
	Dump     source.PGDump
	Target   target.Options
	Roles    []string // roles that have to exist on the target
	Allow    []string // codes of checks that the flow waives
}

// Side is one environment.
type Side struct {
	Name string
	URL  string
	Err  error // why there is no URL; else nil
}

// Examine checks both servers and adds the findings to s. If one server does not answer, it still checks the other.
func (p Pair) Examine(ctx context.Context, s *doctor.Sheet) {
	ctx, cancel := context.WithTimeout(ctx, 3*patience)
	defer cancel()
	var at source.Health
	fromErr := p.From.Err
	if fromErr == nil {
		at, fromErr = source.Examine(ctx, p.From.URL, p.Dump)
	}
	if fromErr != nil {
		unexamined(s, "source", p.From.Name, fromErr)
	} else {
		p.source(ctx, s, at)
	}
	var there target.Health
	toErr := p.To.Err
	if toErr == nil {
		there, toErr = target.Examine(ctx, p.To.URL, p.Target, p.Roles)
	}
	if toErr != nil {
		unexamined(s, "target", p.To.Name, toErr)
	} else {
		p.target(s, there)
	}
	if fromErr == nil && toErr == nil {
		p.both(ctx, s, at, there)
	}
}

func unexamined(s *doctor.Sheet, area, name string, err error) {
	why, _, _ := strings.Cut(err.Error(), "\n")
	s.Problem(area, "correct the environment's url, the server or the role, and run doctor again", "%s: the server was not checked: %s", name, why)
}

func (p Pair) source(ctx context.Context, s *doctor.Sheet, h source.Health) {
	const area = "source"
	s.OK(area, "%s: PostgreSQL %d.%d, role %s", p.From.Name, h.Version/10000, h.Version%10000, h.Role)
	if h.DumpProblem != "" {
		s.Problem(area, fmt.Sprintf("install postgresql-client-%d, or name a newer one in masker.yaml: pg_dump: FILE", h.Version/10000), "%s", h.DumpProblem)
	} else {
		s.OK(area, "there is a pg_dump that is new enough for the server")
	}
	s.Clock(area, h.Offset)
	switch writes, err := source.Writes(ctx, p.From.URL); {
	case err != nil:
		s.Problem(area, "let the role read the catalog", "masker could not find out whether the role can write: %v", err)
	case len(writes) > 0:
		const most = 3
		p.refusedUnless(s, guard.SourceCanWrite, area, "read the source with a role that has SELECT and no more; docs/operations.md", "the role can write: %s", list(writes, most))
	default:
		s.OK(area, "the role cannot write")
	}
	standby(s, h)
	if h.StatementTimeout > 0 || h.IdleTimeout > 0 {
		s.OK(area, "the role has time limits (statement %s, idle in transaction %s); masker turns them off for its own sessions", limit(h.StatementTimeout), limit(h.IdleTimeout))
	}
}

func limit(d time.Duration) string {
	if d <= 0 {
		return "none"
	}
	return d.String()
}

// standby checks whether a standby is up to date, and whether a long snapshot can stay open on it.
func standby(s *doctor.Sheet, h source.Health) {
	const area = "source"
	const lagWarns, shortDelay = time.Minute, 10 * time.Minute
	if !h.Standby {
		s.OK(area, "the server is a primary: vacuum cannot remove old rows while masker reads")
		return
	}
	if h.Lag > lagWarns {
		s.Warn(area, "wait until it has caught up, or find out what delays it", "the server is a standby that lags by %s", h.Lag.Round(time.Second))
	} else {
		s.OK(area, "the server is a standby, lag %s", h.Lag.Round(time.Second))
	}
	if !h.Feedback && h.StandbyDelay >= 0 && h.StandbyDelay < shortDelay {
		s.Warn(area, "hot_standby_feedback = on, or max_standby_streaming_delay longer than a refresh takes",
			"the standby ends a snapshot that conflicts with replay after %s", h.StandbyDelay)
		return
	}
	s.OK(area, "the standby does not end a long snapshot (hot_standby_feedback %t, max_standby_streaming_delay %s)", h.Feedback, h.StandbyDelay)
}

func (p Pair) target(s *doctor.Sheet, h target.Health) {
	const area = "target"
	s.OK(area, "%s: PostgreSQL %d.%d, role %s", p.To.Name, h.Version/10000, h.Version%10000, h.Role)
	s.Clock(area, h.Offset)
	if h.Standby {
		s.Problem(area, "name the primary in the environment's url", "the server is a standby")
	}
	switch {
	case h.Superuser:
		s.Warn(area, "use a role with CREATEDB that owns the database and has pg_signal_backend; some extensions need more", "the role is a superuser")
	case !h.CreateDB:
		s.Problem(area, "ALTER ROLE … CREATEDB", "the role cannot create databases")
	default:
		s.OK(area, "the role can create databases")
	}
	if !h.CanSignal {
		s.Problem(area, "GRANT pg_signal_backend TO the role", "the role cannot end sessions when masker publishes")
	}
	switch {
	case h.Refusal != nil:
		s.Problem(area, "follow the message", "%s", h.Refusal)
	case h.Existing:
		s.OK(area, "masker may replace the database")
	default:
		s.OK(area, "the database does not exist yet: the first refresh makes it")
	}
	if h.Template != "" {
		s.Warn(area, "run the flow; docs/refresh.md", "%s", h.Template)
	}
	for _, role := range h.Missing {
		s.Problem(area, "CREATE ROLE on the target's server, or map to another role under roles", "roles maps to role %s, which does not exist on the target's server", role)
	}
	logging(s, h)
	if h.Known {
		s.OK(area, "%s free on the server's disk", doctor.Size(h.Free))
	} else {
		s.Warn(area, "look on the server: a refresh needs as much free space as the database and its indexes take", "masker cannot see from here how much space is free on the server's disk")
	}
}

// logging checks two settings that put values into the log of a target's server. The values are treated, but the log may
// be kept longer than the database, and other people may read it.
func logging(s *doctor.Sheet, h target.Health) {
	const area = "target"
	before := s.Count(doctor.Warning)
	if h.LogStatement == "all" || h.LogStatement == "mod" {
		s.Warn(area, "log_statement = ddl or none", "the server logs statements with the values in them (log_statement %s)", h.LogStatement)
	}
	if h.LogErrorValues {
		s.Warn(area, "log_parameter_max_length_on_error = 0", "the server logs the parameters of statements that fail")
	}
	if s.Count(doctor.Warning) == before {
		s.OK(area, "log_statement and log_parameter_max_length_on_error put no values into the server's log")
	}
}

// both compares the two sides, and checks whether the target's role can read the source.
func (p Pair) both(ctx context.Context, s *doctor.Sheet, at source.Health, there target.Health) {
	const area = "both"
	if at.Version/10000 > there.Version/10000 {
		s.Problem(area, "upgrade the target to the major version of the source, or a newer one", "the source is PostgreSQL %d, but the target is only PostgreSQL %d", at.Version/10000, there.Version/10000)
	} else {
		s.OK(area, "the target's PostgreSQL is as new as the source's, or newer")
	}
	switch same, err := pgsession.SameCredentials(p.From.URL, p.To.URL); {
	case err != nil:
		s.Problem(area, "correct both urls", "masker could not compare the credentials: %v", err)
	case same:
		p.refusedUnless(s, guard.EqualCredentials, area, "give each environment its own role and password", "source and target have the same credentials")
	default:
		s.OK(area, "source and target have different credentials")
	}
	switch reads, how, err := source.Readable(ctx, p.From.URL, p.To.URL); {
	case err != nil:
		s.Problem(area, "run doctor again when both servers answer", "%v", err)
	case reads:
		p.refusedUnless(s, guard.TargetReadsSource, area, "revoke the target role's privileges on the source", "the target's role can read the source (%s)", how)
	default:
		s.OK(area, "the target's role cannot read the source")
	}
}

// refusedUnless adds a problem. If the flow waives the check, it adds a warning instead.
func (p Pair) refusedUnless(s *doctor.Sheet, code, area, fix, format string, args ...any) {
	if slices.Contains(p.Allow, code) {
		s.Warn(area, fix, format+" (allowed: "+code+")", args...)
		return
	}
	s.Problem(area, fix, format, args...)
}

// list joins the first entries of a list, at most the given number. An ellipsis stands for the others.
func list(all []string, most int) string {
	text := strings.Join(all[:min(most, len(all))], ", ")
	if len(all) > most {
		text += ", …"
	}
	return text
}
