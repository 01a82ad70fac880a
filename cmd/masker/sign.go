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
	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/ruleset"
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
	config      *config
	name        string
	flow        settings.Flow
	digest      string // of the rules
	dir         string // the folder of statements and plans
	stem        string // the beginning of their file names: FLOW-rREVISION
	revision    int
	revisionPos ruleset.Pos // of the revision in the rules
}

func (s *signing) readFlow() (flowToSign, error) {
	c, name, f, err := s.findFlow(s.flow)
	if err != nil {
		return flowToSign{}, err
	}
	switch {
	case s.as == "":
		return flowToSign{}, usage("--as PRINCIPAL is needed: your name in the signers' file, such as alice@example.com")
	case len(f.Rules) == 0:
		return flowToSign{}, usage("flow %s has no rules to sign", name)
	}
	set, err := loadRules(c.RuleFiles(f))
	if err != nil {
		return flowToSign{}, err
	}
	return flowToSign{
		config: c, name: name, flow: f, digest: c.rulesDigest(set), dir: c.ApprovalsDir(f),
		stem: fmt.Sprintf("%s-r%d", name, set.Revision), revision: set.Revision, revisionPos: set.RevisionPos,
	}, nil
}

// planFile returns the path of a plan's file. The name holds the plan's digest. If the schema changes, the same rules
// have a new plan, and the approved plan must not be overwritten.
func (fl flowToSign) planFile(digest string) string {
	return filepath.Join(fl.dir, fl.stem+"."+short(digest)+planSuffix)
}

// statement returns a statement about the rules. The caller fills in the kind, the principal and the author.
func (fl flowToSign) statement(planDigest string) approval.Statement {
	return approval.Statement{
		Flow: fl.name, Source: fl.flow.From, Targets: []string{fl.flow.To}, Revision: fl.revision,
		Rules: fl.digest, Plan: planDigest, At: now().UTC(),
	}
}

func (s *signing) run(ctx context.Context) error {
	fl, err := s.readFlow()
	if err != nil {
		return err
	}
	h, err := fl.history()
	if err != nil {
		return err
	}
	if err := fl.checkRevision(h); err != nil {
		return err
	}
	signer, done, err := s.sshSigner(s.key)
	if err != nil {
		return err
	}
	defer done()
	pl, err := s.build(ctx, fl.name)
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
	runner, err := fl.config.programs(fl.name)
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
	planned, stated := fl.planFile(p.Digest()), filepath.Join(fl.dir, fl.stem+"."+shortDigest(statement)+authorSuffix)
	if err := writeOnce(planned, append(decisions, '\n')); err != nil {
		return err
	}
	texts, err := fl.writeTexts(p.Definitions)
	if err != nil {
		return err
	}
	if err := writeOnce(stated, statement); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "signed     flow %s, revision %d of its rules, as %s\nrules      %s\nplan       %s (%d tables)\nwrote      %s\n           %s\n",
		fl.name, fl.revision, report.Clean(s.as), fl.digest, p.Digest(), len(p.Tables), planned, stated)
	if err != nil {
		return err
	}
	if texts != "" {
		fmt.Fprintf(s.out, "           %s (%s for the approver to read; their texts may be data of production)\n", texts, spell.Count(len(p.Definitions), "definition"))
	}
	old, err := fl.superseded()
	for _, file := range old {
		fmt.Fprintf(s.out, "old        %s is about an earlier form of this revision, which nobody approved; remove it\n", report.Clean(file))
	}
	fmt.Fprintf(s.out, "next       commit these files with the rules; then somebody else runs masker approve --flow %s --as THEIR-PRINCIPAL\n", fl.name)
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
	file := filepath.Join(fl.dir, fl.stem+"."+shortDigest(data)+textsSuffix)
	return file, writeOnce(file, data)
}

// superseded returns the files of the author's statements that have this revision but are about other rules. Nobody has
// approved these other rules. Otherwise checkRevision would have refused to sign.
func (fl flowToSign) superseded() ([]string, error) {
	files, err := readStatements(fl.dir)
	var old []string
	for _, f := range files {
		if s, err := approval.Parse(f.Data); err == nil && s.Statement.Kind == approval.Author && s.Statement.Flow == fl.name &&
			s.Statement.Revision == fl.revision && s.Statement.Rules != fl.digest {
			old = append(old, filepath.Join(fl.dir, f.Name))
		}
	}
	return old, err
}

// checkSigner returns an error if the signers' file does not let this key sign this statement. If the flow names no
// signers, there is nothing to check against.
func (fl flowToSign) checkSigner(st approval.Statement, signer ssh.Signer) error {
	if fl.flow.Approvals.Signers == "" {
		return nil
	}
	list, _, err := fl.config.signers(fl.flow)
	if err != nil {
		return err
	}
	if err := list.MaySign(st, signer.PublicKey()); err != nil {
		return usage("this statement would not count: %w; %s lists who may sign", err, fl.flow.Approvals.Signers)
	}
	return nil
}

// signedPlan reads the plan that the author signed.
func (fl flowToSign) signedPlan(digest string) (plan.Decisions, error) {
	d, err := fl.config.findPlan(fl.flow, digest)
	if err != nil {
		return d, usage("cannot read the plan that the author signed (…%s in %s, digest %s): %w; run masker sign again", planSuffix, fl.dir, digest, err)
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
