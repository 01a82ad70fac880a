package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/ruleset"
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
	flowFlag(c, &s.flow)
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
	stated   ruleset.Pos // where the rules state it
}

func (s *signing) about() (about, error) {
	c, name, f, err := s.named(s.flow)
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
		stem: fmt.Sprintf("%s-r%d", name, set.Revision), revision: set.Revision, stated: set.RevisionPos,
	}, nil
}

// planFile is the file of a plan. Its name holds the plan's digest: the same rules may have another plan tomorrow, because the schema
// changed, and the one that was approved stays beside it.
func (ab about) planFile(digest string) string {
	return filepath.Join(ab.dir, ab.stem+"."+short(digest)+planSuffix)
}

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
	p, err := ab.past()
	if err != nil {
		return err
	}
	if err := ab.held(p); err != nil {
		return err
	}
	signer, done, err := s.sshSigner(s.key)
	if err != nil {
		return err
	}
	defer done()
	pl, err := s.build(ctx, ab.name)
	if err != nil {
		return err
	}
	st := ab.statement(pl.Digest())
	st.Kind, st.Author, st.Principal, st.Comment = approval.Author, s.as, s.as, s.comment
	st.AuthorKey = approval.Fingerprint(signer.PublicKey())
	if err := ab.listed(st, signer); err != nil {
		return err
	}
	file, err := approval.Sign(st, signer)
	if err != nil {
		return usage("%w", err)
	}
	return s.write(ab, pl, file)
}

// write puts plan and statement beside the rules, the plan first: a statement without its plan could not be approved.
func (s *signing) write(ab about, p *plan.Plan, statement []byte) error {
	decisions, err := json.MarshalIndent(p.Decisions(), "", " ")
	if err != nil {
		return err
	}
	planned, stated := ab.planFile(p.Digest()), filepath.Join(ab.dir, ab.stem+"."+shortDigest(statement)+authorSuffix)
	if err := keep(planned, append(decisions, '\n')); err != nil {
		return err
	}
	if err := keep(stated, statement); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "signed     flow %s, revision %d of its rules, as %s\nrules      %s\nplan       %s (%d tables)\nwrote      %s\n           %s\n",
		ab.name, ab.revision, report.Clean(s.as), ab.digest, p.Digest(), len(p.Tables), planned, stated)
	if err != nil {
		return err
	}
	old, err := ab.superseded()
	for _, file := range old {
		fmt.Fprintf(s.out, "old        %s is of rules that nobody approved and that have changed; remove it\n", report.Clean(file))
	}
	fmt.Fprintf(s.out, "next       commit both with the rules; somebody else runs masker approve --flow %s --as THEIR-PRINCIPAL\n", ab.name)
	return err
}

// superseded are the author's statements of this revision about rules as they are no more. Nobody approved those: signing had been refused.
func (ab about) superseded() ([]string, error) {
	files, err := approvalFiles(ab.dir)
	var old []string
	for _, f := range files {
		if s, err := approval.Parse(f.Data); err == nil && s.Statement.Kind == approval.Author && s.Statement.Flow == ab.name &&
			s.Statement.Revision == ab.revision && s.Statement.Rules != ab.digest {
			old = append(old, filepath.Join(ab.dir, f.Name))
		}
	}
	return old, err
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
	if err := list.MaySign(st, signer.PublicKey()); err != nil {
		return usage("this would not count: %w; %s says who may sign", err, ab.flow.Approvals.Signers)
	}
	return nil
}

// decided reads what the author's statement says every column becomes.
func (ab about) decided(digest string) (plan.Decisions, error) {
	d, err := ab.config.keptPlan(ab.flow, digest)
	if err != nil {
		return d, usage("cannot read the plan the author signed (…%s in %s, digest %s): %w; masker sign again", planSuffix, ab.dir, digest, err)
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
