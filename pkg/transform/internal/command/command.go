// Package command holds the treatment that sends values to a program.
package command

import (
	"bytes"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Definition returns the treatment command.
func Definition() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "command",
			Summary: "treats values with your own program, which reads and writes JSON lines",
			Doc: "Masker starts the program once per worker, without a shell. The program gets no environment variables except PATH, LANG and TZ.\n\n" +
				"The program reads batches of values, one line each: `{\"id\": 1, \"column\": \"public.t.c\", \"values\": [\"a\", \"b\"]}`. " +
				"It answers each batch with one line: `{\"id\": 1, \"values\": [\"x\", \"y\"]}`, with null for NULL. NULLs and empty arrays are not sent.\n\n" +
				"The refresh stops if an answer is late, missing or malformed, or has fewer or more values than the request. It also stops if a value does not fit the column, or if a value is returned unchanged without `may_keep`. " +
				"Masker shows nothing that the program writes.\n\n" +
				"A program decides what a value becomes, so masker makes no promise about the results, and the disclosure label is `unchanged`. Runs are repeatable only if the program gives the same result for the same value. " +
				"A pseudonym that is made without a key can be guessed.\n\n" +
				"`run` names files: the program, and each argument that is the path of a file. On Linux, masker copies these files into sealed memory, which nobody can change, and gives the program the paths of the copies. " +
				"With `sha256`, an approval covers the files. If the flow needs approvals, `sha256` must have the digest of every file.\n\n" +
				"On Linux 6.2 and later, the program can read only these copies, the system's folders such as /usr, and the paths in `may_read`. It can write only to /dev/null. On other systems, the program has the rights of masker's user.",
			Params: []transform.Param{
				{Name: "run", Type: "list", Required: true, Doc: "the program and its arguments; a relative path that has a /, such as `./treat.py`, starts in the folder of masker.yaml"},
				{Name: "batch", Type: "integer", Tells: transform.Neither, Default: 1000, Doc: "largest number of values in one request"},
				{Name: "timeout", Type: "duration", Tells: transform.Neither, Default: "10s", Doc: "time limit for the answer to one request"},
				{Name: "sha256", Type: "mapping", Doc: "SHA-256 digests of the files that `run` names, each 64 hex digits; if a file has another digest, the refresh stops before it reads a row"},
				{Name: "may_read", Type: "list", Doc: "further files and folders that the program may read, such as the modules of a script"},
				{Name: "unique", Type: "boolean", Tells: transform.Neither, Default: false, Doc: "your promise that the program gives different results for different values"},
				{Name: "may_keep", Type: "boolean", Tells: transform.Larger, Default: false, Doc: "the program may return a value unchanged"},
			},
			Families:  []catalog.Family{catalog.Text, catalog.Integer, catalog.Numeric, catalog.UUID, catalog.Date},
			Discloses: transform.Unchanged,
			Learns:    "The results depend on the program. Masker cannot say what they learn, so assume that they learn everything.",
			Preserves: []string{},
			Examples: []transform.Example{{
				Type: treatment.TextType(0), Use: transform.Use{Treatment: "command", Params: transform.Params{"run": []any{"./treat", "--reverse"}}},
				In: "AC-1007", Out: "7001-CA", Note: "by a program that reverses texts",
			}},
		},
		Whole: planCommand,
	}
}

func planCommand(_ treatment.Planner, c transform.Column, u transform.Use, a *treatment.Args) (treatment.Blueprint, error) {
	if u.Subject != "" || u.As != "" {
		return treatment.Blueprint{}, &transform.ParamError{Param: "as", Text: "command depends on the value; its program does not receive the row's subject"}
	}
	command := commandOf(a)
	unique, mayKeep := flag(a, "unique"), flag(a, "may_keep")
	if c.Unique && !unique {
		a.Fail("unique", "the column is unique: set unique: true if the program gives different values different results, or use another treatment")
	}
	traits := transform.Traits{Unique: unique, Space: 1, Discloses: transform.Unchanged} // the program may return the value in another form
	if unique {
		traits.Space = math.Inf(1)
	}
	name := c.Table.String() + "." + catalog.Quote(c.Name)
	return treatment.Blueprint{Traits: traits, Build: func(k transform.Keys) transform.Transform {
		t := &programTransform{typ: c.Type, notNull: c.NotNull, mayKeep: mayKeep}
		if programs, ok := k.(transform.Programs); ok {
			t.program = programs.Program(name, command)
		}
		return t
	}}, a.Problem()
}

func commandOf(a *treatment.Args) transform.Command {
	return transform.Command{
		Run: argv(a), Batch: int(a.Integer("batch", 1, 100_000)), Timeout: duration(a, "timeout", time.Millisecond, time.Hour),
		SHA256: digests(a), MayRead: paths(a),
	}
}

func argv(a *treatment.Args) []string {
	run, ok := texts(a.Value("run"))
	if !ok || len(run) == 0 || run[0] == "" {
		a.Fail("run", `must be a list of texts, the program first: ["./scripts/treat", "--fast"]; no shell is involved`)
	}
	return run
}

// texts returns the elements of v, and whether v is a list of texts without NUL bytes.
func texts(v any) ([]string, bool) {
	list, ok := v.([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		s, text := item.(string)
		ok = ok && text && !strings.ContainsRune(s, 0)
		out = append(out, s)
	}
	return out, ok
}

// digests returns the value of the parameter sha256: a digest for each file.
func digests(a *treatment.Args) map[string]string {
	given, ok := a.Value("sha256").(map[string]any)
	if !ok && a.Given("sha256") {
		a.Fail("sha256", `must map each file of run to its digest: {"./scripts/treat": "…"}`)
		return nil
	}
	hex := regexp.MustCompile(`^[0-9a-f]{64}$`)
	pins := make(map[string]string, len(given))
	for file, v := range given {
		s, _ := v.(string)
		if !hex.MatchString(s) {
			a.Fail("sha256", "the digest of %s must be 64 hex digits in lower case, as sha256sum prints them", file)
		}
		pins[file] = s
	}
	return pins
}

// paths returns the value of the parameter may_read: a list of paths.
func paths(a *treatment.Args) []string {
	if !a.Given("may_read") {
		return nil
	}
	list, ok := texts(a.Value("may_read"))
	if !ok || slices.Contains(list, "") {
		a.Fail("may_read", `must be a list of paths: ["./dictionaries"]`)
	}
	return list
}

// duration reads a duration such as 10s.
func duration(a *treatment.Args, name string, least, most time.Duration) time.Duration {
	s, _ := a.Value(name).(string)
	d, err := time.ParseDuration(s)
	if err != nil || d < least || d > most {
		a.Fail(name, "must be a duration from %s to %s, such as 10s", least, most)
	}
	return d
}

func flag(a *treatment.Args, name string) bool {
	v, ok := a.Value(name).(bool)
	if !ok {
		a.Fail(name, "must be true or false")
	}
	return v
}

// programTransform checks a program's answers against the column's type and returns them.
type programTransform struct {
	program    transform.Program // nil if no programs are available
	typ        catalog.Type
	notNull    bool
	mayKeep    bool
	was, is    []byte // canonical forms of value and answer
	normalised []byte
}

func (t *programTransform) Append(dst []byte, in transform.Cell, _ transform.Row) (result []byte, null bool, err error) {
	if in.Null {
		return dst, true, nil
	}
	if t.program == nil {
		return dst, false, &transform.Error{Code: "no-program", Text: "the treatment command needs a run that starts programs, such as masker run; no programs are available here"}
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
		return dst, false, &transform.Error{Code: "program-unchanged", Text: "the program returned a value unchanged; correct the program, or set may_keep: true"}
	}
	return append(dst, out...), false, nil
}

// fit checks an answer against the column's type. It returns integers and UUIDs in the form that PostgreSQL prints, so
// that another spelling of the same value counts as unchanged. It refuses a numeric or a date with zeros in front that
// PostgreSQL would not print.
func (t *programTransform) fit(out []byte) ([]byte, error) {
	bad := &transform.Error{Code: "program-bad-value", Text: "the program's answer is not a value of the column's type"}
	if !utf8.Valid(out) || bytes.IndexByte(out, 0) >= 0 {
		return nil, &transform.Error{Code: "program-bad-text", Text: "the program's answer holds a NUL byte or invalid UTF-8, which PostgreSQL cannot store in a text"}
	}
	switch t.typ.Family {
	case catalog.Text:
		n := utf8.RuneCount(out)
		if t.typ.Base == "name" {
			n = len(out)
		}
		if t.typ.MaxLen > 0 && n > t.typ.MaxLen {
			return nil, &transform.Error{Code: "program-too-long", Text: "the program's answer is longer than the column allows"}
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

// All lists the programs that a use runs. It includes the programs of the use's Paths, Reads and Else.
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
