// Package postgres implements the interfaces of package movement for PostgreSQL, with the drivers in packages source
// and target.
package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/discover/survey"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/movement/verification"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/target"
	loaded "github.com/masker-project/masker/pkg/verify/postgres"
)

// An open source can evaluate conditions over constants, and its rows can be sampled.
var (
	_ movement.Evaluator = opened{}
	_ movement.Sampled   = opened{}
)

// Origin is a source on a live PostgreSQL server.
type Origin struct {
	URL                string
	LockPatience       time.Duration // how long other sessions may wait for masker's locks. 0 means 1 s
	ConnectionPatience time.Duration // how long a connection may be silent. 0 means 30 s
	MaxRow             int64         // longest row, in bytes. 0 means 1 GiB
	PGDump             source.PGDump
}

// Identify implements movement.Origin.
func (o Origin) Identify(ctx context.Context) (sides.Identity, error) {
	return source.Identify(ctx, o.URL)
}

// Open implements movement.Origin.
func (o Origin) Open(ctx context.Context, look bool, sessions int) (movement.Source, error) {
	s, err := source.Open(ctx, o.URL, source.Options{
		LockPatience: o.LockPatience, ConnectionPatience: o.ConnectionPatience, MaxRow: int(o.MaxRow), PGDump: o.PGDump,
		Sessions: sessions, Look: look, Archive: true,
	})
	if err != nil {
		return nil, err
	}
	return opened{s}, nil
}

// Asking returns a function that asks a source the questions of a plan. It returns the problems of the questions whose
// condition is false. Questions that call functions which the source defines are not asked.
func Asking(ctx context.Context, url string) func([]plan.Question) (ruleset.Problems, error) {
	return func(questions []plan.Question) (ruleset.Problems, error) {
		if len(questions) == 0 {
			return nil, nil // most drafts need no session
		}
		a, err := source.Ask(ctx, url)
		if err != nil {
			return nil, err
		}
		defer a.Close()
		return movement.Ask(ctx, a, questions, false)
	}
}

// opened is an open source. It implements movement.Sampled.
type opened struct{ *source.Postgres }

// Samples implements movement.Sampled.
func (o opened) Samples() (from survey.Sampler, done func()) {
	s := o.Spread()
	return s, s.Close
}

// Destination is a target on a live PostgreSQL server.
type Destination struct {
	URL                string
	Maintenance        string        // database in which masker takes the target's lock. "" means postgres
	Adopt              string        // "system id/database" of a database that masker may replace although it did not make it
	KeepPrevious       int           // number of previous databases to keep
	ConnectionPatience time.Duration // how long a connection may be silent. 0 means 30 s
}

// Open implements movement.Destination.
func (d Destination) Open(ctx context.Context, o movement.Opening) (movement.Target, error) {
	t, err := target.Open(ctx, d.URL, target.Options{
		Maintenance: d.Maintenance, Adopt: d.Adopt, KeepPrevious: d.KeepPrevious, Patience: d.ConnectionPatience,
		Template: o.Template,
		Proof:    o.Proof, Look: o.Look, Source: o.Source, Jobs: o.Workers, Progress: o.Progress, Note: o.Note, Fault: o.Fault,
	})
	if err != nil {
		return nil, err
	}
	return held{t}, nil
}

// Executes implements movement.Destination.
func (d Destination) Executes(a *archive.Archive, decided sides.Decisions) ([]archive.Entry, error) {
	return target.Executes(a, decided)
}

// Claim implements movement.Destination.
func (d Destination) Claim(ctx context.Context, database string) (provenance.Claim, error) {
	return source.ReadProvenanceOf(ctx, d.URL, database)
}

// Verifier verifies shadows on the server of a target, and published targets.
type Verifier struct {
	URL                string        // URL of the target
	Memory             int64         // most bytes of fingerprints. 0 means 256 MiB
	ConnectionPatience time.Duration // how long a connection may be silent. 0 means 30 s
}

// Begin implements movement.Verifier.
func (v Verifier) Begin(s movement.Subject) (movement.Verification, error) {
	return verification.Verifier{Memory: v.Memory, Open: v.open}.Begin(s)
}

func (v Verifier) open(ctx context.Context, database string) (verification.Database, error) {
	db, err := loaded.Open(ctx, v.URL, loaded.Options{Database: database, Patience: v.ConnectionPatience})
	if err != nil {
		return nil, err
	}
	return db, nil
}

// held adapts target.Postgres to the interface movement.Target.
type held struct{ *target.Postgres }

// Estimate implements movement.Target.
func (h held) Estimate(ctx context.Context, bytes int64) (string, error) {
	space, err := h.Postgres.Estimate(ctx, bytes)
	return space.String(), err
}

// Create implements movement.Target.
func (h held) Create(ctx context.Context, s sides.Shadow) (movement.Shadow, error) {
	shadow, err := h.Postgres.Create(ctx, s)
	if err != nil {
		return nil, err
	}
	return shadow, nil
}

// Apart reports whether masker connects to both sides with the same credentials. The result privilege is the privilege
// by which the target's role could read the source, or "" if the role could not read it.
func Apart(ctx context.Context, sourceURL, targetURL string) (same bool, privilege string, err error) {
	if same, err = pgsession.SameCredentials(sourceURL, targetURL); err != nil {
		return false, "", err
	}
	can, how, err := source.Readable(ctx, sourceURL, targetURL)
	if err != nil {
		return false, "", fmt.Errorf("finding out whether the target's role could read the source: %w", err)
	}
	if !can {
		how = ""
	}
	return same, how, nil
}
