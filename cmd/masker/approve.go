package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
)

func (a *app) approve() *cobra.Command {
	ap := approving{signing: signing{app: a}}
	c := &cobra.Command{
		Use:   "approve --as PRINCIPAL",
		Short: "Approve the rules somebody else signed, after seeing what changed",
		Long: "Approve shows what the signed rules decide differently from those approved last, asks, and writes your\n" +
			"signed approval beside the rules. It needs no connection: what every column becomes stands in the file\n" +
			"that masker sign wrote. You cannot approve what you signed as the author, under another name neither.",
		Example: "  masker approve --flow nightly --as bob@example.com --key ~/.ssh/id_ed25519.pub   # a key of the ssh-agent",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return ap.run() },
	}
	ap.flags(c)
	c.Flags().StringVar(&ap.expires, "expires", "180d", "how long it counts: `days` (90d) or hours (36h)")
	c.Flags().BoolVar(&ap.yes, "yes", false, "do not ask; the differences are shown all the same")
	return c
}

// approving is one approval.
type approving struct {
	signing
	expires string
	yes     bool
}

func (ap *approving) run() error {
	ab, err := ap.about()
	if err != nil {
		return err
	}
	lasts, err := parseDays(ap.expires)
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
	author, err := ab.author()
	if err != nil {
		return err
	}
	decided, err := ab.decided(author.Statement.Plan)
	if err != nil {
		return err
	}
	signer, done, err := ap.sshSigner(ap.key)
	if err != nil {
		return err
	}
	defer done()
	st := ab.statement(author.Statement.Plan)
	st.Kind, st.Principal, st.Comment, st.Expires = approval.Approval, ap.as, ap.comment, st.At.Add(lasts)
	st.Author, st.AuthorKey = author.Statement.Author, author.Statement.AuthorKey
	key := approval.Fingerprint(signer.PublicKey())
	switch {
	case strings.EqualFold(st.Principal, st.Author):
		return &coded{exitRefused, fmt.Errorf("refused: %s is the author of these rules; somebody else has to approve them", report.Clean(st.Author))}
	case key == st.AuthorKey:
		return &coded{exitRefused, errors.New("refused: this is the key the author signed with; an approval is made by another person with another key")}
	}
	if err := ab.listed(st, signer); err != nil {
		return err
	}
	if st.Since, err = ap.show(ab, p, decided, st); err != nil {
		return err
	}
	if err := ap.asked(); err != nil {
		return err
	}
	return ap.give(ab, st, signer)
}

// give signs the approval, writes it beside the rules, and puts it into the ledger.
func (ap *approving) give(ab about, st approval.Statement, signer ssh.Signer) error {
	file, err := approval.Sign(st, signer)
	if err != nil {
		return usage("%w", err)
	}
	key := approval.Fingerprint(signer.PublicKey())
	path := filepath.Join(ab.dir, ab.stem+"."+fileWord(key)+"."+shortDigest(file)+approvalSuffix)
	if err := keep(path, file); err != nil {
		return err
	}
	if err := ap.record(ab, st, key); err != nil {
		return err
	}
	_, err = fmt.Fprintf(ap.out, "approved   flow %s, revision %d of its rules, as %s, until %s\nwrote      %s\nnext       commit it; masker check says whether enough have approved\n",
		ab.name, ab.revision, report.Clean(ap.as), st.Expires.Format(time.DateOnly), path)
	return err
}

// author reads the author's latest statement about these rules. It is held against the signers' file, as every run does.
func (ab about) author() (approval.Signed, error) {
	files, err := approvalFiles(ab.dir)
	if err != nil {
		return approval.Signed{}, err
	}
	list, _, err := ab.config.signers(ab.flow)
	if err != nil {
		return approval.Signed{}, err
	}
	want := approval.Want{Flow: ab.name, Source: ab.flow.From, Target: ab.flow.To, Rules: ab.digest, Revision: ab.revision}
	var latest *approval.Signed
	var why []string
	for _, f := range files {
		signed, err := approval.Parse(f.Data)
		if filepath.Ext(f.Name) != authorSuffix || err == nil && (signed.Statement.Flow != ab.name || signed.Statement.Revision != ab.revision) {
			continue
		}
		v, err := approval.Judge(want, []approval.File{f}, list, now())
		switch {
		case err == nil && v.Author.Principal != "":
			if latest == nil || signed.Statement.At.After(latest.Statement.At) {
				latest = &signed
			}
		case len(v.Rejected) > 0:
			why = append(why, filepath.Join(ab.dir, f.Name)+": "+v.Rejected[0].Why)
		default:
			why = append(why, filepath.Join(ab.dir, f.Name)+": it does not count")
		}
	}
	switch {
	case latest != nil:
		return *latest, nil
	case why != nil:
		return approval.Signed{}, refuse("%s", strings.Join(why, "\n  "))
	}
	return approval.Signed{}, refuse("nobody has signed revision %d of these rules as their author; masker sign makes %s", ab.revision, filepath.Join(ab.dir, ab.stem+".…"+authorSuffix))
}

// show tells what is about to be approved: the differences from what was approved last, or everything. It returns the digest of what
// they are differences from.
func (ap *approving) show(ab about, p past, decided plan.Decisions, st approval.Statement) (since string, err error) {
	before, err := ab.before(p, st)
	if err != nil {
		return "", err
	}
	var w strings.Builder
	fmt.Fprintf(&w, "flow %s, from %s to %s, revision %d, signed by %s\n", ab.name, st.Source, strings.Join(st.Targets, ", "), st.Revision, report.Clean(st.Author))
	before.write(&w, decided)
	_, err = io.WriteString(ap.out, w.String())
	return before.since, err
}

// asked waits for a yes.
func (ap *approving) asked() error {
	if ap.yes {
		return nil
	}
	in, ok := ap.in.(*os.File)
	if !ok || !isTerminal(in) || !isTerminal(ap.err) {
		return usage("there is nobody to ask; read what is above, and give --yes")
	}
	fmt.Fprint(ap.err, "Approve this? (yes/no) ")
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "yes" {
		return &coded{exitFailed, errors.New("not approved; nothing was written")}
	}
	return nil
}

// record puts the approval into the ledger, where one is configured and already there; what counts is the signature.
func (ap *approving) record(ab about, st approval.Statement, key string) error {
	keys, err := ab.config.ledgerKey()
	if err != nil || len(keys) == 0 {
		return err
	}
	l, err := ab.config.openLedger()
	if err != nil {
		return err
	}
	err = l.Approve(ledger.Approval{Flow: ab.name, Rules: ab.digest, Plan: st.Plan, Principal: st.Principal, Fingerprint: key, Actor: actor(ap.env)})
	return errors.Join(err, l.Close())
}

// parseDays reads 90d or 36h.
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
