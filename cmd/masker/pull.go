package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/pull"
	"github.com/masker-project/masker/pkg/subset"
)

// pulling is one call of masker pull.
type pulling struct {
	*app
	to, format            string
	keys, roots, children []string
	allow                 []string
}

func (a *app) pull() *cobra.Command {
	p := pulling{app: a}
	c := &cobra.Command{
		Use:   "pull ENVIRONMENT",
		Short: "Copy a sanitised environment to a database on this machine",
		Long: "Pull copies a database that masker made, such as staging, to a server on this machine. It needs no rules,\n" +
			"no key and no access to production. The source has to prove with its provenance that masker made it.\n" +
			"For this, pull needs the public key of the ledger once: --key, or a masker.yaml that names the ledger.\n\n" +
			"ENVIRONMENT is an environment of the configuration, '${NAME}' for a URL in an environment variable, or a\n" +
			"URL without a password. Pull records itself in a ledger of this user, in $XDG_STATE_HOME/masker or\n" +
			"~/.local/state/masker.\n\n" + exitHelp,
		Example: "  masker pull staging --key masker-ledger-1b2c3d4e+8d6f…+AT1…\n  masker pull '${STAGING_URL}' --subset 'customers 5%' --children '*' --to '${LOCAL_URL}'",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return p.run(cmd.Context(), args[0]) },
	}
	f := c.Flags()
	f.StringVar(&p.to, "to", "", "the database to make or replace: `'${NAME}'` or a URL without a password. Default: the local server, and the source's name with _local")
	f.StringArrayVar(&p.keys, "key", nil, "`VKEY|FILE`: the public key of a ledger that recorded the source. Pull remembers it")
	f.StringArrayVar(&p.roots, "subset", nil, "copy a part: `'TABLE all|5%|limit 100|id=42,77|where CONDITION'`, and everything that these rows reference. May be repeated")
	f.StringArrayVar(&p.children, "children", nil, "for --subset: also the rows of `TABLE [limit N]` that reference these rows. '*' for every table. May be repeated")
	f.StringArrayVar(&p.allow, "allow", nil, "allow what the check with this `CODE` refuses, such as superuser-target")
	f.StringVar(&p.format, "format", "text", "`text|json`: a summary for people, or all events as JSON lines")
	return c
}

func (p *pulling) run(ctx context.Context, named string) error {
	if err := oneOf("format", p.format, "text", "json"); err != nil {
		return err
	}
	r, err := p.request(named)
	if err != nil {
		return err
	}
	rep := p.reporter(p.format)
	defer rep.Close()
	ready, err := pull.Prepare(ctx, r)
	if err != nil {
		endEvents(rep, p.format, movement.Outcome{Kind: kindOf(err)}, err)
		return err
	}
	s := &flowSpec{Spec: ready.Spec, targetURL: ready.Target}
	s.own(p.env)
	s.Binary = binaryDigest()
	return p.runSpec(ctx, rep, s, p.format)
}

// request makes the request of a pull from the flags and arguments of the command line.
func (p *pulling) request(named string) (r pull.Request, err error) {
	r = pull.Request{Name: named, Allow: p.allow}
	if r.Folder, err = stateFolder(p.env); err != nil {
		return r, err
	}
	for _, code := range p.allow {
		if err := oneOf("allow", code, guard.Codes()...); err != nil {
			return r, err
		}
	}
	if r.From, err = p.database(named); err != nil {
		return r, err
	}
	if p.to != "" {
		if r.To, err = p.database(p.to); err != nil {
			return r, err
		}
	}
	if r.Keys, err = p.verifierKeys(p.keys); err != nil {
		return r, err
	}
	if fileExists(p.configFile) {
		var c *settings.Config
		if c, err = settings.Load(p.configFile, p.env); err != nil {
			return r, err
		}
		r.Kind = guard.Kind(c.Environments[named].Kind)
	}
	r.Subset, err = subset.Parse(p.roots, p.children)
	if err != nil {
		return r, usage("--%w", err)
	}
	return r, nil
}

// stateFolder returns the folder for files that belong to the user and not to a project, such as the ledger of pulls.
func stateFolder(env map[string]string) (string, error) {
	switch {
	case filepath.IsAbs(env["XDG_STATE_HOME"]):
		return filepath.Join(env["XDG_STATE_HOME"], "masker"), nil
	case filepath.IsAbs(env["HOME"]):
		return filepath.Join(env["HOME"], ".local", "state", "masker"), nil
	}
	return "", fmt.Errorf("neither XDG_STATE_HOME nor HOME names a folder for the ledger of this user; set one of them")
}
