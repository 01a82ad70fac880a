package approval_test

import (
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/approval"
)

const thirdPlan = "a123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// R9: every approval stays in the history, even if it expired or its signer's key was revoked.
func TestR9EveryApprovalIsRemembered(t *testing.T) {
	s := newStory(t)
	author := approval.File{Name: "r7.author", Data: s.sign(s.authored, s.a)}
	approved := func(change func(*approval.Statement)) approval.Statement {
		st := s.approved
		change(&st)
		return st
	}
	file := func(st approval.Statement, p person) approval.File {
		return approval.File{Name: "some.approval", Data: s.sign(st, p)}
	}
	none := func(*approval.Statement) {}
	for name, c := range map[string]struct {
		files     []approval.File
		allowed   string
		revoked   string
		remains   int
		approvers int
		why       string
		orphan    bool
	}{
		"as it was given":       {files: []approval.File{author, file(approved(none), s.b)}, remains: 1, approvers: 1},
		"expired":               {files: []approval.File{author, file(approved(func(st *approval.Statement) { st.Expires = st.At.Add(time.Minute) }), s.b)}, remains: 1, approvers: 1},
		"for another target":    {files: []approval.File{author, file(approved(func(st *approval.Statement) { st.Targets = []string{"local"} }), s.b)}, remains: 1, approvers: 1},
		"revoked since":         {files: []approval.File{author, file(approved(none), s.b)}, revoked: s.b.fingerprint(), remains: 1, why: "revoked"},
		"listed no more":        {files: []approval.File{author, file(approved(none), s.b)}, allowed: s.a.line(""), remains: 1, why: "not one that the signers' file lists"},
		"author listed no more": {files: []approval.File{author, file(approved(none), s.b)}, allowed: s.b.line(""), remains: 1, why: "its author does not count"},
		"author's gone":         {files: []approval.File{file(approved(none), s.b)}, remains: 1, orphan: true},
		"of another flow":       {files: []approval.File{author, file(approved(func(st *approval.Statement) { st.Flow = "nightly-r7" }), s.b)}},
		"by the author":         {files: []approval.File{author, file(approved(func(st *approval.Statement) { st.Principal = "Alice@example.com" }), s.c)}},
		"with the author's key": {files: []approval.File{author, file(approved(none), s.a)}},
	} {
		allowed := s.allowed
		if c.allowed != "" {
			allowed = c.allowed
		}
		past, err := approval.History("nightly", c.files, signers(t, allowed, c.revoked))
		if err != nil || len(past) != c.remains {
			t.Errorf("%s: %d approvals, %v", name, len(past), err)
			continue
		}
		if c.remains == 1 && (past[0].Approvers != c.approvers || past[0].Orphan != c.orphan || !strings.Contains(past[0].Why, c.why) || c.why == "" && past[0].Why != "") {
			t.Errorf("%s: %+v", name, past[0])
		}
	}
	for name, data := range map[string][]byte{
		"cut":     file(approved(none), s.b).Data[:100],
		"changed": []byte(strings.Replace(string(file(approved(none), s.b).Data), "revision: 7", "revision: 6", 1)),
	} {
		if past, err := approval.History("nightly", []approval.File{author, {Name: "x.approval", Data: data}}, signers(t, s.allowed, "")); err == nil {
			t.Errorf("%s: a damaged approval is passed over: %+v", name, past)
		}
	}
}

// R9: the latest approval comes first, by revision and then by time. For each approval, History counts the people who
// had approved the same rules and plan at that time.
func TestR9TheLatestApprovalComesFirst(t *testing.T) {
	s := newStory(t)
	var files []approval.File
	add := func(st approval.Statement, p person) {
		ext := ".approval"
		if st.Kind == approval.Author {
			ext = ".author"
		}
		files = append(files, approval.File{Name: st.Plan[:4] + st.Principal + ext, Data: s.sign(st, p)})
	}
	for i, plan := range []string{other, thirdPlan} {
		a, b := s.authored, s.approved
		a.Plan, b.Plan = plan, plan
		b.At = b.At.Add(time.Duration(i) * 20 * time.Minute)
		add(a, s.a)
		add(b, s.b)
	}
	c := s.approved
	c.Principal, c.At = third, c.At.Add(10*time.Minute)
	add(c, s.c)
	past, err := approval.History("nightly", files, signers(t, s.allowed, ""))
	if err != nil || len(past) != 3 {
		t.Fatal(past, err)
	}
	if past[0].Statement.Plan != thirdPlan || past[1].Approvers != 2 || past[2].Approvers != 1 {
		t.Errorf("%+v", past)
	}

	// The same rules are approved for two plans. A run finds the approvals of its own plan.
	v, err := approval.Judge(want(1), files, signers(t, s.allowed, ""), noon())
	if err != nil {
		t.Fatal(err)
	}
	for plan, n := range map[string]int{other: 2, thirdPlan: 1} {
		if of, ok := v.ForPlan(plan); !ok || len(of.Approvers) != n || of.Plan != plan {
			t.Errorf("%.4s: %+v", plan, of)
		}
	}
	if _, ok := v.ForPlan(digest); ok {
		t.Error("a plan without an approval is approved")
	}
	if _, err := approval.Judge(want(2), files, signers(t, s.allowed, ""), noon()); err != nil {
		t.Errorf("the plan of two is not found: %v", err)
	}
}

// R9: an approval says which differences its signer was shown, also after it was written and read.
func TestR9AnApprovalSaysWhatWasShown(t *testing.T) {
	s := newStory(t)
	for since, ok := range map[string]bool{"": true, approval.Nothing: true, digest: true, "something": false, digest[1:]: false} {
		st := s.approved
		st.Since = since
		data, err := approval.Sign(st, s.b.signer)
		if (err == nil) != ok {
			t.Errorf("%q: %v", since, err)
		}
		if !ok {
			continue
		}
		if read, err := approval.Parse(data); err != nil || read.Statement.Since != since {
			t.Errorf("%q: read as %q, %v", since, read.Statement.Since, err)
		}
	}
	st := s.authored
	st.Since = digest
	if _, err := approval.Sign(st, s.a.signer); err == nil {
		t.Error("an author was shown differences")
	}
}
