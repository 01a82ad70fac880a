// Package servers asks both servers of a flow what a refresh would trip over there, and tells it to a sheet of
// pkg/doctor. It reads the catalog and no row, takes no lock and changes nothing.
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

// patience is how long one server may take to answer everything.
const patience = 30 * time.Second

// Pair is both sides of a flow.
type Pair struct {
	From, To Side
	Dump     source.PGDump
	Target   target.Options
	Roles    []string // that have to exist on the target
	Allow    []string // what the flow allows that is refused otherwise
}

// Side is one environment.
type Side struct {
	Name string
	URL  string
	Err  error // why there is no URL
}

// Examine asks both servers, and goes on with one where the other does not answer.
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
	s.Problem(area, "correct its url, its server or its role, and look again", "%s: not examined: %s", name, why)
}

func (p Pair) source(ctx context.Context, s *doctor.Sheet, h source.Health) {
	const area = "source"
	s.OK(area, "%s: PostgreSQL %d.%d, role %s", p.From.Name, h.Version/10000, h.Version%10000, h.Role)
	if h.DumpProblem != "" {
		s.Problem(area, fmt.Sprintf("install postgresql-client-%d, or name a newer one in masker.yaml: pg_dump: FILE", h.Version/10000), "%s", h.DumpProblem)
	} else {
		s.OK(area, "there is a pg_dump new enough for it")
	}
	s.Clock(area, h.Offset)
	switch writes, err := source.Writes(ctx, p.From.URL); {
	case err != nil:
		s.Problem(area, "let the role read the catalog", "what its role may write could not be asked: %v", err)
	case len(writes) > 0:
		const most = 3
		p.refusedUnless(s, guard.SourceCanWrite, area, "read it with a role that has SELECT and no more; docs/operations.md", "its role could write: %s", list(writes, most))
	default:
		s.OK(area, "its role is shown to be unable to write")
	}
	standby(s, h)
	if h.StatementTimeout > 0 || h.IdleTimeout > 0 {
		s.OK(area, "its role has time limits (statement %s, idle in transaction %s); masker's sessions set them off for themselves", limit(h.StatementTimeout), limit(h.IdleTimeout))
	}
}

func limit(d time.Duration) string {
	if d <= 0 {
		return "none"
	}
	return d.String()
}

// standby says what a long snapshot meets on a standby.
func standby(s *doctor.Sheet, h source.Health) {
	const area = "source"
	const lagWarns, shortDelay = time.Minute, 10 * time.Minute
	if !h.Standby {
		s.OK(area, "it is a primary: the snapshot holds back vacuum there for as long as rows are read")
		return
	}
	if h.Lag > lagWarns {
		s.Warn(area, "wait until it has caught up, or find out what holds it back", "it is a standby that lags by %s", h.Lag.Round(time.Second))
	} else {
		s.OK(area, "it is a standby, lag %s", h.Lag.Round(time.Second))
	}
	if !h.Feedback && h.StandbyDelay >= 0 && h.StandbyDelay < shortDelay {
		s.Warn(area, "hot_standby_feedback = on, or max_standby_streaming_delay longer than a refresh takes",
			"it ends a snapshot that is in replay's way after %s", h.StandbyDelay)
		return
	}
	s.OK(area, "a snapshot may stay (hot_standby_feedback %t, max_standby_streaming_delay %s)", h.Feedback, h.StandbyDelay)
}

func (p Pair) target(s *doctor.Sheet, h target.Health) {
	const area = "target"
	s.OK(area, "%s: PostgreSQL %d.%d, role %s", p.To.Name, h.Version/10000, h.Version%10000, h.Role)
	s.Clock(area, h.Offset)
	if h.Standby {
		s.Problem(area, "name the primary in its url", "its server is a standby")
	}
	switch {
	case h.Superuser:
		s.Warn(area, "a role with CREATEDB that owns the database and has pg_signal_backend is enough; extensions may ask for more", "its role is a superuser")
	case !h.CreateDB:
		s.Problem(area, "ALTER ROLE … CREATEDB", "its role cannot create databases")
	default:
		s.OK(area, "its role may create databases")
	}
	if !h.CanSignal {
		s.Problem(area, "GRANT pg_signal_backend TO the role", "its role cannot end sessions when a refresh is published")
	}
	switch {
	case h.Refusal != nil:
		s.Problem(area, "as it says", "%s", h.Refusal)
	case h.Existing:
		s.OK(area, "masker may replace its database")
	default:
		s.OK(area, "there is no such database yet: the first refresh makes it")
	}
	for _, role := range h.Missing {
		s.Problem(area, "CREATE ROLE it there, or map to another under roles", "role %s, to which roles maps, does not exist there", role)
	}
	logging(s, h)
	if h.Known {
		s.OK(area, "%s free on its disk", doctor.Size(h.Free))
	} else {
		s.Warn(area, "look there: a refresh needs as much again as the database, and its indexes", "what is free on its disk cannot be seen from here")
	}
}

// logging looks at what a target's server writes into its log: by then values are treated, but a log is kept
// and read by others than the database is.
func logging(s *doctor.Sheet, h target.Health) {
	const area = "target"
	before := s.Count(doctor.Warning)
	if h.LogStatement == "all" || h.LogStatement == "mod" {
		s.Warn(area, "log_statement = ddl or none", "it logs statements with what is in them (log_statement %s)", h.LogStatement)
	}
	if h.LogErrorValues {
		s.Warn(area, "log_parameter_max_length_on_error = 0", "it logs the parameters of statements that fail")
	}
	if s.Count(doctor.Warning) == before {
		s.OK(area, "its log takes no statements and no parameters")
	}
}

// both holds the two against each other.
func (p Pair) both(ctx context.Context, s *doctor.Sheet, at source.Health, there target.Health) {
	const area = "both"
	if at.Version/10000 > there.Version/10000 {
		s.Problem(area, "bring the target to the same major version, or a newer one", "the source is PostgreSQL %d, the target only %d", at.Version/10000, there.Version/10000)
	} else {
		s.OK(area, "the target is as new as the source")
	}
	switch same, err := pgsession.SameCredentials(p.From.URL, p.To.URL); {
	case err != nil:
		s.Problem(area, "correct both urls", "whether the credentials differ could not be said: %v", err)
	case same:
		p.refusedUnless(s, guard.EqualCredentials, area, "give each environment a role and a password of its own", "source and target are reached with the same credentials")
	default:
		s.OK(area, "each is reached with credentials of its own")
	}
	switch reads, how, err := source.Readable(ctx, p.From.URL, p.To.URL); {
	case err != nil:
		s.Problem(area, "look again when both answer", "%v", err)
	case reads:
		p.refusedUnless(s, guard.TargetReadsSource, area, "take the target role's rights on the source away", "the target's role could read the source (%s)", how)
	default:
		s.OK(area, "the target's role cannot read the source")
	}
}

// refusedUnless is a problem, unless the flow allows it in the open; then it is still told.
func (p Pair) refusedUnless(s *doctor.Sheet, code, area, fix, format string, args ...any) {
	if slices.Contains(p.Allow, code) {
		s.Warn(area, fix, format+" (allowed: "+code+")", args...)
		return
	}
	s.Problem(area, fix, format, args...)
}

// list names the first of many.
func list(all []string, most int) string {
	text := strings.Join(all[:min(most, len(all))], ", ")
	if len(all) > most {
		text += ", …"
	}
	return text
}
