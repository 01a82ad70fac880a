package approvalfile

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/ledger"
)

const fromVersionControl = "restore it from version control, and run again"

// Flow is a flow whose rules somebody signs or approves.
type Flow struct {
	Name     string
	Source   string // the names of the environments
	Target   string
	Folders  Folders
	Rules    string // the digest of the rules
	Revision int
	At       string               // the position of the revision in the rules
	Signers  approval.Signers     // empty if the flow names no signers
	Required int                  // how many people have to approve
	Last     ledger.LastPublished // the flow's last published movement; zero if the ledger has none or does not exist
	Plans    string               // the folder in which the ledger keeps plans
}

// File returns the path of a new file of the flow. Its name has the flow, the revision and the given middle part.
func (fl Flow) File(middle, suffix string) string {
	return filepath.Join(fl.Folders[0], fmt.Sprintf("%s-r%d.%s%s", fl.Name, fl.Revision, middle, suffix))
}

// History is what the files beside the rules say about earlier approvals of a flow.
type History struct {
	flow      Flow
	approvals []approval.PastApproval // earlier approvals, the latest first
	others    []string                // notes on other statements, for an approver who is shown no earlier plan
}

// History reads the earlier approvals of the flow.
func (fl Flow) History() (History, error) {
	files, err := fl.Folders.Statements()
	if err != nil {
		return History{}, err
	}
	approvals, err := approval.History(fl.Name, files, fl.Signers)
	if err != nil {
		return History{}, refuse("%w. It may be the approval of an earlier plan: %s", err, fromVersionControl)
	}
	return History{fl, approvals, fl.others(files)}, nil
}

// others returns notes on two kinds of statements: approvals of other flows, and the author's statements about other
// rules of this flow. These statements can show that an earlier approval is missing.
func (fl Flow) others(files []approval.File) []string {
	var notes []string
	for _, f := range files {
		s, err := approval.Parse(f.Data)
		st := s.Statement
		switch {
		case err != nil:
		case st.Flow != fl.Name && st.Kind == approval.Approval:
			notes = append(notes, fmt.Sprintf("%s approves another flow: %s", f.Name, st.Flow))
		case st.Flow == fl.Name && st.Kind == approval.Author && st.Rules != fl.Rules:
			notes = append(notes, fmt.Sprintf("%s says that %s signed revision %d, and there is no approval of that revision", f.Name, st.Author, st.Revision))
		}
	}
	return notes
}

// CheckRevision refuses rules that changed after their revision was approved. An approval is for one revision, so
// changed rules need a new number.
func (h History) CheckRevision() error {
	fl := h.flow
	next := max(fl.Revision, fl.Last.Revision)
	for _, a := range h.approvals {
		if a.Why == "" { // anybody can write an approval that does not count, with any revision
			next = max(next, a.Statement.Revision)
		}
	}
	raise := fmt.Sprintf("write revision: %d at %s, then sign again", next+1, fl.At)
	for _, a := range h.approvals {
		if a.Statement.Revision == fl.Revision && a.Statement.Rules != fl.Rules {
			return refuse("other rules were approved as revision %d of flow %s, by %s (%s); %s",
				fl.Revision, fl.Name, visible.Text(a.Statement.Principal), a.File, raise)
		}
	}
	if l := fl.Last; l.Approved && l.Revision == fl.Revision && l.Rules != "" && l.Rules != fl.Rules {
		return refuse("the ledger says that other rules were approved and published as revision %d of flow %s (run %s); %s", fl.Revision, fl.Name, l.Run, raise)
	}
	return nil
}

// Author returns the author's latest valid statement about these rules. It checks the statements against the signers,
// as a run does.
func (fl Flow) Author(now time.Time) (approval.Signed, error) {
	files, err := Statements(fl.Folders[0])
	if err != nil {
		return approval.Signed{}, err
	}
	want := approval.Want{Flow: fl.Name, Source: fl.Source, Target: fl.Target, Rules: fl.Rules, Revision: fl.Revision}
	var latest *approval.Signed
	var why []string
	for _, f := range files {
		signed, err := approval.Parse(f.Data)
		if filepath.Ext(f.Name) != AuthorSuffix || err == nil && (signed.Statement.Flow != fl.Name || signed.Statement.Revision != fl.Revision) {
			continue
		}
		v, err := approval.Judge(want, []approval.File{f}, fl.Signers, now)
		switch {
		case err == nil && v.Author.Principal != "":
			if latest == nil || signed.Statement.At.After(latest.Statement.At) {
				latest = &signed
			}
		case len(v.Rejected) > 0:
			why = append(why, filepath.Join(fl.Folders[0], f.Name)+": "+v.Rejected[0].Why)
		default:
			why = append(why, filepath.Join(fl.Folders[0], f.Name)+": the statement does not count for these rules")
		}
	}
	switch {
	case latest != nil:
		return *latest, nil
	case why != nil:
		return approval.Signed{}, refuse("%s", strings.Join(why, "\n  "))
	}
	return approval.Signed{}, refuse("nobody has signed revision %d of these rules as their author; masker sign makes %s", fl.Revision, fl.File("…", AuthorSuffix))
}

// Superseded returns the files of the author's statements that have this revision but are about other rules. Nobody has
// approved these other rules, because in that case CheckRevision would have refused.
func (fl Flow) Superseded() ([]string, error) {
	files, err := Statements(fl.Folders[0])
	var old []string
	for _, f := range files {
		if s, err := approval.Parse(f.Data); err == nil && s.Statement.Kind == approval.Author && s.Statement.Flow == fl.Name &&
			s.Statement.Revision == fl.Revision && s.Statement.Rules != fl.Rules {
			old = append(old, filepath.Join(fl.Folders[0], f.Name))
		}
	}
	return old, err
}
