package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/escrow"
	"github.com/masker-project/masker/pkg/external"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/notify"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/source"
)

// movement is one flow of the configuration, resolved as far as it can be without a
// connection.
type movement struct {
	flow         guard.Flow
	sourceURL    string
	targetURL    string
	target       settings.Environment
	rules        []string
	roles        map[string]string
	ledger       string
	signing      ledger.Options
	trusted      []string // public keys of other ledgers
	rulesDigest  func(*ruleset.Set) string
	listeners    []notify.Channel
	metrics      monitoring
	escrow       escrow.Place // nil where there is no second place
	ring         *keyring.Ring
	keyPerRun    bool
	keyName      string // "" of a key per run
	keyWarning   string
	programs     external.Runner
	dump         source.PGDump
	overridden   []string // keys of the configuration
	workers      int
	maxRow       int64
	keepPrevious int
	tuning       settings.Flow
}

// movement resolves a flow for a run; policy is asked before anything else is looked at.
func (c *config) movement(ctx context.Context, name string, looks bool) (*movement, error) {
	name, f, err := c.Named(name)
	if err != nil {
		return nil, err
	}
	if err := c.Fixed(name); err != nil {
		return nil, err
	}
	m := &movement{flow: c.GuardFlow(name, f), target: c.Environments[f.To], rules: c.RuleFiles(f), tuning: f}
	if err := m.flow.Check(); err != nil {
		return nil, err
	}
	if m.sourceURL, err = c.URL(f.From); err != nil {
		return nil, err
	}
	if m.targetURL, err = c.URL(f.To); err != nil {
		return nil, err
	}
	if m.roles, err = c.RoleMap(); err != nil {
		return nil, err
	}
	m.rulesDigest = c.rulesDigest
	if m.ledger, m.signing, err = c.ledgerAt(); err != nil {
		return nil, err
	}
	if err := c.witnesses(m, f); err != nil {
		return nil, err
	}
	if m.maxRow, err = settings.ParseSize(f.MaxRow); err != nil {
		return nil, usage("max_row: %w", err)
	}
	m.workers, m.keepPrevious = f.Workers, 1
	if m.workers == 0 {
		m.workers = runtime.GOMAXPROCS(0)
	}
	if f.KeepPrevious != nil {
		m.keepPrevious = *f.KeepPrevious
	}
	m.programs = c.programs(name)
	m.dump, m.overridden = c.dump(name), c.Overridden()
	return m, c.key(ctx, f, m, looks)
}

// programs run in the configuration's folder.
func (c *config) programs(flow string) external.Runner {
	dir, err := filepath.Abs(c.Dir())
	if err != nil {
		dir = c.Dir()
	}
	return external.Runner{Dir: dir, Path: c.ProgramPath(flow)}
}

// dump says which pg_dump a flow's source is read with.
func (c *config) dump(flow string) source.PGDump {
	file, fixed := c.Dump(flow)
	return source.PGDump{File: file, Fixed: fixed}
}

// where names a side of the movement for people: the environment and its database.
func where(environment, database string) string {
	return fmt.Sprintf("%s (%s)", environment, database)
}
