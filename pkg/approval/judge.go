package approval

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Want says what has to be approved, and by how many people.
type Want struct {
	Flow, Source, Target string // Source and Target name environments
	Rules                string // digest of the rules
	Revision             int
	Required             int // number of approvals
}

// File is a file with a statement.
type File struct {
	Name string
	Data []byte
}

// Approver is a person whose signature was verified.
type Approver struct {
	Principal, Fingerprint string
	At                     time.Time
	Since                  string // Statement.Since, "" for an author
}

// Rejection says why a file does not count.
type Rejection struct{ File, Why string }

// Verdict is what the files prove.
type Verdict struct {
	Author    Approver
	Approvers []Approver // sorted by name. All are different people with different keys, and none is the author
	Plan      string     // digest of the plan that the author signed and the approvers approved
	Rejected  []Rejection

	others []Verdict // verdicts on other plans of the same rules
}

// ForPlan returns the verdict on one plan of these rules. It returns false if nobody approved the plan. The same rules
// can be approved for several plans, because the schema can change.
func (v Verdict) ForPlan(plan string) (Verdict, bool) {
	for _, o := range append([]Verdict{v}, v.others...) {
		if o.Plan == plan && len(o.Approvers) > 0 {
			o.Rejected, o.others = v.Rejected, nil
			return o, true
		}
	}
	return Verdict{}, false
}

// Plans returns the digests of all plans of these rules that somebody approved.
func (v Verdict) Plans() []string {
	var list []string
	for _, o := range append([]Verdict{v}, v.others...) {
		if len(o.Approvers) > 0 {
			list = append(list, o.Plan)
		}
	}
	return list
}

// Missing is the error for too few approvals. It says why other files do not count.
type Missing struct {
	Want, Have int
	Author     string // the author whose statement counts, or ""
	Rejected   []Rejection
}

func (m *Missing) Error() string {
	text := fmt.Sprintf("%d of %d approvals count", m.Have, m.Want)
	for _, r := range m.Rejected {
		text += fmt.Sprintf("\n  %s: %s", r.File, r.Why)
	}
	switch {
	case len(m.Rejected) > 0:
	case m.Author != "" && m.Have == 0:
		text += ": " + m.Author + " signed the rules, and nobody else has approved them"
	case m.Author != "":
		text += ": " + m.Author + " signed the rules, and too few others have approved them"
	default:
		text += ": there is no statement beside the rules"
	}
	return text
}

// maxClockOffset is the largest difference between two clocks that is accepted.
const maxClockOffset = 5 * time.Minute

// Judge counts the approvals among the files. If too few count, the error is a *Missing, and the verdict holds what was
// found. Judge ignores statements about other revisions of the flow. It reports such statements only if there are no
// statements about this revision.
func Judge(want Want, files []File, signers Signers, now time.Time) (Verdict, error) {
	j := judgement{want: want, signers: signers, now: now}
	authors, approvals := j.classify(files)
	for _, author := range authors {
		j.count(author, approvals)
	}
	j.chooseBest()
	if len(authors) == 0 && len(approvals) > 0 {
		j.reject("", "no author's statement counts, so masker cannot check that the approver is not the author; run masker sign")
	}
	j.best.Rejected = j.rejected
	if have := len(j.best.Approvers); have < want.Required {
		return j.best, &Missing{Want: want.Required, Have: have, Author: j.best.Author.Principal, Rejected: j.rejected}
	}
	return j.best, nil
}

type judgement struct {
	want     Want
	signers  Signers
	now      time.Time
	best     Verdict
	found    []Verdict // one for each author's statement
	rejected []Rejection
}

type statement struct {
	Signed
	file string
}

func (j *judgement) reject(file, why string) {
	if file == "" {
		file = "beside the rules"
	}
	j.rejected = append(j.rejected, Rejection{file, why})
}

// classify returns the statements about these rules that count, and adds rejections for other statements. If an
// author's statement counts, it adds no rejection for statements of authors about other rules. It adds rejections for
// statements about other revisions only if there is no other statement.
func (j *judgement) classify(files []File) (authors, approvals []statement) {
	var past, stale []Rejection
	for _, f := range files {
		s, err := Parse(f.Data)
		if err == nil && s.Statement.Flow == j.want.Flow && s.Statement.Revision != j.want.Revision {
			past = append(past, Rejection{f.Name, fmt.Sprintf("it is about revision %d; the rules are revision %d", s.Statement.Revision, j.want.Revision)})
			continue
		}
		if err == nil && s.Statement.Flow == j.want.Flow && s.Statement.Kind == Author && s.Statement.Rules != j.want.Rules {
			stale = append(stale, Rejection{f.Name, "the rules have changed since it was signed (another digest); let them be signed and approved again"})
			continue
		}
		if err == nil {
			err = j.check(s)
		}
		switch {
		case err != nil:
			j.reject(f.Name, err.Error())
		case s.Statement.Kind == Author:
			authors = append(authors, statement{s, f.Name})
		default:
			approvals = append(approvals, statement{s, f.Name})
		}
	}
	if len(authors) == 0 { // otherwise the author has signed the changed rules
		j.rejected = append(j.rejected, stale...)
	}
	if len(authors)+len(approvals)+len(j.rejected) == 0 {
		j.rejected = past
	}
	return authors, approvals
}

// check returns nil if a statement is for the wanted flow, environments and rules, if it has not expired, and if its
// signature is a valid signature of the person that the statement names.
func (j *judgement) check(s Signed) error {
	st := s.Statement
	switch {
	case st.Flow != j.want.Flow:
		return fmt.Errorf("it is for the flow %q; this is %q", st.Flow, j.want.Flow)
	case st.Source != j.want.Source:
		return fmt.Errorf("it is for the source %q; this is %q", st.Source, j.want.Source)
	case !slices.Contains(st.Targets, j.want.Target):
		return fmt.Errorf("it is for the targets %s; this is %q", strings.Join(st.Targets, ", "), j.want.Target)
	case st.Rules != j.want.Rules:
		return errors.New("the rules have changed since it was signed (another digest); let them be signed and approved again")
	case st.At.After(j.now.Add(maxClockOffset)):
		return fmt.Errorf("it was signed at %s, and this machine's clock says %s: one of the clocks is wrong", stamp(st.At), stamp(j.now))
	case !st.Expires.IsZero() && !j.now.Before(st.Expires):
		return fmt.Errorf("it expired at %s; let the rules be approved again", stamp(st.Expires))
	}
	if err := s.verify(); err != nil {
		return err
	}
	// The signer writes the time of the signature, so this time proves nothing. Therefore the key must be valid both at
	// that time and now. (Git checks only the time of the signature.)
	for _, at := range []time.Time{st.At, j.now} {
		if err := j.signers.allows(st.Principal, s.signature.PublicKey, s.signature.Namespace, at); err != nil {
			return err
		}
	}
	return nil
}

// count finds the people who approved what one author signed. It rejects every other approval.
func (j *judgement) count(author statement, approvals []statement) {
	v := Verdict{Author: Approver{author.Statement.Principal, author.fingerprint(), author.Statement.At, ""}, Plan: author.Statement.Plan}
	if author.Statement.AuthorKey != v.Author.Fingerprint {
		j.reject(author.file, "it names another key than the one that signed it")
		return
	}
	for _, a := range approvals {
		if why := j.whyNot(v, a); why != "" {
			j.reject(a.file, why)
			continue
		}
		v.Approvers = append(v.Approvers, Approver{a.Statement.Principal, a.fingerprint(), a.Statement.At, a.Statement.Since})
	}
	slices.SortFunc(v.Approvers, func(a, b Approver) int { return cmp.Compare(a.Principal, b.Principal) })
	j.found = append(j.found, v)
}

// chooseBest takes the author's statement with enough approvals. If no statement has enough, it takes the statement
// with the most approvals. If two statements are equal in this, it takes the later one.
func (j *judgement) chooseBest() {
	slices.SortStableFunc(j.found, func(a, b Verdict) int {
		have := func(v Verdict) int { return min(len(v.Approvers), max(1, j.want.Required)) }
		return cmp.Or(have(b)-have(a), b.Author.At.Compare(a.Author.At))
	})
	if len(j.found) > 0 {
		j.best = j.found[0]
		j.best.others = j.found[1:]
	}
}

// whyNot says why an approval does not count for what this author signed. It returns "" if the approval counts.
func (j *judgement) whyNot(v Verdict, a statement) string {
	st, key := a.Statement, a.fingerprint()
	switch {
	case st.Author != v.Author.Principal || st.AuthorKey != v.Author.Fingerprint:
		return "it approves what another author signed"
	case st.Plan != v.Plan:
		return "it approves another plan than the author signed"
	case strings.EqualFold(st.Principal, v.Author.Principal):
		return "the approver is the author"
	case key == v.Author.Fingerprint:
		return "it is signed with the author's key"
	case j.onePerson(v.Author, st.Principal, key):
		return "the signers' file lists the author and its approver with one key: they are one person"
	}
	for _, other := range v.Approvers {
		if strings.EqualFold(other.Principal, st.Principal) || other.Fingerprint == key || j.onePerson(other, st.Principal, key) {
			return "its approver, or the key, has approved already"
		}
	}
	return ""
}

// onePerson reports whether two signers may be one person: the signers' file lists the key of one signer for the other
// signer. This can be a person with two names and two keys, or a key that is listed for everybody.
func (j *judgement) onePerson(one Approver, principal, fingerprint string) bool {
	return j.signers.lists(one.Principal, fingerprint) || j.signers.lists(principal, one.Fingerprint)
}
