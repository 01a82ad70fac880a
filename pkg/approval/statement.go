// Package approval handles approvals of rules. An author and the approvers sign statements with SSH keys, as git signs
// commits. Judge decides whether enough of the right people have signed.
//
// The package reads no file, opens no connection and reads no clock. The caller passes the bytes and the time.
package approval

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind is the kind of a statement.
type Kind string

// The kinds of statement. Each kind has its own signature namespace, so a signature for one kind is not valid for the
// other.
const (
	Author   Kind = "author"   // the signer wrote these rules
	Approval Kind = "approval" // the signer has read these rules and allows them to run
)

// The namespaces of the signatures (ssh-keygen -Y sign -n).
const (
	AuthorNamespace   = "masker-ruleset-author@v1"
	ApprovalNamespace = "masker-ruleset-approval@v1"
)

// namespace returns the signature namespace of a kind, or "" for an unknown kind.
func (k Kind) namespace() string {
	switch k {
	case Author:
		return AuthorNamespace
	case Approval:
		return ApprovalNamespace
	}
	return ""
}

// Statement is the text that is signed.
type Statement struct {
	Kind      Kind
	Flow      string
	Source    string   // name of the source's environment
	Targets   []string // names of the target environments
	Revision  int      // revision of the rules
	Rules     string   // digest of the bytes and names of the rule files, hooks, dictionaries and packs
	Plan      string   // digest of the plan
	Author    string   // principal of the author
	AuthorKey string   // fingerprint of the author's key
	Principal string   // the signer. In an author's statement it is the author
	At        time.Time
	Expires   time.Time // zero in an author's statement
	// Since is the digest of the plan whose differences to this plan were shown to the approver, or Nothing. It is
	// "" in an author's statement, and in approvals of older versions of masker.
	Since   string
	Comment string
}

// Nothing is the value of Statement.Since if the approver was shown no earlier plan.
const Nothing = "nothing"

const title = "masker statement v1"

// Marshal returns the statement in the form that is signed: a title, and one line for each key that has a value, in a
// fixed order.
func (s Statement) Marshal() []byte {
	var b bytes.Buffer
	b.WriteString(title + "\n")
	for _, kv := range s.lines() {
		if kv[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", kv[0], kv[1])
		}
	}
	return b.Bytes()
}

func (s Statement) lines() [][2]string {
	return [][2]string{
		{"kind", string(s.Kind)},
		{"flow", s.Flow},
		{"source", s.Source},
		{"targets", strings.Join(s.Targets, " ")},
		{"revision", strconv.Itoa(s.Revision)},
		{"rules", s.Rules},
		{"plan", s.Plan},
		{"author", s.Author},
		{"author-key", s.AuthorKey},
		{"principal", s.Principal},
		{"at", stamp(s.At)},
		{"expires", stamp(s.Expires)},
		{"since", s.Since},
		{"comment", s.Comment},
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano) // to the nanosecond, so that the latest of two statements is known
}

// parseStatement reads a statement. It accepts only the exact form that Marshal writes.
func parseStatement(text []byte) (Statement, error) {
	var s Statement
	if !utf8.Valid(text) {
		return s, errors.New("it is not text")
	}
	rest, ok := strings.CutPrefix(string(text), title+"\n")
	if !ok {
		return s, fmt.Errorf("it does not begin with %q", title)
	}
	for line := range strings.Lines(rest) {
		key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if !ok {
			return s, errors.New("a line is not `key: value`")
		}
		if err := s.set(key, value); err != nil {
			return s, err
		}
	}
	if err := s.complete(); err != nil {
		return s, err
	}
	// The text must be exactly what Marshal writes. Otherwise a key that occurs twice, in another order or with padding
	// could be read in two ways.
	if !bytes.Equal(s.Marshal(), text) {
		return s, errors.New("it does not have the form that masker writes: each key once, in order, without extra spaces")
	}
	return s, nil
}

func (s *Statement) set(key, value string) (err error) {
	switch key {
	case "kind":
		s.Kind = Kind(value)
	case "flow":
		s.Flow = value
	case "source":
		s.Source = value
	case "targets":
		s.Targets = strings.Split(value, " ")
	case "revision":
		s.Revision, err = strconv.Atoi(value)
	case "rules":
		s.Rules = value
	case "plan":
		s.Plan = value
	case "author":
		s.Author = value
	case "author-key":
		s.AuthorKey = value
	case "principal":
		s.Principal = value
	case "at":
		s.At, err = time.Parse(time.RFC3339, value)
	case "expires":
		s.Expires, err = time.Parse(time.RFC3339, value)
	case "since":
		s.Since = value
	case "comment":
		s.Comment = value
	default:
		return errors.New("it has an unknown key")
	}
	if err != nil {
		return fmt.Errorf("%s has a wrong value", key)
	}
	return nil
}

func isDigest(text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == 32 && strings.ToLower(text) == text
}

// complete returns an error for a statement with a missing or invalid value.
func (s Statement) complete() error {
	if s.Kind.namespace() == "" {
		return errors.New("kind is neither author nor approval")
	}
	for _, d := range []struct{ key, value string }{{"rules", s.Rules}, {"plan", s.Plan}} {
		if !isDigest(d.value) {
			return fmt.Errorf("%s is not a SHA-256 in hex", d.key)
		}
	}
	for _, kv := range s.lines() {
		optional := kv[0] == "comment" || kv[0] == "since" || kv[0] == "expires" && s.Kind == Author
		if kv[1] == "" && !optional {
			return fmt.Errorf("%s is missing", kv[0])
		}
		if strings.ContainsFunc(kv[1], func(r rune) bool { return !unicode.IsPrint(r) }) || strings.TrimSpace(kv[1]) != kv[1] {
			return fmt.Errorf("%s holds a character that cannot be printed, or begins or ends with a space", kv[0])
		}
	}
	switch {
	case slices.ContainsFunc(s.Targets, func(name string) bool { return name == "" || strings.Contains(name, " ") }):
		return errors.New("targets holds an empty name, or a name with a space, which would be read as two names")
	case s.Kind == Author && s.Principal != s.Author:
		return errors.New("the principal of an author's statement is not its author")
	case s.Kind == Author && !s.Expires.IsZero():
		return errors.New("an author's statement does not expire")
	case s.Since != "" && s.Since != Nothing && !isDigest(s.Since) || s.Since != "" && s.Kind == Author:
		return errors.New("since must be the digest of a plan or \"nothing\", and only an approval can have it")
	case s.Revision < 0:
		return errors.New("revision is negative")
	}
	return nil
}
