package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/masker-project/masker/pkg/escrow"
	"github.com/masker-project/masker/pkg/external"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/notify"
	"github.com/masker-project/masker/pkg/ruleset"
)

// movement is one flow of the configuration, resolved as far as it can be without a
// connection.
type movement struct {
	flow         guard.Flow
	sourceURL    string
	targetURL    string
	target       environment
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
	workers      int
	maxRow       int64
	keepPrevious int
	tuning       flow
}

// named finds the flow a verb was asked for; without a name, the only one.
func (c *config) named(name string) (string, flow, error) {
	names := sorted(c.Flows)
	switch {
	case name == "" && len(names) == 1:
		name = names[0]
	case name == "" && len(names) == 0:
		return "", flow{}, usage("%s declares no flow; add one under flows", c.file)
	case name == "":
		return "", flow{}, usage("%s declares several flows; name one with --flow: %s", c.file, strings.Join(names, ", "))
	}
	// What the ledger knows of a flow and what was approved for it go by its name, however it was asked for.
	folded := strings.ToLower(name)
	f, ok := c.Flows[folded]
	if !ok {
		return "", flow{}, usage("there is no flow %q%s; %s declares: %s", name, mean(name, names), c.file, strings.Join(names, ", "))
	}
	return folded, f, nil
}

// guardFlow is the flow as guard sees it.
func (c *config) guardFlow(name string, f flow) guard.Flow {
	env := func(name string) guard.Environment {
		e := c.Environments[name]
		return guard.Environment{Name: name, Kind: guard.Kind(e.Kind), NotProduction: e.NotProduction, HoldsProduction: e.Holds == "production"}
	}
	reveal, err := f.revealed()
	if err != nil {
		reveal = nil // check has told; nothing is allowed
	}
	g := guard.Flow{
		Name: name, From: env(f.From), To: env(f.To), Required: guard.Default,
		Verify: *f.Verify != "off", Strict: f.Findings == "refuse", Treats: len(f.Rules) > 0, Allow: f.Allow, Reveal: reveal,
	}
	if f.Approvals.Required != nil {
		g.Required = *f.Approvals.Required
	}
	return g
}

func (c *config) ruleFiles(f flow) []string {
	var files []string
	for _, r := range f.Rules {
		files = append(files, c.path(r))
	}
	return files
}

// movement resolves a flow for a run; policy is asked before anything else is looked at.
func (c *config) movement(ctx context.Context, name string) (*movement, error) {
	name, f, err := c.named(name)
	if err != nil {
		return nil, err
	}
	m := &movement{flow: c.guardFlow(name, f), target: c.Environments[f.To], rules: c.ruleFiles(f), tuning: f}
	if err := m.flow.Check(); err != nil {
		return nil, err
	}
	if m.sourceURL, err = c.url(f.From); err != nil {
		return nil, err
	}
	if m.targetURL, err = c.url(f.To); err != nil {
		return nil, err
	}
	if m.roles, err = c.roleMap(); err != nil {
		return nil, err
	}
	m.rulesDigest = c.rulesDigest
	if m.ledger, m.signing, err = c.ledgerAt(); err != nil {
		return nil, err
	}
	if err := c.witnesses(m, f); err != nil {
		return nil, err
	}
	if m.maxRow, err = parseSize(f.MaxRow); err != nil {
		return nil, usage("max_row: %w", err)
	}
	m.workers, m.keepPrevious = f.Workers, 1
	if m.workers == 0 {
		m.workers = runtime.GOMAXPROCS(0)
	}
	if f.KeepPrevious != nil {
		m.keepPrevious = *f.KeepPrevious
	}
	m.programs = c.programs()
	return m, c.key(ctx, f, m)
}

// programs run in the configuration's folder.
func (c *config) programs() external.Runner {
	dir, err := filepath.Abs(c.dir)
	if err != nil {
		dir = c.dir
	}
	return external.Runner{Dir: dir, Path: c.env["PATH"]}
}

func (c *config) roleMap() (map[string]string, error) {
	roles := make(map[string]string, len(c.Roles))
	for _, r := range c.Roles {
		if was, ok := roles[r.From]; ok && was != r.To {
			return nil, usage("%s: role %q is mapped twice", c.places.of(c.file, "roles"), r.From)
		}
		roles[r.From] = r.To
	}
	return roles, nil
}

// where names a side of the movement for people: the environment and its database.
func where(environment, database string) string {
	return fmt.Sprintf("%s (%s)", environment, database)
}
