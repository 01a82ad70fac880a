package main

import (
	"context"
	"path/filepath"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/discover/look"
	"github.com/masker-project/masker/pkg/external"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/movement/postgres"
	"github.com/masker-project/masker/pkg/source"
)

// flowSpec is a flow with everything that the configuration says about it. Making one needs no connection to a
// database.
type flowSpec struct {
	movement.Spec
	targetURL string
	metrics   monitoring
}

// spec resolves a flow for a run. It checks the policy first. If checkOnly is set, it starts no program to get the key.
// Right before it reads the rules, it calls the argument before, with everything that is resolved until then.
func (c *config) spec(ctx context.Context, name string, checkOnly bool, before func(*flowSpec)) (*flowSpec, error) {
	name, f, err := c.FindFlow(name)
	if err != nil {
		return nil, err
	}
	if err := c.CheckOverrides(name); err != nil {
		return nil, err
	}
	s := &flowSpec{Spec: movement.Spec{Flow: c.GuardFlow(name, f), Workers: f.Workers}}
	if err := s.Flow.Check(); err != nil {
		return nil, err
	}
	for _, part := range []func() error{
		func() error { return c.sides(s, f) },
		func() (err error) { s.Roles, err = c.RoleMap(); return err },
		func() (err error) { s.Ledger, err = c.movementLedger(); return err },
		func() error { b, err := c.branches(s.Flow.To, s.targetURL); s.Expire = b.Expire; return err },
		func() error { return c.observers(s, f) },
		func() error { return c.key(ctx, f, s, checkOnly) },
		func() error { before(s); return c.rules(s, f) },
	} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	if s.Programs, err = c.programs(name); err != nil {
		return nil, err
	}
	s.Overridden = c.Overridden()
	if f.Discover == "sample" {
		s.Sample = look.Rows
	}
	if s.own(c.Env()); !checkOnly {
		s.Binary = binaryDigest()
	}
	return s, nil
}

// own sets the fields that describe the program itself, except Binary.
func (s *flowSpec) own(env map[string]string) {
	s.Now = now
	s.Version, s.Actor, s.Fault = buildVersion(), actor(env), faults(env)
}

// sides sets the source and the target of s, and the settings of the flow that concern one of them.
func (c *config) sides(s *flowSpec, f settings.Flow) error {
	from, err := c.URL(f.From)
	if err != nil {
		return err
	}
	if s.targetURL, err = c.URL(f.To); err != nil {
		return err
	}
	if s.MaxRow, err = settings.ParseSize(f.MaxRow); err != nil {
		return usage("max_row: %w", err)
	}
	s.From = postgres.Origin{
		URL: from, LockPatience: f.LockPatience, ConnectionPatience: f.ConnectionPatience, MaxRow: s.MaxRow, PGDump: c.dump(s.Flow.Name),
	}
	to, keep := c.Environments[f.To], 1
	if f.KeepPrevious != nil {
		keep = *f.KeepPrevious
	}
	s.To = postgres.Destination{
		URL: s.targetURL, Maintenance: to.Maintenance, Adopt: to.Adopt, KeepPrevious: keep, ConnectionPatience: f.ConnectionPatience,
	}
	memory, err := settings.ParseSize(f.Verify.Memory)
	if err != nil {
		return usage("verify: memory: %w", err)
	}
	s.Template = f.Branches.Template
	s.Verifier, s.KeepFailed = postgres.Verifier{URL: s.targetURL, Memory: memory, ConnectionPatience: f.ConnectionPatience}, f.Verify.KeepFailed
	s.Apart = func(ctx context.Context) (bool, string, error) { return postgres.Apart(ctx, from, s.targetURL) }
	return nil
}

// rules reads the flow's rules, policy and subset, and judges the approvals.
func (c *config) rules(s *flowSpec, f settings.Flow) (err error) {
	if s.Rules, err = loadRules(c.RuleFiles(f)); err != nil {
		return err
	}
	if s.Rules != nil {
		s.RulesDigest = c.rulesDigest(s.Rules)
	}
	s.Policy = c.Policy(s.Flow.Name, f)
	if s.Subset, err = f.Subset.Definition(); err != nil {
		return usage("%w", err)
	}
	if f.Subset.More.File != "" {
		data, err := c.ReadMore(f.Subset.More.File)
		if err != nil {
			return usage("%s: flow %q: subset: more: %w", c.At("flows."+s.Flow.Name+".subset.more.file"), s.Flow.Name, err)
		}
		if err := s.Subset.More.Read(data); err != nil {
			return usage("%w", err)
		}
	}
	s.Approvals, err = c.judgeApprovals(s.Flow.Name, f, s.Flow, s.Rules, now())
	return err
}

// programs returns the runner of a flow's programs. The programs run in the configuration's folder. They cannot read
// the files of the keys, the ledger and the key that signs it.
func (c *config) programs(flow string) (r external.Runner, err error) {
	dir, o, err := c.ledgerAt()
	if err != nil {
		return r, err
	}
	r = external.Runner{Path: c.ProgramPath(flow), Private: append(c.KeyFiles(), dir)}
	if o.Signer != "" {
		r.Private = append(r.Private, o.Signer)
	}
	if r.Dir, err = filepath.Abs(c.Dir()); err != nil {
		return r, err
	}
	for i := range r.Private {
		if r.Private[i], err = filepath.Abs(r.Private[i]); err != nil {
			return r, err
		}
	}
	return r, nil
}

// dump says which pg_dump reads a flow's source.
func (c *config) dump(flow string) source.PGDump {
	file, fixed := c.Dump(flow)
	return source.PGDump{File: file, Fixed: fixed}
}
