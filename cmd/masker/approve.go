package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/approval/approvalfile"
	"github.com/masker-project/masker/pkg/approval/sshkey"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/review"
)

func (a *app) approve() *cobra.Command {
	ap := approving{signing: signing{app: a}}
	c := &cobra.Command{
		Use:   "approve --as PRINCIPAL",
		Short: "Approve the rules that somebody else signed, after you have seen what changed",
		Long: "Approve shows what the signed rules decide differently from the rules that were approved last. It asks\n" +
			"you to confirm, and then writes your signed approval into the folder of approvals beside the rules.\n" +
			"Approve connects to no server, because masker sign wrote what every column becomes into a file.\n\n" +
			"An author cannot approve their own rules. Approve refuses the author's name and the author's key.",
		Example: "  masker approve --flow nightly --as bob@example.com --key ~/.ssh/id_ed25519.pub   # a key of the ssh-agent",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return ap.run() },
	}
	ap.flags(c)
	c.Flags().StringVar(&ap.expires, "expires", "180d", "how long the approval is valid: `days` (90d) or hours (36h)")
	c.Flags().BoolVar(&ap.yes, "yes", false, "do not ask for confirmation; approve still shows the differences")
	return c
}

// approving is one call of masker approve.
type approving struct {
	signing
	expires string
	yes     bool
}

func (ap *approving) run() error {
	fl, err := ap.readFlow()
	if err != nil {
		return err
	}
	lasts, err := parseDays(ap.expires)
	if err != nil {
		return err
	}
	h, err := fl.history()
	if err != nil {
		return err
	}
	if fl.flow.Approvals.Signers == "" {
		return usage("flow %s names no signers, so nobody can approve; approvals: {signers: FILE} names the file of those who may", fl.Name)
	}
	author, err := fl.Author(now())
	if err != nil {
		return asUnreadable(err)
	}
	decided, err := fl.signedPlan(author.Statement.Plan)
	if err != nil {
		return err
	}
	signer, done, err := sshkey.Agent{Socket: ap.env["SSH_AUTH_SOCK"]}.Signer(ap.key)
	if err != nil {
		return usage("%w", err)
	}
	defer done()
	st := fl.statement(author.Statement.Plan)
	st.Kind, st.Principal, st.Comment, st.Expires = approval.Approval, ap.as, ap.comment, st.At.Add(lasts)
	st.Author, st.AuthorKey = author.Statement.Author, author.Statement.AuthorKey
	key := approval.Fingerprint(signer.PublicKey())
	switch {
	case strings.EqualFold(st.Principal, st.Author):
		return &coded{exitRefused, fmt.Errorf("refused: %s is the author of these rules; somebody else has to approve them", report.Clean(st.Author))}
	case key == st.AuthorKey:
		return &coded{exitRefused, errors.New("refused: this is the key the author signed with; another person has to approve, with another key")}
	}
	if err := fl.checkSigner(st, signer); err != nil {
		return err
	}
	if st.Since, err = ap.showChanges(fl, h, decided, st); err != nil {
		return err
	}
	if err := ap.confirm(); err != nil {
		return err
	}
	return ap.finish(fl, st, signer)
}

// finish signs the approval, writes it beside the rules, and records it in the ledger.
func (ap *approving) finish(fl flowToSign, st approval.Statement, signer ssh.Signer) error {
	file, err := approval.Sign(st, signer)
	if err != nil {
		return usage("%w", err)
	}
	key := approval.Fingerprint(signer.PublicKey())
	path := fl.File(shortFingerprint(key)+"."+approvalfile.DigestOf(file), approvalfile.ApprovalSuffix)
	if err := approvalfile.WriteOnce(path, file); err != nil {
		return err
	}
	if err := ap.record(fl, st, key); err != nil {
		return err
	}
	_, err = fmt.Fprintf(ap.out, "approved   flow %s, revision %d of its rules, as %s, until %s\nwrote      %s\nnext       commit this file; masker check says whether enough people have approved\n",
		fl.Name, fl.Revision, report.Clean(ap.as), st.Expires.Format(time.DateOnly), path)
	return err
}

// showChanges prints the differences from the plan that was approved before, or else the whole plan, then the hooks and
// the definitions that an approver must read. It returns the digest of that plan, or approval.Nothing if there is none.
func (ap *approving) showChanges(fl flowToSign, h approvalfile.History, decided plan.Decisions, st approval.Statement) (since string, err error) {
	earlier, err := h.Earlier(st)
	if err != nil {
		return "", err
	}
	var w strings.Builder
	fmt.Fprintf(&w, "flow %s, from %s to %s, revision %d, signed by %s\n", fl.Name, st.Source, strings.Join(st.Targets, ", "), st.Revision, report.Clean(st.Author))
	earlier.Write(&w, decided)
	definitions, err := fl.Folders.Definitions(decided)
	if err != nil {
		return "", usage("%w", err)
	}
	scripts, known := review.DefinitionScripts(definitions, earlier.Compared())
	if err := review.WriteScripts(&w, append(review.Scripts(decided), scripts...)); err != nil {
		return "", err
	}
	if len(known) > 0 {
		fmt.Fprintf(&w, "\nas approved: %s\n", report.Clean(strings.Join(known, ", ")))
	}
	_, err = io.WriteString(ap.out, w.String())
	return earlier.Since, err
}

// confirm asks the user for a yes, unless the command has the flag --yes. It returns an error for any other answer, or
// if there is no terminal to ask on.
func (ap *approving) confirm() error {
	if ap.yes {
		return nil
	}
	in, ok := ap.in.(*os.File)
	if !ok || !isTerminal(in) || !isTerminal(ap.err) {
		return usage("there is no terminal to ask on; read the changes above, and approve them with --yes")
	}
	fmt.Fprint(ap.err, "Approve this? (yes/no) ")
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "yes" {
		return &coded{exitFailed, errors.New("not approved; nothing was written")}
	}
	return nil
}

// record writes the approval into the ledger, if the configuration names a ledger that has at least one record.
// Otherwise it does nothing. It never makes a ledger, because only the signature beside the rules makes an approval
// count.
func (ap *approving) record(fl flowToSign, st approval.Statement, key string) error {
	keys, err := fl.config.ledgerKey()
	if err != nil || len(keys) == 0 {
		return err
	}
	l, err := fl.config.openLedger()
	if err != nil {
		return err
	}
	err = l.Approve(ledger.Approval{Flow: fl.Name, Rules: fl.Rules, Plan: st.Plan, Principal: st.Principal, Fingerprint: key, Actor: actor(ap.env)})
	return errors.Join(err, l.Close())
}

// parseDays reads a duration in days or hours, such as 90d or 36h.
func parseDays(text string) (time.Duration, error) {
	m := regexp.MustCompile(`^([1-9][0-9]{0,4})([dh])$`).FindStringSubmatch(text)
	if m == nil {
		return 0, usage("--expires %q: want days (90d) or hours (36h)", text)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, usage("--expires %q: want days (90d) or hours (36h)", text)
	}
	if m[2] == "d" {
		n *= 24
	}
	return time.Duration(n) * time.Hour, nil
}
