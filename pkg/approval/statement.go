// Package approval is who said yes to which rules: statements signed with SSH keys, as git has them, and the
// judgement of whether enough of the right people made them.
//
// It reads no file and opens no connection; whoever calls it brings the bytes and the time.
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

// Kind is what a statement says.
type Kind string

// The kinds of statement, each signed in a namespace of its own, so that one can never pass for the other.
const (
	Author   Kind = "author"   // these are the rules I wrote
	Approval Kind = "approval" // I have read them, and they may run
)

// The namespaces of the signatures (ssh-keygen -Y sign -n).
const (
	AuthorNamespace   = "masker-ruleset-author@v1"
	ApprovalNamespace = "masker-ruleset-approval@v1"
)

// namespace is "" of an unknown kind.
func (k Kind) namespace() string {
	switch k {
	case Author:
		return AuthorNamespace
	case Approval:
		return ApprovalNamespace
	}
	return ""
}

// Statement is what is signed.
type Statement struct {
	Kind      Kind
	Flow      string
	Source    string   // environment
	Targets   []string // environments
	Revision  int      // of the rules
	Rules     string   // digest of the rule files, packs and dictionaries, byte for byte
	Plan      string   // digest of what each column becomes
	Author    string   // principal
	AuthorKey string   // fingerprint
	Principal string   // who signs; of an author's statement the author
	At        time.Time
	Expires   time.Time // zero of an author's statement
	Since     string    // of an approval: digest of the plan its signer saw the differences from, or Nothing; "" of an older masker
	Comment   string
}

// Nothing is what an approval names whose signer was shown no earlier plan.
const Nothing = "nothing"

const title = "masker statement v1"

// Marshal writes the statement as it is signed: a line per key, in this order.
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
	return t.UTC().Format(time.RFC3339)
}

// parseStatement reads what Marshal wrote, and nothing else.
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
	// Whatever is doubled, out of order, padded or written another way is not what was meant to be signed.
	if !bytes.Equal(s.Marshal(), text) {
		return s, errors.New("it is not written as masker writes it: every key once, in order, without spaces around")
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
		return errors.New("it has a key that is not known")
	}
	if err != nil {
		return fmt.Errorf("%s is not understood", key)
	}
	return nil
}

func digest(text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == 32 && strings.ToLower(text) == text
}

// complete refuses a statement that leaves open what it is about.
func (s Statement) complete() error {
	if s.Kind.namespace() == "" {
		return errors.New("kind is neither author nor approval")
	}
	for _, d := range []struct{ key, value string }{{"rules", s.Rules}, {"plan", s.Plan}} {
		if !digest(d.value) {
			return fmt.Errorf("%s is not a SHA-256 in hex", d.key)
		}
	}
	for _, kv := range s.lines() {
		optional := kv[0] == "comment" || kv[0] == "since" || kv[0] == "expires" && s.Kind == Author
		if kv[1] == "" && !optional {
			return fmt.Errorf("%s is missing", kv[0])
		}
		if strings.ContainsFunc(kv[1], func(r rune) bool { return !unicode.IsPrint(r) }) || strings.TrimSpace(kv[1]) != kv[1] {
			return fmt.Errorf("%s holds a character that cannot be seen", kv[0])
		}
	}
	switch {
	case slices.ContainsFunc(s.Targets, func(name string) bool { return name == "" || strings.Contains(name, " ") }):
		return errors.New("targets holds no name, or one with a space, which would read as two")
	case s.Kind == Author && s.Principal != s.Author:
		return errors.New("the author's statement is not the author's")
	case s.Kind == Author && !s.Expires.IsZero():
		return errors.New("an author's statement does not expire")
	case s.Since != "" && s.Since != Nothing && !digest(s.Since) || s.Since != "" && s.Kind == Author:
		return errors.New("since is neither the digest of a plan nor nothing, or the author's")
	case s.Revision < 0:
		return errors.New("revision is negative")
	}
	return nil
}
