// Package command holds the treatment that asks a program.
package command

import (
	"bytes"
	"errors"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Definition is the treatment command.
func Definition() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "command",
			Summary: "asks a program of your own, over JSON lines",
			Doc: "The program is started once per worker, without a shell and with an environment of PATH, LANG and TZ only, and gets batches of " +
				`values: {"id": 1, "column": "public.t.c", "values": ["a", "b"]}, a line each; it answers {"id": 1, "values": ["x", "y"]}, ` +
				"null for NULL. A late, missing, short or malformed answer, a value that does not fit the column, and a value that " +
				"came back as it went stop the refresh; nothing the program writes is shown. NULLs and empty arrays are not sent. " +
				"Masker promises nothing of the results: the same value must get the same result for runs to be repeatable, and a pseudonym " +
				"made without a key can be guessed back. Pin the program with sha256, so that an approval covers it.",
			Params: []transform.Param{
				{Name: "run", Type: "list", Required: true, Doc: "the program and its arguments; a path with / starts from the folder of masker.yaml"},
				{Name: "batch", Type: "integer", Default: 1000, Doc: "values of one request, at most"},
				{Name: "timeout", Type: "duration", Default: "10s", Doc: "for the answer to one request"},
				{Name: "sha256", Type: "text", Default: "", Doc: "of the program's file, 64 hex digits; another content stops the refresh before a row is read"},
				{Name: "unique", Type: "boolean", Default: false, Doc: "you promise that different values get different results"},
				{Name: "may_keep", Type: "boolean", Default: false, Doc: "a value may come back unchanged"},
			},
			Families:  []catalog.Family{catalog.Text, catalog.Integer, catalog.Numeric, catalog.UUID, catalog.Date},
			Discloses: transform.Unchanged,
			Preserves: []string{},
			Examples: []transform.Example{{
				Type: treatment.TextType(0), Use: transform.Use{Treatment: "command", Params: transform.Params{"run": []any{"./treat", "--reverse"}}},
				In: "AC-1007", Out: "7001-CA", Note: "by a program that turns texts round",
			}},
		},
		Whole: planCommand,
	}
}

func planCommand(_ treatment.Planner, c transform.Column, u transform.Use, a *treatment.Args) (treatment.Blueprint, error) {
	if u.Subject != "" || u.As != "" {
		return treatment.Blueprint{}, &transform.ParamError{Param: "as", Text: "command follows the value: its program is not told the row's subject"}
	}
	command := commandOf(a)
	unique, mayKeep := flag(a, "unique"), flag(a, "may_keep")
	if c.Unique && !unique {
		a.Fail("unique", "the column is unique: state unique: true if the program keeps different values apart, or use another treatment")
	}
	traits := transform.Traits{Unique: unique, Space: 1, Discloses: transform.Pseudonymised}
	if unique {
		traits.Space = math.Inf(1)
	}
	if mayKeep {
		traits.Discloses = transform.Unchanged
	}
	name := c.Table.String() + "." + catalog.Quote(c.Name)
	return treatment.Blueprint{Traits: traits, Build: func(k transform.Keys) transform.Transform {
		t := &asked{typ: c.Type, notNull: c.NotNull, mayKeep: mayKeep}
		if programs, ok := k.(transform.Programs); ok {
			t.program = programs.Program(name, command)
		}
		return t
	}}, a.Problem()
}

func commandOf(a *treatment.Args) transform.Command {
	return transform.Command{
		Run: argv(a), Batch: int(a.Integer("batch", 1, 100_000)), Timeout: duration(a, "timeout", time.Millisecond, time.Hour), SHA256: digest(a),
	}
}

func argv(a *treatment.Args) []string {
	list, ok := a.Value("run").([]any)
	run := make([]string, 0, len(list))
	for _, item := range list {
		s, text := item.(string)
		ok = ok && text && !strings.ContainsRune(s, 0)
		run = append(run, s)
	}
	if !ok || len(run) == 0 || run[0] == "" {
		a.Fail("run", `wants a list of texts, the program first: ["./scripts/treat", "--fast"]; no shell reads it`)
	}
	return run
}

func digest(a *treatment.Args) string {
	s := a.Text("sha256")
	if s != "" && !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(s) {
		a.Fail("sha256", "wants 64 hex digits in lower case, as sha256sum prints them")
	}
	return s
}

// duration reads a span of time such as 10s.
func duration(a *treatment.Args, name string, least, most time.Duration) time.Duration {
	s, _ := a.Value(name).(string)
	d, err := time.ParseDuration(s)
	if err != nil || d < least || d > most {
		a.Fail(name, "wants a duration from %s to %s, such as 10s", least, most)
	}
	return d
}

func flag(a *treatment.Args, name string) bool {
	v, ok := a.Value(name).(bool)
	if !ok {
		a.Fail(name, "wants true or false")
	}
	return v
}

// asked gives a program's answers, once they are seen to be values of the column.
type asked struct {
	program    transform.Program // nil where nobody runs programs
	typ        catalog.Type
	notNull    bool
	mayKeep    bool
	was, is    []byte // canonical forms
	normalised []byte
}

func (t *asked) Append(dst []byte, in transform.Cell, _ transform.Row) (result []byte, null bool, err error) {
	if in.Null {
		return dst, true, nil
	}
	if t.program == nil {
		return dst, false, &transform.Error{Code: "no-program", Text: "command needs somebody who runs programs, as masker run does; here nobody does"}
	}
	out, null, err := t.program.Treat(in.Text)
	switch {
	case errors.Is(err, transform.ErrPending):
		return dst, true, nil
	case err != nil:
		return dst, false, err
	case null && t.notNull:
		return dst, false, &transform.Error{Code: "program-null", Text: "the program answered null for a NOT NULL column"}
	case null:
		return dst, true, nil
	}
	if out, err = t.fit(out); err != nil {
		return dst, false, err
	}
	t.was = canon.Append(t.was[:0], &t.typ, in.Text)
	t.is = canon.Append(t.is[:0], &t.typ, out)
	if !t.mayKeep && bytes.Equal(t.was, t.is) {
		return dst, false, &transform.Error{Code: "program-unchanged", Text: "the program gave a value back unchanged; mend it, or state may_keep: true"}
	}
	return append(dst, out...), false, nil
}

// fit holds an answer against the column's type and brings it into the one form a value has, so that
// a value that was only spelt anew counts as unchanged.
func (t *asked) fit(out []byte) ([]byte, error) {
	bad := &transform.Error{Code: "program-bad-value", Text: "the program's answer is no value of the column's type"}
	if !utf8.Valid(out) || bytes.IndexByte(out, 0) >= 0 {
		return nil, &transform.Error{Code: "program-bad-text", Text: "the program's answer holds a NUL or invalid UTF-8, which no text of PostgreSQL can hold"}
	}
	switch t.typ.Family {
	case catalog.Text:
		n := utf8.RuneCount(out)
		if t.typ.Base == "name" {
			n = len(out)
		}
		if t.typ.MaxLen > 0 && n > t.typ.MaxLen {
			return nil, &transform.Error{Code: "program-too-long", Text: "the program's answer is longer than the column"}
		}
		return out, nil
	case catalog.Numeric, catalog.Date:
		digits := bytes.TrimPrefix(out, []byte("-"))
		if spelt := len(digits) > 1 && digits[0] == '0' && digits[1] != '.'; spelt && (t.typ.Family == catalog.Numeric || len(out) != len("2000-01-31")) {
			return nil, bad
		}
	}
	text, err := literal.Typed(t.typ, string(out))
	if err != nil {
		return nil, bad
	}
	t.normalised = append(t.normalised[:0], text...)
	return t.normalised, nil
}

// All lists the programs that a use asks, those of its paths, alternatives and reads included.
func All(u transform.Use) []transform.Command {
	var all []transform.Command
	if u.Treatment == "command" {
		a := treatment.ArgsOf(&Definition().Spec, u.Params)
		c := commandOf(a)
		if a.Problem() == nil {
			all = append(all, c)
		}
	}
	for _, p := range u.Paths {
		all = append(all, All(p.Use)...)
	}
	for _, r := range u.Reads {
		if r.Use != nil {
			all = append(all, All(*r.Use)...)
		}
	}
	if u.Else != nil {
		all = append(all, All(*u.Else)...)
	}
	return all
}
