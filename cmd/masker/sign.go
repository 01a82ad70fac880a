package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/approval/approvalfile"
	"github.com/masker-project/masker/pkg/approval/sshkey"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
)

func (a *app) sign() *cobra.Command {
	s := signing{app: a}
	c := &cobra.Command{
		Use:   "sign --as PRINCIPAL",
		Short: "Sign a flow's rules as their author, so that somebody else can approve them",
		Long: "Sign makes the plan of the flow from the schema of its source, and reads no row. It writes two files into\n" +
			"the folder of approvals beside the rules: the plan, and your signed statement that you are the author of\n" +
			"these rules. Commit both files. Then somebody else runs masker approve.",
		Example: "  masker sign --flow nightly --as alice@example.com --key ~/.ssh/id_ed25519",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context()) },
	}
	s.flags(c)
	return c
}

// signing is one call of masker sign. approving embeds it.
type signing struct {
	*app
	flow, as, key, comment string
}

func (s *signing) flags(c *cobra.Command) {
	flowFlag(c, &s.flow)
	c.Flags().StringVar(&s.as, "as", "", "your `principal` (name) in the signers' file, such as alice@example.com")
	c.Flags().StringVar(&s.key, "key", "", "`file` of your SSH key, or of the public key of one in the ssh-agent. Default: the agent's only key")
	c.Flags().StringVar(&s.comment, "comment", "", "a `sentence` that becomes part of the signed statement")
}

// flowToSign is a flow whose rules somebody signs or approves.
type flowToSign struct {
	approvalfile.Flow
	config *config
	flow   settings.Flow
}

func (s *signing) readFlow() (fl flowToSign, err error) {
	c, name, f, err := s.findFlow(s.flow)
	if err != nil {
		return fl, err
	}
	switch {
	case s.as == "":
		return fl, usage("--as PRINCIPAL is needed: your name in the signers' file, such as alice@example.com")
	case len(f.Rules) == 0:
		return fl, usage("flow %s has no rules to sign", name)
	}
	set, err := loadRules(c.RuleFiles(f))
	if err != nil {
		return fl, err
	}
	fl = flowToSign{config: c, flow: f, Flow: approvalfile.Flow{
		Name: name, Source: f.From, Target: f.To, Folders: c.approvalFolders(f),
		Rules: c.rulesDigest(set), Revision: set.Revision, At: set.RevisionPos.String(),
		Required: max(1, c.GuardFlow(name, f).Approvals(false)),
	}}
	if f.Approvals.Signers != "" {
		if fl.Signers, _, err = c.signers(f); err != nil {
			return fl, err
		}
	}
	fl.Last, fl.Plans, err = c.published(name)
	return fl, err
}

// history returns the earlier approvals of the flow. It refuses rules that changed after their revision was approved.
func (fl flowToSign) history() (approvalfile.History, error) {
	h, err := fl.History()
	if err != nil {
		return h, asUnreadable(err)
	}
	return h, h.CheckRevision()
}

// asUnreadable turns an error about the files beside the rules into a usage error, unless it is a refusal.
func asUnreadable(err error) error {
	var refused *approvalfile.RefusedError
	if err == nil || errors.As(err, &refused) {
		return err
	}
	return usage("%w", err)
}

// approvalFolders returns the folders of approvals beside a flow's rule files.
func (c *config) approvalFolders(f settings.Flow) approvalfile.Folders {
	return approvalfile.Beside(c.ApprovalsDir(f), c.RuleFiles(f))
}

// published returns the flow's last published movement from the ledger, and the folder in which the ledger keeps plans.
// The result is zero if the ledger has no such movement, or does not exist.
func (c *config) published(flow string) (ledger.LastPublished, string, error) {
	keys, err := c.ledgerKey()
	if err != nil || len(keys) == 0 {
		return ledger.LastPublished{}, "", err
	}
	dir, o, err := c.ledgerAt()
	if err != nil {
		return ledger.LastPublished{}, "", err
	}
	l, err := ledger.Open(dir, o)
	if err != nil {
		return ledger.LastPublished{}, "", err
	}
	last, _ := l.Flow(flow)
	return last, filepath.Join(dir, "plans"), l.Close()
}

// statement returns a statement about the rules. The caller fills in the kind, the principal and the author.
func (fl flowToSign) statement(planDigest string) approval.Statement {
	return approval.Statement{
		Flow: fl.Name, Source: fl.Source, Targets: []string{fl.Target}, Revision: fl.Revision,
		Rules: fl.Rules, Plan: planDigest, At: now().UTC(),
	}
}

func (s *signing) run(ctx context.Context) error {
	fl, err := s.readFlow()
	if err != nil {
		return err
	}
	if _, err := fl.history(); err != nil {
		return err
	}
	signer, done, err := sshkey.Agent{Socket: s.env["SSH_AUTH_SOCK"]}.Signer(s.key)
	if err != nil {
		return usage("%w", err)
	}
	defer done()
	pl, err := s.build(ctx, fl.Name)
	if err != nil {
		return err
	}
	if err := fl.checkPrograms(pl); err != nil {
		return err
	}
	st := fl.statement(pl.Digest())
	st.Kind, st.Author, st.Principal, st.Comment = approval.Author, s.as, s.as, s.comment
	st.AuthorKey = approval.Fingerprint(signer.PublicKey())
	if err := fl.checkSigner(st, signer); err != nil {
		return err
	}
	file, err := approval.Sign(st, signer)
	if err != nil {
		return usage("%w", err)
	}
	return s.write(fl, pl, file)
}

// checkPrograms returns an error if a file of the plan's programs has no digest in its rule. An approval would not
// cover such a file.
func (fl flowToSign) checkPrograms(p *plan.Plan) error {
	runner, err := fl.config.programs(fl.Name)
	if err != nil {
		return err
	}
	notes, err := movement.Unpinned(runner, p)
	if err != nil || len(notes) == 0 {
		return err
	}
	return usage("%s", strings.Join(notes, "; "))
}

// write writes the plan and the statement beside the rules. It writes the plan first, because nobody can approve a
// statement without its plan.
func (s *signing) write(fl flowToSign, p *plan.Plan, statement []byte) error {
	decisions, err := json.MarshalIndent(p.Decisions(), "", " ")
	if err != nil {
		return err
	}
	// The name of the file has the plan's digest. If the schema changes, the same rules have a new plan, and it must
	// not replace the approved plan.
	planned := fl.File(approvalfile.Short(p.Digest()), approvalfile.PlanSuffix)
	stated := fl.File(approvalfile.DigestOf(statement), approvalfile.AuthorSuffix)
	if err := approvalfile.WriteOnce(planned, append(decisions, '\n')); err != nil {
		return err
	}
	texts, err := fl.writeTexts(p.Definitions)
	if err != nil {
		return err
	}
	if err := approvalfile.WriteOnce(stated, statement); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "signed     flow %s, revision %d of its rules, as %s\nrules      %s\nplan       %s (%d tables)\nwrote      %s\n           %s\n",
		fl.Name, fl.Revision, report.Clean(s.as), fl.Rules, p.Digest(), len(p.Tables), planned, stated)
	if err != nil {
		return err
	}
	if texts != "" {
		fmt.Fprintf(s.out, "           %s (%s for the approver to read; their texts may be data of production)\n", texts, spell.Count(len(p.Definitions), "definition"))
	}
	old, err := fl.Superseded()
	for _, file := range old {
		fmt.Fprintf(s.out, "old        %s is about an earlier form of this revision, which nobody approved; remove it\n", report.Clean(file))
	}
	fmt.Fprintf(s.out, "next       commit these files with the rules; then somebody else runs masker approve --flow %s --as THEIR-PRINCIPAL\n", fl.Name)
	return err
}

// writeTexts writes the texts of the definitions that an approver must read into a file beside the rules. It returns
// the name of the file, or "" if there are no such definitions.
func (fl flowToSign) writeTexts(list []plan.Definition) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	data, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		return "", err
	}
	data = append(data, '\n')
	file := fl.File(approvalfile.DigestOf(data), approvalfile.TextsSuffix)
	return file, approvalfile.WriteOnce(file, data)
}

// checkSigner returns an error if the signers' file does not let this key sign this statement. If the flow names no
// signers, there is nothing to check against.
func (fl flowToSign) checkSigner(st approval.Statement, signer ssh.Signer) error {
	if fl.flow.Approvals.Signers == "" {
		return nil
	}
	if err := fl.Signers.MaySign(st, signer.PublicKey()); err != nil {
		return usage("this statement would not count: %w; %s lists who may sign", err, fl.flow.Approvals.Signers)
	}
	return nil
}

// signedPlan reads the plan that the author signed.
func (fl flowToSign) signedPlan(digest string) (plan.Decisions, error) {
	d, err := fl.Folders.Plan(digest)
	if err != nil {
		return d, usage("cannot read the plan that the author signed (…%s in %s, digest %s): %w; run masker sign again", approvalfile.PlanSuffix, fl.Folders[0], digest, err)
	}
	return d, nil
}

// shortFingerprint returns the first 8 letters and digits of a fingerprint, for a file's name.
func shortFingerprint(fingerprint string) string {
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", r) {
			return r
		}
		return -1
	}, strings.TrimPrefix(fingerprint, "SHA256:"))
	return text[:min(8, len(text))]
}
