package transform

import (
	"errors"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// answers are Keys whose programs always answer the same.
type answers struct {
	Keys
	text string
	null bool
	err  error
}

func (a answers) Program(string, Command) Program { return a }

func (a answers) Treat([]byte) ([]byte, bool, error) { return []byte(a.text), a.null, a.err }

func TestAnAnswerOfAProgramIsHeldAgainstTheColumn(t *testing.T) {
	for _, c := range []struct {
		typ     catalog.Type
		in, out string
		code    string // "" where it is taken
	}{
		{tText, "ada", "eva", ""},
		{tText, "ada", "ada", "program-unchanged"},
		{tText, "", "", "program-unchanged"},
		{tText, "ada", "e\x00", "program-bad-text"},
		{tText, "ada", "e\xff", "program-bad-text"},
		{tCitext, "ada", "ADA", "program-unchanged"},
		{tBpchar, "ada", "ada  ", "program-unchanged"},
		{textType(3), "ada", "eva", ""},
		{textType(3), "ada", "evas", "program-too-long"},
		{tInt4, "7", "8", ""},
		{tInt4, "7", "07", "program-unchanged"},
		{tInt4, "7", "+7", "program-unchanged"},
		{tInt4, "7", "seven", "program-bad-value"},
		{tInt4, "7", "4294967296", "program-bad-value"},
		{tNumeric, "7.5", "7.50", "program-unchanged"},
		{tNumeric, "7.5", "07.5", "program-bad-value"},
		{tNumeric, "7.5", "-07.5", "program-bad-value"},
		{tNumeric, "7.5", "NaN", "program-bad-value"},
		{tMoney, "7.50", "7.505", "program-bad-value"},
		{tMoney, "7.50", "0.25", ""},
		{tDate, "2024-01-31", "02024-01-31", "program-bad-value"},
		{tDate, "2024-01-31", "2024-01-30", ""},
		{tDate, "2024-01-31", "2024-02-30", "program-bad-value"},
		{tUUID, "7d444840-9dc0-11d1-b245-5ffdce74fad2", "7D444840-9DC0-11D1-B245-5FFDCE74FAD2", "program-unchanged"},
	} {
		u := Use{Treatment: "command", Params: Params{"run": []any{"x"}}}
		tr, err := Compile(column(c.typ), u, answers{Keys: testKeys(t), text: c.out})
		if err != nil {
			t.Fatal(err)
		}
		out, _, err := tr.Append(nil, Cell{Text: []byte(c.in)}, nil)
		if got := codeOf(err); got != c.code || err == nil && string(out) != c.out {
			t.Errorf("%s: %q became %q, %v; want code %q", c.typ.Name, c.in, out, err, c.code)
		}
	}
}

func TestWhatAProgramMayAnswerIsStated(t *testing.T) {
	use := func(params Params) Use {
		params["run"] = []any{"x"}
		return Use{Treatment: "command", Params: params}
	}
	treat := func(c Column, u Use, k Keys) (string, bool, error) {
		tr, err := Compile(c, u, k)
		if err != nil {
			t.Fatal(err)
		}
		out, null, err := tr.Append([]byte("<"), Cell{Text: []byte("ada")}, nil)
		return string(out), null, err
	}
	k := testKeys(t)
	if out, _, err := treat(column(tText), use(Params{"may_keep": true}), answers{Keys: k, text: "ada"}); err != nil || out != "<ada" {
		t.Errorf("may_keep: %q, %v", out, err)
	}
	if out, null, err := treat(column(tText), use(Params{}), answers{Keys: k, null: true}); err != nil || !null || out != "<" {
		t.Errorf("null: %q, %v, %v", out, null, err)
	}
	notNull := column(tText)
	notNull.NotNull = true
	if _, _, err := treat(notNull, use(Params{}), answers{Keys: k, null: true}); codeOf(err) != "program-null" {
		t.Errorf("null for a NOT NULL column: %v", err)
	}
	if out, _, err := treat(notNull, use(Params{}), answers{Keys: k, text: "ada", err: ErrPending}); err != nil || out != "<" {
		t.Errorf("a value that is noted: %q, %v", out, err)
	}
	broken := errors.New("it died")
	if _, _, err := treat(notNull, use(Params{}), answers{Keys: k, text: "eva", err: broken}); !errors.Is(err, broken) {
		t.Errorf("a program that failed: %v", err)
	}
	if _, _, err := treat(notNull, use(Params{}), struct{ Keys }{k}); codeOf(err) != "no-program" {
		t.Errorf("nobody runs programs: %v", err)
	}
}

func TestCommandPromisesNothingOfItself(t *testing.T) {
	run := []any{"./treat"}
	for _, c := range []struct {
		params Params
		unique bool
		param  string // at fault
	}{
		{Params{"run": run}, false, ""},
		{Params{"run": run, "unique": true}, true, ""},
		{Params{"run": run}, true, "unique"},
		{Params{}, false, "run"},
		{Params{"run": "./treat --fast"}, false, "run"},
		{Params{"run": []any{}}, false, "run"},
		{Params{"run": []any{"a", int64(1)}}, false, "run"},
		{Params{"run": run, "batch": int64(0)}, false, "batch"},
		{Params{"run": run, "timeout": "soon"}, false, "timeout"},
		{Params{"run": run, "timeout": int64(10)}, false, "timeout"},
		{Params{"run": run, "sha256": "abc"}, false, "sha256"},
		{Params{"run": run, "may_keep": "yes"}, false, "may_keep"},
	} {
		col := column(tText)
		col.Unique = c.unique
		traits, err := Check(col, Use{Treatment: "command", Params: c.params})
		var p *ParamError
		if (c.param == "") != (err == nil) || err != nil && (!errors.As(err, &p) || p.Param != c.param) {
			t.Errorf("%v: %v, want a problem with %q", c.params, err, c.param)
		}
		if err == nil && (traits.Equality || traits.Unique != (c.params["unique"] == true)) {
			t.Errorf("%v: %+v", c.params, traits)
		}
	}
}
