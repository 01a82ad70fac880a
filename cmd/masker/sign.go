package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
)

func (a *app) sign() *cobra.Command {
	s := signing{app: a}
	c := &cobra.Command{
		Use:   "sign --as PRINCIPAL",
		Short: "State that a flow's rules are yours, so that somebody else can approve them",
		Long: "Sign plans the flow from its source's schema (no row is read), and writes beside the rules what every\n" +
			"column becomes and your signed statement that these are the rules you mean. Both belong into the\n" +
			"commit. Then somebody else approves: masker approve.",
		Example: "  masker sign --flow nightly --as alice@example.com --key ~/.ssh/id_ed25519",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context()) },
	}
	s.flags(c)
	return c
}

// signing is one statement that is about to be signed.
type signing struct {
	*app
	flow, as, key, comment string
}

func (s *signing) flags(c *cobra.Command) {
	c.Flags().StringVarP(&s.flow, "flow", "f", "", "`name` of the flow; not needed where there is only one")
	c.Flags().StringVar(&s.as, "as", "", "`principal` you are in the signers' file, such as alice@example.com")
	c.Flags().StringVar(&s.key, "key", "", "`file` of your SSH key, or of the public half of one in the ssh-agent; else the agent's only key")
	c.Flags().StringVar(&s.comment, "comment", "", "a `sentence` that is signed with it")
}

// about is a flow whose rules are signed or approved.
type about struct {
	config   *config
	name     string
	flow     settings.Flow
	digest   string // of the rules
	dir      string // of the statements
	stem     string // of their names
	revision int
}

func (s *signing) about() (about, error) {
	c, err := loadConfig(s.configFile, s.env)
	if err != nil {
		return about{}, err
	}
	name, f, err := c.Named(s.flow)
	if err != nil {
		return about{}, err
	}
	switch {
	case s.as == "":
		return about{}, usage("--as PRINCIPAL is needed: who you are in the signers' file, such as alice@example.com")
	case len(f.Rules) == 0:
		return about{}, usage("flow %s has no rules to sign", name)
	}
	set, err := loadRules(c.RuleFiles(f))
	if err != nil {
		return about{}, err
	}
	return about{
		config: c, name: name, flow: f, digest: c.rulesDigest(set), dir: c.ApprovalsDir(f),
		stem: fmt.Sprintf("%s-r%d", name, set.Revision), revision: set.Revision,
	}, nil
}

func (ab about) planFile() string   { return filepath.Join(ab.dir, ab.stem+".plan.json") }
func (ab about) authorFile() string { return filepath.Join(ab.dir, ab.stem+".author") }

// statement is what is said of the rules, but for who says it.
func (ab about) statement(planDigest string) approval.Statement {
	return approval.Statement{
		Flow: ab.name, Source: ab.flow.From, Targets: []string{ab.flow.To}, Revision: ab.revision,
		Rules: ab.digest, Plan: planDigest, At: now().UTC(),
	}
}

func (s *signing) run(ctx context.Context) error {
	ab, err := s.about()
	if err != nil {
		return err
	}
	signer, done, err := s.sshSigner(s.key)
	if err != nil {
		return err
	}
	defer done()
	p, err := s.build(ctx, ab.name)
	if err != nil {
		return err
	}
	st := ab.statement(p.Digest())
	st.Kind, st.Author, st.Principal, st.Comment = approval.Author, s.as, s.as, s.comment
	st.AuthorKey = approval.Fingerprint(signer.PublicKey())
	if err := ab.listed(st, signer); err != nil {
		return err
	}
	file, err := approval.Sign(st, signer)
	if err != nil {
		return usage("%w", err)
	}
	decisions, err := json.MarshalIndent(p.Decisions(), "", " ")
	if err != nil {
		return err
	}
	if err := put(ab.planFile(), append(decisions, '\n')); err != nil {
		return err
	}
	if err := put(ab.authorFile(), file); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "signed     flow %s, revision %d of its rules, as %s\nrules      %s\nplan       %s (%d tables)\nwrote      %s\n           %s\nnext       commit both with the rules; somebody else runs masker approve --flow %s --as THEIR-PRINCIPAL\n",
		ab.name, ab.revision, report.Clean(s.as), ab.digest, p.Digest(), len(p.Tables), ab.planFile(), ab.authorFile(), ab.name)
	return err
}

// listed warns before a statement is made that nobody would count; where the flow names no signers it is not known.
func (ab about) listed(st approval.Statement, signer ssh.Signer) error {
	if ab.flow.Approvals.Signers == "" {
		return nil
	}
	list, _, err := ab.config.signers(ab.flow)
	if err != nil {
		return err
	}
	if err := list.May(st, signer.PublicKey()); err != nil {
		return usage("this would not count: %w; %s says who may sign", err, ab.flow.Approvals.Signers)
	}
	return nil
}

// put writes a statement where it belongs, whole or not at all.
func put(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.WriteFile(path+".tmp", data, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

// decided reads what the author's statement says every column becomes.
func (ab about) decided(digest string) (plan.Decisions, error) {
	data, err := os.ReadFile(ab.planFile())
	if err != nil {
		return plan.Decisions{}, usage("cannot read what the author decided: %w; masker sign writes it", err)
	}
	d, err := plan.ParseDecisions(data)
	if err != nil {
		return plan.Decisions{}, usage("%s: %w", ab.planFile(), err)
	}
	if d.Digest() != digest {
		return plan.Decisions{}, usage("%s is not the plan the author signed; masker sign again", ab.planFile())
	}
	return d, nil
}

// fileWord keeps a fingerprint's letters and digits.
func fileWord(fingerprint string) string {
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", r) {
			return r
		}
		return -1
	}, strings.TrimPrefix(fingerprint, "SHA256:"))
	return text[:min(8, len(text))]
}
