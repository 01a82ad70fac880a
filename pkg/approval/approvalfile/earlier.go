package approvalfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/review"
)

// Earlier is the plan with which masker compares the new plan for an approver.
type Earlier struct {
	Since string          // the digest of the plan for the new statement, or approval.Nothing
	plan  *plan.Decisions // nil if there is no earlier plan to compare with
	head  string          // the title of the list of differences
	all   string          // the title of a list of all decisions; "" if the differences are enough
	notes []string        // why other approvals were not used
}

// Earlier returns the last approved plan before the plan of st. If the files or the ledger name an earlier plan that is
// missing or was changed, Earlier returns a refusal. Without the refusal, an approver could believe that nothing was
// approved before.
func (h History) Earlier(st approval.Statement) (Earlier, error) {
	var e Earlier
	var tooFew, invalid *approval.PastApproval // the approval with too few people, and the approval that does not count
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
		case a.Approvers < h.flow.Required:
			e.notes = append(e.notes, fmt.Sprintf("revision %d was approved by %d of %d (%s)", s.Revision, a.Approvers, h.flow.Required, a.File))
			// With equal numbers of approvers, the oldest approval is used. If the newest were used, one person could
			// approve a plan, and so choose with which plan masker compares for the next approver.
			if tooFew == nil || a.Approvers >= tooFew.Approvers {
				tooFew = &h.approvals[i]
			}
			continue
		}
		if newer, err := h.useLedger(&e, s.Revision); newer || err != nil {
			return e, err
		}
		return e, h.flow.useApproval(&e, a, "which was approved"+otherSides(s, st))
	}
	if known, err := h.useLedger(&e, -1); known || err != nil {
		return e, err
	}
	switch {
	case tooFew != nil:
		return e, h.flow.useApproval(&e, *tooFew, fmt.Sprintf("which was approved by %d of the %d people that the flow requires now", tooFew.Approvers, h.flow.Required)+otherSides(tooFew.Statement, st))
	case invalid != nil:
		e.all = "no earlier approval counts today; all decisions of these rules"
		return e, h.flow.useApproval(&e, *invalid, "which "+invalid.Statement.Principal+" approved")
	}
	e.Since, e.all = approval.Nothing, "there is no earlier approval beside the rules or in the ledger; all decisions of these rules"
	if st.Revision > 1 {
		e.notes = append(e.notes, fmt.Sprintf("these rules are revision %d; look in version control whether somebody removed approvals of earlier revisions", st.Revision))
	}
	e.notes = append(e.notes, h.others...)
	return e, nil
}

// useApproval takes the plan for which the approval a was given as the earlier plan. The argument how is a text,
// which useApproval appends to the title of the list of differences.
func (fl Flow) useApproval(e *Earlier, a approval.PastApproval, how string) error {
	e.Since = a.Statement.Plan
	d, err := fl.Folders.Plan(a.Statement.Plan)
	switch {
	case errors.Is(err, ErrPlanOlder):
		e.all = otherVersion(a.Statement.Revision)
		return nil
	case err != nil:
		return refuse("%s approves revision %d, and the file of its plan (…%s, digest %s) cannot be read: %w; %s",
			a.File, a.Statement.Revision, PlanSuffix, a.Statement.Plan, err, fromVersionControl)
	}
	e.plan, e.head = &d, fmt.Sprintf("since revision %d, %s", a.Statement.Revision, how)
	return nil
}

// otherVersion returns the title of the list of all decisions, for the case that this version of masker cannot read the
// approved plan.
func otherVersion(revision int) string {
	return fmt.Sprintf("revision %d was approved with another version of masker, and this version cannot read that plan; all decisions of these rules", revision)
}

// otherSides names the source and the targets of an earlier approval, if they differ from the source and the target of
// st.
func otherSides(was, st approval.Statement) string {
	if was.Source == st.Source && slices.Equal(was.Targets, st.Targets) {
		return ""
	}
	return fmt.Sprintf(" from %s to %s", was.Source, strings.Join(was.Targets, ", "))
}

// useLedger uses the last published plan as the earlier plan if three conditions hold: the ledger says that the plan
// was approved, the plan's revision is not below the given revision, and no valid approval of the plan is beside the
// rules. If all three hold, somebody has removed the approval, or it no longer counts. The result is true if the plan
// was used.
func (h History) useLedger(e *Earlier, revision int) (bool, error) {
	l := h.flow.Last
	if !l.Approved || l.Revision < revision {
		return false, nil
	}
	gone := "is missing"
	for _, a := range h.approvals {
		switch {
		case a.Statement.Plan != l.Plan:
		case a.Why == "" && !a.Orphan:
			return false, nil
		default:
			gone = "does not count today"
		}
	}
	data, err := os.ReadFile(filepath.Join(h.flow.Plans, l.Plan+".json"))
	if err == nil {
		var d plan.Decisions
		if d, err = plan.ParseDecisions(data); err == nil && d.Digest() != l.Plan {
			err = ErrPlanMissing
		}
		e.plan = &d
	}
	switch {
	case err != nil && plan.FileDigest(data) == l.Plan:
		e.plan, e.all = nil, otherVersion(l.Revision)
	case err != nil:
		return false, refuse("the ledger says that revision %d was approved and published (run %s, plan %s), but its approval %s, and its plan is missing; restore %s from version control, and run again",
			l.Revision, l.Run, l.Plan, gone, h.flow.Folders[0])
	}
	e.Since = l.Plan
	e.head = fmt.Sprintf("since revision %d, which the ledger says was approved and published (run %s)", l.Revision, l.Run)
	e.notes = append(e.notes, fmt.Sprintf("the approval of revision %d in %s %s; look in version control who removed or changed it", l.Revision, h.flow.Folders[0], gone))
	return true, nil
}

// Write prints the notes and then the differences, the weaker decisions first.
func (e Earlier) Write(w *strings.Builder, decided plan.Decisions) {
	const most = 5 // many invalid files must not push the differences out of sight
	for i, n := range e.notes {
		if i == most {
			fmt.Fprintf(w, "note: and %d more\n", len(e.notes)-most)
			break
		}
		fmt.Fprintf(w, "note: %s\n", visible.Text(n))
	}
	list := func(was plan.Decisions, head string, counted bool) {
		changes := review.Diff(was, decided)
		if counted {
			head += ": " + spell.Count(len(changes), "change")
		} else {
			head += ":"
		}
		fmt.Fprintf(w, "%s\n", visible.Text(head))
		for _, c := range changes {
			fmt.Fprintf(w, "  %s\n", visible.Text(c.String()))
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

// Compared returns the earlier plan, or nil if the approver is shown all decisions.
func (e Earlier) Compared() *plan.Decisions {
	if e.all != "" {
		return nil
	}
	return e.plan
}
