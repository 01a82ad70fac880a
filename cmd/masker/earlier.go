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

// history is what the files beside the rules and the ledger say about earlier approvals of a flow.
type history struct {
	approvals []approval.PastApproval // the latest first
	others    []string                // notes on other statements beside the rules, for an approver who is shown no earlier plan
	published ledger.LastPublished    // the flow's last published movement; zero if the ledger has none or does not exist
}

func (fl flowToSign) history() (history, error) {
	files, err := fl.config.allStatements(fl.flow)
	if err != nil {
		return history{}, err
	}
	var list approval.Signers // empty if the flow names no signers
	if fl.flow.Approvals.Signers != "" {
		if list, _, err = fl.config.signers(fl.flow); err != nil {
			return history{}, err
		}
	}
	approvals, err := approval.History(fl.name, files, list)
	if err != nil {
		return history{}, refuse("%w. It may be the approval of an earlier plan: %s", err, fromVersionControl)
	}
	published, err := fl.config.published(fl.name)
	return history{approvals, fl.others(files), published}, err
}

// others returns notes on two kinds of statements: approvals of other flows, and the author's statements about other
// rules of this flow. These statements can show that an earlier approval is missing.
func (fl flowToSign) others(files []approval.File) []string {
	var notes []string
	for _, f := range files {
		s, err := approval.Parse(f.Data)
		st := s.Statement
		switch {
		case err != nil:
		case st.Flow != fl.name && st.Kind == approval.Approval:
			notes = append(notes, fmt.Sprintf("%s approves another flow: %s", f.Name, st.Flow))
		case st.Flow == fl.name && st.Kind == approval.Author && st.Rules != fl.digest:
			notes = append(notes, fmt.Sprintf("%s says that %s signed revision %d, and there is no approval of that revision", f.Name, st.Author, st.Revision))
		}
	}
	return notes
}

// published returns the flow's last published movement from the ledger. The result is zero if the ledger has no such
// movement, or does not exist.
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

// checkRevision refuses rules that changed after their revision was approved. An approval is for one revision, so
// changed rules need a new number.
func (fl flowToSign) checkRevision(h history) error {
	next := max(fl.revision, h.published.Revision)
	for _, a := range h.approvals {
		if a.Why == "" { // anybody can write an approval that does not count, with any revision
			next = max(next, a.Statement.Revision)
		}
	}
	raise := fmt.Sprintf("write revision: %d at %s, then sign again", next+1, fl.revisionPos)
	for _, a := range h.approvals {
		if a.Statement.Revision == fl.revision && a.Statement.Rules != fl.digest {
			return refuse("other rules were approved as revision %d of flow %s, by %s (%s); %s",
				fl.revision, fl.name, report.Clean(a.Statement.Principal), a.File, raise)
		}
	}
	if l := h.published; l.Approved && l.Revision == fl.revision && l.Rules != "" && l.Rules != fl.digest {
		return refuse("the ledger says that other rules were approved and published as revision %d of flow %s (run %s); %s", fl.revision, fl.name, l.Run, raise)
	}
	return nil
}

// earlierPlan is the plan with which masker compares the new plan for an approver.
type earlierPlan struct {
	plan  *plan.Decisions // nil if there is no earlier plan to compare with
	since string          // the digest of plan for the new statement, or approval.Nothing
	head  string          // the title of the list of differences
	all   string          // the title of a list of all decisions; "" if the differences are enough
	notes []string        // why other approvals were not used
}

// earlierPlan returns the last approved plan before the plan of st. If the files or the ledger name an earlier plan
// that cannot be read, earlierPlan returns a refusal. Otherwise an approver could believe that nothing was approved
// before.
func (fl flowToSign) earlierPlan(h history, st approval.Statement) (earlierPlan, error) {
	required := max(1, fl.config.GuardFlow(fl.name, fl.flow).Approvals(false))
	var e earlierPlan
	var tooFew, invalid *approval.PastApproval // approved by too few people; does not count
	for i, a := range h.approvals {
		s := a.Statement
		switch {
		case s.Revision == st.Revision && s.Rules == st.Rules && s.Plan == st.Plan:
			continue // another approver of the same plan, or an approval that is renewed
		case a.Why != "":
			e.notes = append(e.notes, fmt.Sprintf("%s approved revision %d (%s), and that approval does not count today: %s", s.Principal, s.Revision, a.File, a.Why))
			if invalid == nil {
				invalid = &h.approvals[i]
			}
			continue
		case a.Orphan:
			return e, refuse("%s approves revision %d, but the author's statement for it is missing or was changed; %s", a.File, s.Revision, fromVersionControl)
		case a.Approvers < required:
			e.notes = append(e.notes, fmt.Sprintf("revision %d was approved by %d of %d (%s)", s.Revision, a.Approvers, required, a.File))
			// Among equal numbers of approvers, the oldest approval is used. Otherwise one person could choose the plan
			// that the others see.
			if tooFew == nil || a.Approvers >= tooFew.Approvers {
				tooFew = &h.approvals[i]
			}
			continue
		}
		if newer, err := fl.useLedger(&e, h, s.Revision); newer || err != nil {
			return e, err
		}
		return e, fl.useApproval(&e, a, "which was approved"+otherSides(s, st))
	}
	if known, err := fl.useLedger(&e, h, -1); known || err != nil {
		return e, err
	}
	switch {
	case tooFew != nil:
		return e, fl.useApproval(&e, *tooFew, fmt.Sprintf("which was approved by %d of the %d people that the flow requires now", tooFew.Approvers, required)+otherSides(tooFew.Statement, st))
	case invalid != nil:
		e.all = "no earlier approval counts today; all decisions of these rules"
		return e, fl.useApproval(&e, *invalid, "which "+invalid.Statement.Principal+" approved")
	}
	e.since, e.all = approval.Nothing, "there is no earlier approval beside the rules or in the ledger; all decisions of these rules"
	if st.Revision > 1 {
		e.notes = append(e.notes, fmt.Sprintf("these rules are revision %d; look in version control whether somebody removed approvals of earlier revisions", st.Revision))
	}
	e.notes = append(e.notes, h.others...)
	return e, nil
}

// useApproval uses the plan that a was given for as the earlier plan. The text of how is appended to the title of the
// list of differences.
func (fl flowToSign) useApproval(e *earlierPlan, a approval.PastApproval, how string) error {
	e.since = a.Statement.Plan
	d, err := fl.config.findPlan(fl.flow, a.Statement.Plan)
	switch {
	case errors.Is(err, errPlanOlder):
		e.all = otherVersion(a.Statement.Revision)
		return nil
	case err != nil:
		return refuse("%s approves revision %d, and the file of its plan (…%s, digest %s) cannot be read: %w; %s",
			a.File, a.Statement.Revision, planSuffix, a.Statement.Plan, err, fromVersionControl)
	}
	e.plan, e.head = &d, fmt.Sprintf("since revision %d, %s", a.Statement.Revision, how)
	return nil
}

// otherVersion returns the title of the list of all decisions, for the case that this version of masker cannot read the
// approved plan.
func otherVersion(revision int) string {
	return fmt.Sprintf("revision %d was approved with another version of masker, and this version cannot read that plan; all decisions of these rules", revision)
}

// otherSides names the source and the targets of an earlier approval, if they are not those of st.
func otherSides(was, st approval.Statement) string {
	if was.Source == st.Source && slices.Equal(was.Targets, st.Targets) {
		return ""
	}
	return fmt.Sprintf(" from %s to %s", was.Source, strings.Join(was.Targets, ", "))
}

// useLedger uses the last published plan as the earlier plan if three conditions hold: the ledger says that the plan
// was approved, the plan's revision is not below the given revision, and no valid approval of the plan is beside the
// rules. In this case somebody has removed the approval. The result is true if the plan was used.
func (fl flowToSign) useLedger(e *earlierPlan, h history, revision int) (bool, error) {
	l := h.published
	if !l.Approved || l.Revision < revision || slices.ContainsFunc(h.approvals, func(a approval.PastApproval) bool { return a.Why == "" && !a.Orphan && a.Statement.Plan == l.Plan }) {
		return false, nil
	}
	dir, _, err := fl.config.ledgerAt()
	if err != nil {
		return false, err
	}
	data, err := os.ReadFile(filepath.Join(dir, "plans", l.Plan+".json"))
	if err == nil {
		var d plan.Decisions
		if d, err = plan.ParseDecisions(data); err == nil && d.Digest() != l.Plan {
			err = errPlanGone
		}
		e.plan = &d
	}
	switch {
	case err != nil && plan.FileDigest(data) == l.Plan:
		e.plan, e.all = nil, otherVersion(l.Revision)
	case err != nil:
		return false, refuse("the ledger says that revision %d was approved and published (run %s, plan %s), but both its approval and its plan are missing; restore %s from version control, and run again",
			l.Revision, l.Run, l.Plan, fl.dir)
	}
	e.since = l.Plan
	e.head = fmt.Sprintf("since revision %d, which the ledger says was approved and published (run %s)", l.Revision, l.Run)
	e.notes = append(e.notes, fmt.Sprintf("the approval of revision %d is missing in %s; look in version control who removed it", l.Revision, fl.dir))
	return true, nil
}

// write prints the notes and then the differences, the weaker decisions first.
func (e earlierPlan) write(w *strings.Builder, decided plan.Decisions) {
	const most = 5 // many invalid files must not push the differences out of sight
	for i, n := range e.notes {
		if i == most {
			fmt.Fprintf(w, "note: and %d more\n", len(e.notes)-most)
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
	if e.plan != nil {
		list(*e.plan, e.head, true)
	}
	if e.all != "" {
		none := review.Nothing(decided)
		none.Revision = decided.Revision
		list(none, e.all, false)
	}
}

// refuse returns an error that ends masker with the exit code of a refusal by policy.
func refuse(format string, args ...any) error {
	return &coded{exitRefused, fmt.Errorf("refused: "+format, args...)}
}
