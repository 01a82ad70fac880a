package ruleset

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func parse(t *testing.T, files ...string) (*Set, error) {
	t.Helper()
	var sources []Source
	for i, text := range files {
		sources = append(sources, Source{Name: []string{"rules/shop.yaml", "rules/more.yaml"}[i], Data: []byte(text)})
	}
	return Parse(sources, func(path string) ([]byte, error) {
		if path == "rules/sql/ok.sql" {
			return []byte("select 1"), nil
		}
		return nil, fs.ErrNotExist
	})
}

const whole = `revision: 7
packs: [baseline]
tables:
  public.customers:
    subject: id
    columns:
      id:          {keep: "surrogate key"}
      email:       {class: email}
      first_name:  {class: given_name, as: person}
      '"Card No"': {treat: mask, keep_last: 4}
      birthday:    {class: birth_date, domain: births}
      nothing:     {treat: null}
      profile:     {json: {"$.contact.email": {class: email}, "$.theme": {keep: "preference"}}}
  public.countries:    {keep: "reference data", only: [code, name]}
  'public."Audit Events"': {skip: "operational log"}
classes:
  email: {treat: fake.email, domain: mail}
  pan:
    staging: {treat: token}
    local: {treat: redact}
    default: {treat: mask, keep_last: 4}
objects:
  large_objects: drop
  foreign_tables: empty
  event_triggers: {keep: "they only audit"}
hooks:
  before_publish: [sql/ok.sql]
`

func TestABareNullIsTheWordOfSpecial(t *testing.T) {
	s, err := parse(t, "revision: 1\ntables:\n  public.r: {columns: {d: {treat: shift, special: null}, n: {treat: constant, value: null}}}\n")
	if err != nil {
		t.Fatal(err)
	}
	columns := s.Table(catalog.Name{Schema: "public", Name: "r"}).Columns
	if got := columns[0].Rule.Params["special"]; got != "null" {
		t.Errorf("special: null is read as %v", got)
	}
	if got := columns[1].Rule.Params["value"]; got != nil {
		t.Errorf("value: null is read as %v", got)
	}
}

func TestReadsEverythingADesignRuleSetSays(t *testing.T) {
	s, err := parse(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	if s.Revision != 7 || len(s.Packs) != 1 || len(s.Tables) != 3 || len(s.Hooks) != 1 || len(s.Objects) != 3 {
		t.Fatalf("read %+v", s)
	}
	c := s.Table(catalog.Name{Schema: "public", Name: "customers"})
	if c.Subject.Name != "id" || len(c.Columns) != 7 {
		t.Fatalf("customers: %+v", c)
	}
	card := c.Columns[3]
	if card.Name != "Card No" || card.Rule.Treatment != "mask" || card.Rule.Params["keep_last"] != int64(4) {
		t.Errorf("card: %+v", card)
	}
	if got := card.Rule.ParamPos["keep_last"].String(); got != "rules/shop.yaml:10:34" {
		t.Errorf("keep_last stands at %s", got)
	}
	if c.Columns[5].Rule.Treatment != "null" {
		t.Errorf("a bare null is the treatment null, got %q", c.Columns[5].Rule.Treatment)
	}
	if paths := c.Columns[6].Rule.Paths; len(paths) != 2 || paths[0].Path != "$.contact.email" || paths[1].Rule.Reason != "preference" {
		t.Errorf("paths: %+v", paths)
	}
	if s.Table(catalog.Name{Schema: "public", Name: "Audit Events"}).Skip.Reason != "operational log" {
		t.Error("skip has no reason")
	}
	if s.Object("foreign_tables").Decision != "empty" || s.Object("event_triggers").Reason != "they only audit" {
		t.Errorf("objects: %+v", s.Objects)
	}
}

func TestClassesOverridePacksPerKind(t *testing.T) {
	s, err := parse(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]string{"staging": "token", "local": "redact", "integration": "mask", "preproduction": "mask"} {
		if got := s.Classes["pan"].For(kind).Rule.Treatment; got != want {
			t.Errorf("pan in %s is %s, want %s", kind, got, want)
		}
	}
	if s.Classes["email"].For("local").Rule.Domain != "mail" || s.Classes["email"].Description == "" {
		t.Error("an override must keep the pack's description and have its own domain")
	}
	// If an override names only one kind of environment, the pack's treatments stay for the other kinds.
	s, err = parse(t, "revision: 1\npacks: [baseline]\nclasses: {pan: {local: {treat: token}}}\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Classes["pan"].For("staging"); got.Rule.Treatment != "pan" || got.Pack != "baseline" {
		t.Errorf("pan in staging: %+v", got)
	}
}

func TestFilesMerge(t *testing.T) {
	s, err := parse(t, "revision: 2\npacks: [baseline]\ntables: {public.a: {skip: x}}\n", "packs: [baseline]\ntables: {public.b: {skip: y}}\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Tables) != 2 || len(s.Packs) != 1 || len(s.Files) != 3 {
		t.Errorf("tables %d, packs %d, files %d", len(s.Tables), len(s.Packs), len(s.Files))
	}
}

// columnRule returns a rule file with the rule for public.t.c. The rule's key is on line 4, in column 5.
func columnRule(rule string) string {
	return "revision: 1\npacks: [baseline]\ntables: {public.t: {columns: {\n    c: " + rule + "}}}\n"
}

// oneForm returns the text of the problem for a rule that has none of the keys of Forms, or several.
func oneForm() string {
	forms := Forms()
	return "a rule has exactly one of " + strings.Join(forms[:len(forms)-1], ", ") + " and " + forms[len(forms)-1]
}

const head = "revision: 1\npacks: [baseline]\n"

// wrong is a rule file, and the problems that are reported for it.
type wrong struct {
	text string
	want []string
}

// filesWithProblems returns files that are no rule files, or that have problems outside the rules of a table.
func filesWithProblems() map[string]wrong {
	return map[string]wrong{
		"empty file":       {"", []string{"rules/shop.yaml: the file is empty; a rule file needs at least `revision` or `tables`"}},
		"only a comment":   {"# hm\n", []string{"rules/shop.yaml: the file is empty; a rule file needs at least `revision` or `tables`"}},
		"no revision":      {"packs: [baseline]\n", []string{"rules/shop.yaml: no `revision`; add `revision: 1` and raise it with every change"}},
		"revision zero":    {"revision: 0\n", []string{"rules/shop.yaml:1:11: revision must be from 1 to 2147483647"}},
		"revision huge":    {"revision: 3000000000\n", []string{"rules/shop.yaml:1:11: revision must be from 1 to 2147483647"}},
		"revision a word":  {"revision: new\n", []string{"rules/shop.yaml:1:11: revision must be a whole number, raised with every change"}},
		"unknown key":      {head + "table: {}\n", []string{`rules/shop.yaml:3:1: unknown key "table" (did you mean tables?)`}},
		"when of a file":   {head + "when: {}\n", []string{"rules/shop.yaml:3:1: when is a key of a column, not of the rule file"}},
		"subset of a file": {head + "subset: {}\n", []string{"rules/shop.yaml:3:1: subset is a setting of a flow in masker.yaml, not a key of the rule file"}},
		"class of an else": {
			head + "virtual_keys: [{from: public.a.x, by: k, to: {User: public.u.id}, else: {class: emial}}]\n",
			[]string{`rules/shop.yaml:3:67: unknown class "emial" (did you mean email?)`},
		},
		"not a mapping":      {"- a\n", []string{"rules/shop.yaml:1:1: a rule file must be a mapping, `key: value`"}},
		"tab":                {"revision: 1\ntables:\n\tpublic.t: {keep: x}\n", []string{"rules/shop.yaml:3:1: not YAML: YAML does not allow tabs for indentation; use spaces"}},
		"not YAML":           {"revision: [1\npacks: 2\n", []string{"rules/shop.yaml:2:1: not YAML: ',' or ']' must be specified"}},
		"two documents":      {"revision: 1\n---\nrevision: 2\n", []string{"rules/shop.yaml:3:1: a second YAML document; a rule file is one document"}},
		"anchor":             {head + "tables: {public.t: &a {skip: x}}\n", []string{"rules/shop.yaml:3:20: anchors and aliases are not supported: write the rule where it applies"}},
		"merge key":          {"revision: 1\n<<: {}\n", []string{"rules/shop.yaml:2:1: merge keys are not supported: write the rule where it applies"}},
		"tag":                {"revision: !!int 1\n", []string{"rules/shop.yaml:1:11: tags are not supported: quote the value instead"}},
		"duplicate key":      {"revision: 1\nrevision: 2\n", []string{`rules/shop.yaml:2:1: "revision" is already at rules/shop.yaml:1:1`}},
		"unknown pack":       {"revision: 1\npacks: [basline]\n", []string{`rules/shop.yaml:2:9: unknown pack "basline" (did you mean baseline?); available: baseline, gdpr, hipaa-safe-harbor, pci`}},
		"pack twice":         {"revision: 1\npacks: [baseline, baseline]\n", []string{`rules/shop.yaml:2:19: pack "baseline" is named twice`}},
		"class of nothing":   {head + "classes: {emial: {treat: redact}}\n", []string{"rules/shop.yaml:3:11: class emial overrides nothing and no column uses it (did you mean email?)"}},
		"class of no kind":   {head + "classes: {email: {staging: {treat: redact}, lokal: {treat: redact}}}\n", []string{`rules/shop.yaml:3:45: unknown kind of environment "lokal" in class email (did you mean local?)`}},
		"class without rule": {head + "classes: {email: {description: x}}\n", []string{"rules/shop.yaml:3:11: class email has no treatment"}},
		"class with as":      {head + "classes: {email: {treat: redact, as: x}}\n", []string{"rules/shop.yaml:3:34: as belongs to a column: it needs the row's subject"}},
		"unknown objects":    {head + "objects: {large_object: drop}\n", []string{`rules/shop.yaml:3:11: unknown kind of objects "large_object" (did you mean large_objects?)`}},
		"objects kept bare":  {head + "objects: {large_objects: keep}\n", []string{`rules/shop.yaml:3:26: keep needs a reason: large_objects: {keep: "…"}`}},
		"objects emptied":    {head + "objects: {large_objects: empty}\n", []string{"rules/shop.yaml:3:26: large_objects is drop or {keep: reason}"}},
		"left out bare":      {head + "objects: {leave_out: {public.i: }}\n", []string{"rules/shop.yaml:3:32: leave_out needs a reason: say why for the reviewer"}},
		"left out twice":     {head + "objects: {leave_out: {public.i: x, public.\"i\": y}}\n", []string{"rules/shop.yaml:3:36: public.i is already left out at rules/shop.yaml:3:23"}},
		"left out by a list": {head + "objects: {leave_out: [public.i]}\n", []string{"rules/shop.yaml:3:22: leave_out must be a mapping, `key: value`"}},
		"left out, no name": {head + "objects: {leave_out: {i: x}}\n", []string{"rules/shop.yaml:3:23: leave_out names an object as SQL does: public.some_index, public.some_table.some_constraint " +
			`or "cast (text as jsonb)": "i": want schema.name, schema.table.name or cast (type as type)`}},
		"leave_out misspelt": {head + "objects: {leave_ot: {public.i: x}}\n", []string{`rules/shop.yaml:3:11: unknown kind of objects "leave_ot" (did you mean leave_out?)`}},
		"missing hook":       {head + "hooks: {before_publish: [no.sql]}\n", []string{"rules/shop.yaml:3:26: hook no.sql does not exist (looked for rules/no.sql)"}},
		"all in one go": {head + "tables: {public.t: {columns: {a: {clas: x}, b: {class: emial}}}}\nobject: {}\n", []string{
			"rules/shop.yaml:3:31: " + oneForm() + "; clas looks like class",
			`rules/shop.yaml:3:45: unknown class "emial" (did you mean email?)`,
			`rules/shop.yaml:4:1: unknown key "object" (did you mean objects?)`,
		}},
	}
}

// tablesWithProblems returns files with a problem in the rules of a table.
func tablesWithProblems() map[string]wrong {
	return map[string]wrong{
		"table without dot":   {head + "tables: {customers: {skip: x}}\n", []string{`rules/shop.yaml:3:10: a table's key is schema.table, quoted as SQL would: "customers": want schema.table`}},
		"same table folded":   {head + "tables:\n  public.T: {skip: x}\n  public.t: {skip: y}\n", []string{"rules/shop.yaml:5:3: table public.t is already at rules/shop.yaml:4:3; write all its rules in one entry"}},
		"same column quoted":  {head + "tables: {public.t: {columns: {a: {keep: x}, '\"a\"': {keep: y}}}}\n", []string{"rules/shop.yaml:3:45: column a is already at rules/shop.yaml:3:31"}},
		"unknown table key":   {head + "tables: {public.t: {column: {}}}\n", []string{`rules/shop.yaml:3:21: unknown key "column" of a table (did you mean columns?)`}},
		"keep without only":   {head + "tables: {public.t: {keep: x}}\n", []string{"rules/shop.yaml:3:21: keep on a whole table needs `only: [columns]`: a column that is added later must be undecided, not kept"}},
		"only without keep":   {head + "tables: {public.t: {only: [a]}}\n", []string{"rules/shop.yaml:3:21: only lists the columns that `keep: reason` keeps; there is no keep"}},
		"only twice":          {head + "tables: {public.t: {keep: x, only: [a, A]}}\n", []string{"rules/shop.yaml:3:40: column a is already decided at rules/shop.yaml:3:37"}},
		"only and columns":    {head + "tables: {public.t: {keep: x, only: [a], columns: {a: {keep: y}}}}\n", []string{"rules/shop.yaml:3:37: column a is already decided at rules/shop.yaml:3:51"}},
		"order without form":  {head + "tables: {public.t: {order: keep}}\n", []string{"rules/shop.yaml:3:28: order has one form: {keep: reason}"}},
		"order of a key":      {head + "tables: {public.t: {order: {by: id}}}\n", []string{"rules/shop.yaml:3:21: order has one form: {keep: reason}"}},
		"order, no reason":    {head + "tables: {public.t: {order: {keep: ''}}}\n", []string{"rules/shop.yaml:3:35: keep needs a reason: say why for the reviewer"}},
		"order and skip":      {head + "tables: {public.t: {skip: x, order: {keep: y}}}\n", []string{"rules/shop.yaml:3:21: the rows of a skipped table stay behind; skip cannot be combined with other rules of the table"}},
		"skip and columns":    {head + "tables: {public.t: {skip: x, columns: {a: {keep: y}}}}\n", []string{"rules/shop.yaml:3:21: the rows of a skipped table stay behind; skip cannot be combined with other rules of the table"}},
		"skip without reason": {head + "tables: {public.t: {skip: ''}}\n", []string{"rules/shop.yaml:3:27: skip needs a reason: say why for the reviewer"}},
	}
}

// columnsWithProblems returns files with a problem in the rule of a column.
func columnsWithProblems() map[string]wrong {
	return map[string]wrong{
		"keep without reason": {columnRule("{keep: }"), []string{"rules/shop.yaml:4:14: keep needs a reason: say why for the reviewer"}},
		"keep for a dot":      {columnRule(`{keep: "."}`), []string{"rules/shop.yaml:4:15: keep needs a reason: say why for the reviewer"}},
		"keep for nothing":    {columnRule("{keep: \"\u200b\u2060\"}"), []string{"rules/shop.yaml:4:15: keep needs a reason: say why for the reviewer"}},
		"keep of blanks":      {columnRule(`{keep: "  "}`), []string{"rules/shop.yaml:4:15: keep needs a reason: say why for the reviewer"}},
		"keep true":           {columnRule("{keep: true}"), []string{"rules/shop.yaml:4:15: the reason of keep must be a string; quote it"}},
		"bare word":           {columnRule("email"), []string{"rules/shop.yaml:4:8: a rule is a mapping: {class: …}, {treat: …} or {keep: reason}"}},
		"two forms":           {columnRule("{keep: x, class: email}"), []string{"rules/shop.yaml:4:5: " + oneForm()}},
		"misspelt form":       {columnRule("{clas: email}"), []string{"rules/shop.yaml:4:5: " + oneForm() + "; clas looks like class"}},
		"unknown class":       {columnRule("{class: emial}"), []string{`rules/shop.yaml:4:5: unknown class "emial" (did you mean email?)`}},
		"unknown treatment":   {columnRule("{treat: tokn}"), []string{`rules/shop.yaml:4:16: unknown treatment "tokn" (did you mean token?)`}},
		"treat keep":          {columnRule("{treat: keep}"), []string{"rules/shop.yaml:4:16: write {keep: reason}: a kept column needs a reason"}},
		"treat json":          {columnRule("{treat: json}"), []string{"rules/shop.yaml:4:16: write {json: {path: rule}}: json treats the parts of a value"}},
		"beside class":        {columnRule("{class: email, domian: x}"), []string{`rules/shop.yaml:4:23: unknown key "domian" beside class (did you mean domain?)`}},
		"beside keep":         {columnRule("{keep: x, domain: y}"), []string{"rules/shop.yaml:4:18: domain has no meaning beside keep"}},
		"waiver of a column":  {columnRule("{keep: x, waiver: y}"), []string{"rules/shop.yaml:4:18: a waiver is written under waivers, a key of the rule file, not under a column"}},
		"mentions":            {columnRule("{class: free_text, mentions: [a]}"), []string{`rules/shop.yaml:4:27: unknown key "mentions" beside class`}},
		"path without $":      {columnRule("{json: {a: {keep: x}}}"), []string{"rules/shop.yaml:4:16: a JSON path begins with $, as in $.contact.email"}},
		"json in json":        {columnRule(`{json: {"$.a": {json: {"b": {keep: x}}}}}`), []string{"rules/shop.yaml:4:31: a JSON path begins with $, as in $.contact.email"}},
		"parts and a form":    {columnRule(`{hstore: {a: {keep: x}}, treat: redact}`), []string{"rules/shop.yaml:4:5: " + oneForm()}},
		"treat fields":        {columnRule(`{treat: fields}`), []string{"rules/shop.yaml:4:16: write {fields: {field: rule}}: fields treats the parts of a value"}},
		"beside parts":        {columnRule(`{fields: {a: {keep: x}}, size: 3}`), []string{`rules/shop.yaml:4:33: unknown key "size" beside fields`}},
		"huge number":         {columnRule("{treat: constant, value: 9999999999999999999}"), []string{"rules/shop.yaml:4:33: value: the number does not fit in 64 bits"}},
	}
}

func TestProblems(t *testing.T) {
	for _, problems := range []map[string]wrong{filesWithProblems(), tablesWithProblems(), columnsWithProblems()} {
		for name, c := range problems {
			t.Run(name, func(t *testing.T) {
				_, err := parse(t, c.text)
				var ps Problems
				if !errors.As(err, &ps) {
					t.Fatalf("no problems, but %v", err)
				}
				var got []string
				for _, p := range ps {
					got = append(got, Problem{Pos: p.Pos, Text: p.Text}.String())
				}
				if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
					t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
				}
			})
		}
	}
}

func TestTwoFilesNameBothPlaces(t *testing.T) {
	for name, c := range map[string]struct{ first, second, want string }{
		"table":    {"revision: 1\ntables: {public.t: {skip: x}}\n", "tables: {public.t: {skip: x}}\n", "rules/more.yaml:1:10: table public.t is already at rules/shop.yaml:2:10; write all its rules in one entry"},
		"revision": {"revision: 1\n", "revision: 2\n", "rules/more.yaml:1:1: revision is already at rules/shop.yaml:1:1; one file of a rule set states it"},
		"objects":  {"revision: 1\nobjects: {large_objects: drop}\n", "objects: {large_objects: drop}\n", "rules/more.yaml:1:11: large_objects is already decided at rules/shop.yaml:2:11"},
		"class":    {"revision: 1\npacks: [baseline]\nclasses: {pan: {treat: redact}}\n", "classes: {pan: {treat: redact}}\n", "rules/more.yaml:1:11: class pan is already at rules/shop.yaml:3:11"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, c.first, c.second)
			if err == nil || !strings.HasPrefix(err.Error(), c.want+"\n") {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestExcerptPointsAtTheWord(t *testing.T) {
	_, err := parse(t, "revision: 1\npacks: [baseline]\ntables:\n  public.t:\n    columns:\n      größe: {treat: tokn}\n")
	want := "rules/shop.yaml:6:22: unknown treatment \"tokn\" (did you mean token?)\n" +
		"    6 |       größe: {treat: tokn}\n" +
		"      |                      ^"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestBoundsAreCheapToRefuse(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"size":     {strings.Repeat("# x\n", MaxFile/4+1), "larger than 8 MiB"},
		"line":     {"revision: 1\n#" + strings.Repeat("x", maxLine), "rules/shop.yaml:2: the line is longer than 16 KiB; break it after a comma"},
		"brackets": {"a: " + strings.Repeat("[", 10_000), "nested deeper than 32 levels"},
		"dashes":   {strings.Repeat("- ", 5_000), "nested deeper than 32 levels"},
		"maps":     {"a: " + strings.Repeat("{a: ", 4_000), "nested deeper than 32 levels"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parse(t, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestYAMLTextReadsBack(t *testing.T) {
	for _, s := range []string{"a", "null", "1", "Order Items", `"Quoted"`, `"it's"`, "tab\there", "a: b", "#x", "- x", "{a}", "größe", "日本", "\x01", `"a""b"`, "true", "~", "a.b", "*x", "&y", "!z", "@", "`"} {
		text := "revision: 1\nwaivers: [{finding: f, on: public.t, owner: " + YAMLText(s) + ", reason: r, until: 2027-01-31}]\n"
		set, err := parse(t, text)
		if err != nil {
			t.Errorf("%q as %s: %v", s, YAMLText(s), err)
			continue
		}
		if got := set.Waivers[0].Owner; got != strings.TrimSpace(s) {
			t.Errorf("%q came back as %q", s, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("a: [1, {b: 'c'}]\n? x\n")
	f.Add("revision: 1\ntables: {public.t: {columns: {c: {treat: token, range: [1, 0x10]}}}}\n")
	f.Add("\"a\\x\": |\n  b\n--- >\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse([]Source{{Name: "f.yaml", Data: []byte(text)}}, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
		var ps Problems
		switch {
		case err == nil && s.Revision < 1:
			t.Error("accepted without a revision")
		case err != nil && !errors.As(err, &ps):
			t.Errorf("not Problems: %v", err)
		}
		for _, p := range ps {
			if p.Text == "" || p.Pos.File == "" {
				t.Errorf("a problem without text or file: %+v", p)
			}
		}
	})
}
