package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/review"
)

const fromVersionControl = "restore it from version control, and run again"

// past is what was approved of the flow before, as the files and the ledger at hand tell.
type past struct {
	given     []approval.PastApproval // the latest first
	others    []string                // what else lies beside the rules, for an approver who is shown no earlier plan
	published ledger.LastPublished    // the flow's last movement; zero where no ledger is at hand, or none knows the flow
}

func (ab about) past() (past, error) {
	files, err := ab.config.everyStatement(ab.flow)
	if err != nil {
		return past{}, err
	}
	var list approval.Signers // of nobody, where the flow names none
	if ab.flow.Approvals.Signers != "" {
		if list, _, err = ab.config.signers(ab.flow); err != nil {
			return past{}, err
		}
	}
	given, err := approval.History(ab.name, files, list)
	if err != nil {
		return past{}, refuse("%w. It may be the approval of an earlier plan: %s", err, fromVersionControl)
	}
	published, err := ab.config.published(ab.name)
	return past{given, ab.others(files), published}, err
}

// others tells of statements that are no approval of the flow and yet say that there was something before.
func (ab about) others(files []approval.File) []string {
	var notes []string
	for _, f := range files {
		s, err := approval.Parse(f.Data)
		st := s.Statement
		switch {
		case err != nil:
		case st.Flow != ab.name && st.Kind == approval.Approval:
			notes = append(notes, fmt.Sprintf("%s approves another flow: %s", f.Name, st.Flow))
		case st.Flow == ab.name && st.Kind == approval.Author && st.Rules != ab.digest:
			notes = append(notes, fmt.Sprintf("%s says that %s signed revision %d; no approval of it is here", f.Name, st.Author, st.Revision))
		}
	}
	return notes
}

// published is the flow's last published movement, as the ledger at hand knows it; zero where there is none.
func (c *config) published(flow string) (ledger.LastPublished, error) {
	keys, err := c.ledgerKey()
	if err != nil || len(keys) == 0 {
		return ledger.LastPublished{}, err
	}
	l, err := c.openLedger()
	if err != nil {
		return ledger.LastPublished{}, err
	}
	last, _ := l.Flow(flow)
	return last, l.Close()
}

// held refuses changed rules under a revision that was approved: the approval says what the revision is.
func (ab about) held(p past) error {
	next := max(ab.revision, p.published.Revision)
	for _, g := range p.given {
		if g.Why == "" { // anybody can make one that never counted, of any revision
			next = max(next, g.Statement.Revision)
		}
	}
	raise := fmt.Sprintf("write revision: %d at %s, then sign again", next+1, ab.stated)
	for _, g := range p.given {
		if g.Statement.Revision == ab.revision && g.Statement.Rules != ab.digest {
			return refuse("other rules were approved as revision %d of flow %s, by %s (%s); %s",
				ab.revision, ab.name, report.Clean(g.Statement.Principal), g.File, raise)
		}
	}
	if l := p.published; l.Approved && l.Revision == ab.revision && l.Rules != "" && l.Rules != ab.digest {
		return refuse("the ledger says that other rules were approved and published as revision %d of flow %s (run %s); %s", ab.revision, ab.name, l.Run, raise)
	}
	return nil
}

// before is what a plan is shown against.
type before struct {
	plan  *plan.Decisions // nil where everything is new
	since string          // digest of what was approved, for the statement
	head  string          // what that plan is
	all   string          // why everything is shown as well; "" where the differences say it all
	notes []string        // on approvals that were not taken
}

// before finds the plan that was approved last, other than the one that is about to be approved. It refuses rather than say
// that nothing was approved where something was and cannot be shown.
func (ab about) before(p past, st approval.Statement) (before, error) {
	required := max(1, ab.config.GuardFlow(ab.name, ab.flow).Approvals(false))
	var b before
	var fewer, void *approval.PastApproval
	for i, g := range p.given {
		s := g.Statement
		switch {
		case s.Revision == st.Revision && s.Rules == st.Rules && s.Plan == st.Plan:
			continue // another approver's of the same, or one that is renewed
		case g.Why != "":
			b.notes = append(b.notes, fmt.Sprintf("%s approved revision %d (%s); today that does not count: %s", s.Principal, s.Revision, g.File, g.Why))
			if void == nil {
				void = &p.given[i]
			}
			continue
		case g.Orphan:
			return b, refuse("%s approves revision %d, and the author's statement that it approves is gone, or was changed; %s", g.File, s.Revision, fromVersionControl)
		case g.Approvers < required:
			b.notes = append(b.notes, fmt.Sprintf("revision %d was approved by %d of %d (%s)", s.Revision, g.Approvers, required, g.File))
			if fewer == nil || g.Approvers >= fewer.Approvers { // of equals the oldest: nobody alone moves what others are shown
				fewer = &p.given[i]
			}
			continue
		}
		if newer, err := ab.fromLedger(p, s.Revision, &b); newer || err != nil {
			return b, err
		}
		return b, ab.since(&b, g, "which was approved"+elsewhere(s, st))
	}
	if known, err := ab.fromLedger(p, -1, &b); known || err != nil {
		return b, err
	}
	switch {
	case fewer != nil:
		return b, ab.since(&b, *fewer, fmt.Sprintf("which was approved by %d of the %d who are asked now", fewer.Approvers, required)+elsewhere(fewer.Statement, st))
	case void != nil:
		b.all = "no approval that counts today was given before; it decides all of this"
		return b, ab.since(&b, *void, "which "+void.Statement.Principal+" approved")
	}
	b.since, b.all = approval.Nothing, "nothing was approved before, as far as the files tell; it decides all of this"
	if st.Revision > 1 {
		b.notes = append(b.notes, fmt.Sprintf("these rules are revision %d; look in version control whether approvals of earlier ones were taken away", st.Revision))
	}
	b.notes = append(b.notes, p.others...)
	return b, nil
}

// since takes what an approval approved as the plan to show differences from.
func (ab about) since(b *before, g approval.PastApproval, how string) error {
	b.since = g.Statement.Plan
	d, err := ab.config.keptPlan(ab.flow, g.Statement.Plan)
	switch {
	case errors.Is(err, errPlanOlder):
		b.all = fmt.Sprintf("revision %d was approved with another version of masker, whose plan this one cannot compare; it decides all of this", g.Statement.Revision)
		return nil
	case err != nil:
		return refuse("%s approves revision %d, and the file of its plan (…%s, digest %s) cannot be read: %w; %s",
			g.File, g.Statement.Revision, planSuffix, g.Statement.Plan, err, fromVersionControl)
	}
	b.plan, b.head = &d, fmt.Sprintf("since revision %d, %s", g.Statement.Revision, how)
	return nil
}

// elsewhere names where another source or target was approved.
func elsewhere(was, st approval.Statement) string {
	if was.Source == st.Source && slices.Equal(was.Targets, st.Targets) {
		return ""
	}
	return fmt.Sprintf(" from %s to %s", was.Source, strings.Join(was.Targets, ", "))
}

// fromLedger takes what the ledger says was published with an approval, where that is later than a revision and its approval is not among
// the files: somebody deleted it.
func (ab about) fromLedger(p past, revision int, b *before) (bool, error) {
	l := p.published
	if !l.Approved || l.Revision < revision || slices.ContainsFunc(p.given, func(g approval.PastApproval) bool { return g.Why == "" && !g.Orphan && g.Statement.Plan == l.Plan }) {
		return false, nil
	}
	dir, _, err := ab.config.ledgerAt()
	if err != nil {
		return false, err
	}
	data, err := os.ReadFile(filepath.Join(dir, "plans", l.Plan+".json"))
	if err == nil {
		var d plan.Decisions
		if d, err = plan.ParseDecisions(data); err == nil && d.Digest() != l.Plan {
			err = errPlanGone
		}
		b.plan = &d
	}
	switch {
	case err != nil && plan.FileDigest(data) == l.Plan:
		b.plan, b.all = nil, fmt.Sprintf("revision %d was approved with another version of masker, whose plan this one cannot compare; it decides all of this", l.Revision)
	case err != nil:
		return false, refuse("the ledger says that revision %d was approved and published (run %s, plan %s), and neither its approval nor its plan is at hand; restore %s from version control, and run again",
			l.Revision, l.Run, l.Plan, ab.dir)
	}
	b.since = l.Plan
	b.head = fmt.Sprintf("since revision %d, which the ledger says was approved and published (run %s)", l.Revision, l.Run)
	b.notes = append(b.notes, fmt.Sprintf("the approval of revision %d is not in %s any more; look in version control who took it away", l.Revision, ab.dir))
	return true, nil
}

// write shows what is different, what a reviewer must not miss first.
func (b before) write(w *strings.Builder, decided plan.Decisions) {
	const most = 5 // a crowd of files that never counted hides nothing
	for i, n := range b.notes {
		if i == most {
			fmt.Fprintf(w, "note: and %d more\n", len(b.notes)-most)
			break
		}
		fmt.Fprintf(w, "note: %s\n", report.Clean(n))
	}
	list := func(was plan.Decisions, head string, counted bool) {
		changes := review.Diff(was, decided)
		if counted {
			head += ": " + spell.Count(len(changes), "change")
		} else {
			head += ":"
		}
		fmt.Fprintf(w, "%s\n", report.Clean(head))
		for _, c := range changes {
			fmt.Fprintf(w, "  %s\n", report.Clean(c.String()))
		}
	}
	if b.plan != nil {
		list(*b.plan, b.head, true)
	}
	if b.all != "" {
		none := review.Nothing(decided)
		none.Revision = decided.Revision
		list(none, b.all, false)
	}
}

// refuse says no for a reason of policy.
func refuse(format string, args ...any) error {
	return &coded{exitRefused, fmt.Errorf("refused: "+format, args...)}
}
