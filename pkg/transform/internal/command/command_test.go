package command_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

// answers is an implementation of Keys whose programs always give the same answer.
type answers struct {
	transform.Keys
	text string
	null bool
	err  error
}

func (a answers) Program(string, transform.Command) transform.Program { return a }

func (a answers) Treat([]byte) ([]byte, bool, error) { return []byte(a.text), a.null, a.err }

func TestAnswersAreCheckedAgainstTheColumn(t *testing.T) {
	for _, c := range []struct {
		typ     catalog.Type
		in, out string
		code    string // "" if the answer is accepted
	}{
		{transformtest.Text, "ada", "eva", ""},
		{transformtest.Text, "ada", "ada", "program-unchanged"},
		{transformtest.Text, "", "", "program-unchanged"},
		{transformtest.Text, "ada", "e\x00", "program-bad-text"},
		{transformtest.Text, "ada", "e\xff", "program-bad-text"},
		{transformtest.Citext, "ada", "ADA", "program-unchanged"},
		{transformtest.Bpchar, "ada", "ada  ", "program-unchanged"},
		{treatment.TextType(3), "ada", "eva", ""},
		{treatment.TextType(3), "ada", "evas", "program-too-long"},
		{transformtest.Int4, "7", "8", ""},
		{transformtest.Int4, "7", "07", "program-unchanged"},
		{transformtest.Int4, "7", "+7", "program-unchanged"},
		{transformtest.Int4, "7", "seven", "program-bad-value"},
		{transformtest.Int4, "7", "4294967296", "program-bad-value"},
		{transformtest.Numeric, "7.5", "7.50", "program-unchanged"},
		{transformtest.Numeric, "7.5", "07.5", "program-bad-value"},
		{transformtest.Numeric, "7.5", "-07.5", "program-bad-value"},
		{transformtest.Numeric, "7.5", "NaN", "program-bad-value"},
		{transformtest.Money, "7.50", "7.505", "program-bad-value"},
		{transformtest.Money, "7.50", "0.25", ""},
		{transformtest.Date, "2024-01-31", "02024-01-31", "program-bad-value"},
		{transformtest.Date, "2024-01-31", "2024-01-30", ""},
		{transformtest.Date, "2024-01-31", "2024-02-30", "program-bad-value"},
		{transformtest.UUID, "7d444840-9dc0-11d1-b245-5ffdce74fad2", "7D444840-9DC0-11D1-B245-5FFDCE74FAD2", "program-unchanged"},
	} {
		u := transform.Use{Treatment: "command", Params: transform.Params{"run": []any{"x"}}}
		tr, err := library.Compile(transformtest.Column(c.typ), u, answers{Keys: transformtest.Keys(t), text: c.out})
		if err != nil {
			t.Fatal(err)
		}
		out, _, err := tr.Append(nil, transform.Cell{Text: []byte(c.in)}, nil)
		if got := transformtest.Code(err); got != c.code || err == nil && string(out) != c.out {
			t.Errorf("%s: %q became %q, %v; want code %q", c.typ.Name, c.in, out, err, c.code)
		}
	}
}

func TestParametersOfAnswers(t *testing.T) {
	use := func(params transform.Params) transform.Use {
		params["run"] = []any{"x"}
		return transform.Use{Treatment: "command", Params: params}
	}
	treat := func(c transform.Column, u transform.Use, k transform.Keys) (string, bool, error) {
		tr, err := library.Compile(c, u, k)
		if err != nil {
			t.Fatal(err)
		}
		out, null, err := tr.Append([]byte("<"), transform.Cell{Text: []byte("ada")}, nil)
		return string(out), null, err
	}
	k := transformtest.Keys(t)
	if out, _, err := treat(transformtest.Column(transformtest.Text), use(transform.Params{"may_keep": true}), answers{Keys: k, text: "ada"}); err != nil || out != "<ada" {
		t.Errorf("may_keep: %q, %v", out, err)
	}
	if out, null, err := treat(transformtest.Column(transformtest.Text), use(transform.Params{}), answers{Keys: k, null: true}); err != nil || !null || out != "<" {
		t.Errorf("null: %q, %v, %v", out, null, err)
	}
	notNull := transformtest.Column(transformtest.Text)
	notNull.NotNull = true
	if _, _, err := treat(notNull, use(transform.Params{}), answers{Keys: k, null: true}); transformtest.Code(err) != "program-null" {
		t.Errorf("null for a NOT NULL column: %v", err)
	}
	if out, _, err := treat(notNull, use(transform.Params{}), answers{Keys: k, text: "ada", err: transform.ErrPending}); err != nil || out != "<" {
		t.Errorf("a value that is only collected: %q, %v", out, err)
	}
	broken := errors.New("it died")
	if _, _, err := treat(notNull, use(transform.Params{}), answers{Keys: k, text: "eva", err: broken}); !errors.Is(err, broken) {
		t.Errorf("a program that failed: %v", err)
	}
	if _, _, err := treat(notNull, use(transform.Params{}), struct{ transform.Keys }{k}); transformtest.Code(err) != "no-program" {
		t.Errorf("without programs: %v", err)
	}
}

func TestCommandMakesNoPromises(t *testing.T) {
	run := []any{"./treat"}
	for _, c := range []struct {
		params transform.Params
		unique bool
		param  string // parameter named in the error
	}{
		{transform.Params{"run": run}, false, ""},
		{transform.Params{"run": run, "unique": true}, true, ""},
		{transform.Params{"run": run}, true, "unique"},
		{transform.Params{}, false, "run"},
		{transform.Params{"run": "./treat --fast"}, false, "run"},
		{transform.Params{"run": []any{}}, false, "run"},
		{transform.Params{"run": []any{"a", int64(1)}}, false, "run"},
		{transform.Params{"run": run, "batch": int64(0)}, false, "batch"},
		{transform.Params{"run": run, "timeout": "soon"}, false, "timeout"},
		{transform.Params{"run": run, "timeout": int64(10)}, false, "timeout"},
		{transform.Params{"run": run, "sha256": "abc"}, false, "sha256"},
		{transform.Params{"run": run, "sha256": map[string]any{"./treat": "abc"}}, false, "sha256"},
		{transform.Params{"run": run, "sha256": map[string]any{"./treat": int64(1)}}, false, "sha256"},
		{transform.Params{"run": run, "sha256": map[string]any{"./treat": strings.Repeat("0a", 32)}}, false, ""},
		{transform.Params{"run": run, "may_read": "words"}, false, "may_read"},
		{transform.Params{"run": run, "may_read": []any{"words", ""}}, false, "may_read"},
		{transform.Params{"run": run, "may_read": []any{"words", "/opt/models"}}, false, ""},
		{transform.Params{"run": run, "may_keep": "yes"}, false, "may_keep"},
	} {
		col := transformtest.Column(transformtest.Text)
		col.Unique = c.unique
		traits, err := library.Check(col, transform.Use{Treatment: "command", Params: c.params})
		var p *transform.ParamError
		if (c.param == "") != (err == nil) || err != nil && (!errors.As(err, &p) || p.Param != c.param) {
			t.Errorf("%v: %v, want a problem with %q", c.params, err, c.param)
		}
		if err == nil && (traits.Equality || traits.Unique != (c.params["unique"] == true)) {
			t.Errorf("%v: %+v", c.params, traits)
		}
	}
}
