package approval

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Past is an approval that somebody gave, whether or not it still counts.
type Past struct {
	File      string
	Statement Statement
	// Approvers is how many people had approved these rules and this plan when it was given, by the signers' file as it is.
	Approvers int
	// Why says why it does not count by the signers' file as it is; "" where it counts.
	Why string
	// Orphan is true where the author's statement that it approves is not among the files.
	Orphan bool
}

// History is every approval of a flow, of whatever revision, rules, source and target, the latest first: by revision, then by
// time. An approval that expired stays in it, and so does one whose key is revoked or no longer listed, with the reason: those
// who were asked said yes, and later approvers are to know it. The error names a file that is damaged, because it may
// have been one of them.
func History(flow string, files []File, signers Signers) ([]Past, error) {
	var list []Past
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
		list = append(list, past(f.Name, s, files, signers))
	}
	slices.SortStableFunc(list, func(a, b Past) int {
		return cmp.Or(cmp.Compare(b.Statement.Revision, a.Statement.Revision), b.Statement.At.Compare(a.Statement.At))
	})
	return list, nil
}

// selfApproved is true where the author signed, which never was an approval.
func selfApproved(s Signed) bool {
	return strings.EqualFold(s.Statement.Principal, s.Statement.Author) || s.fingerprint() == s.Statement.AuthorKey
}

func past(file string, s Signed, files []File, signers Signers) Past {
	st := s.Statement
	p := Past{File: file, Statement: st}
	if err := signers.Allows(s, st.At); err != nil {
		p.Why = err.Error()
	}
	author := authored(st, files)
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
	of, counted := v.Of(st.Plan)
	p.Approvers = len(of.Approvers)
	if !counted {
		p.Why = "it did not count when it was given"
		if err != nil {
			p.Why = err.Error()
		}
	}
	return p
}

// authored is the author's statement of what a statement approves; nil where none is there.
func authored(st Statement, files []File) *Signed {
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
