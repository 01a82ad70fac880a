package approval

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// PastApproval is an approval that somebody gave. Perhaps it no longer counts.
type PastApproval struct {
	File      string
	Statement Statement
	// Approvers is how many people had approved these rules and this plan when this approval was given. The count
	// uses the present signers' file.
	Approvers int
	// Why says why the approval does not count by the present signers' file. It is "" if the approval counts.
	Why string
	// Orphan is true if no file has the author's statement.
	Orphan bool
}

// History returns all approvals of a flow: of all revisions, rules, sources and targets. They are sorted by revision
// and time, the latest first. The result also has approvals that no longer count, with the reason: expired approvals,
// and approvals whose key is revoked or no longer listed. So later approvers can see who approved what. History leaves
// out approvals that the author signed, because they never counted.
//
// If an approval's file is damaged, History returns an error that names the file.
func History(flow string, files []File, signers Signers) ([]PastApproval, error) {
	var list []PastApproval
	for _, f := range files {
		s, err := Parse(f.Data)
		if err == nil && s.Statement.Flow != flow {
			continue
		}
		if err == nil {
			err = s.verify()
		}
		switch approval := strings.HasSuffix(f.Name, ".approval"); {
		case err != nil && approval:
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		case err != nil || s.Statement.Kind != Approval || selfApproved(s):
			continue
		}
		list = append(list, pastApproval(f.Name, s, files, signers))
	}
	slices.SortStableFunc(list, func(a, b PastApproval) int {
		return cmp.Or(cmp.Compare(b.Statement.Revision, a.Statement.Revision), b.Statement.At.Compare(a.Statement.At))
	})
	return list, nil
}

// selfApproved reports whether the author signed the approval. Such an approval never counted.
func selfApproved(s Signed) bool {
	return strings.EqualFold(s.Statement.Principal, s.Statement.Author) || s.fingerprint() == s.Statement.AuthorKey
}

func pastApproval(file string, s Signed, files []File, signers Signers) PastApproval {
	st := s.Statement
	p := PastApproval{File: file, Statement: st}
	if err := signers.Allows(s, st.At); err != nil {
		p.Why = err.Error()
	}
	author := authorStatement(st, files)
	p.Orphan = author == nil
	if p.Why != "" || p.Orphan {
		return p
	}
	if err := signers.Allows(*author, author.Statement.At); err != nil {
		p.Why = "its author does not count: " + err.Error()
		return p
	}
	want := Want{Flow: st.Flow, Source: st.Source, Target: st.Targets[0], Rules: st.Rules, Revision: st.Revision, Required: 1}
	v, err := Judge(want, files, signers, st.At)
	of, counted := v.ForPlan(st.Plan)
	p.Approvers = len(of.Approvers)
	if !counted {
		p.Why = "it did not count when it was given"
		if err != nil {
			p.Why = err.Error()
		}
	}
	return p
}

// authorStatement returns the author's statement that an approval is about. If no file holds this statement, the
// result is nil.
func authorStatement(st Statement, files []File) *Signed {
	for _, f := range files {
		s, err := Parse(f.Data)
		if err != nil || s.verify() != nil {
			continue
		}
		a := s.Statement
		if a.Kind == Author && a.Flow == st.Flow && a.Revision == st.Revision && a.Rules == st.Rules && a.Plan == st.Plan &&
			a.Author == st.Author && a.AuthorKey == st.AuthorKey && s.fingerprint() == st.AuthorKey {
			return &s
		}
	}
	return nil
}
