package review

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/ruleset"
)

// writtenBefore and writtenNow are rule files that are compared without a schema.
const (
	writtenBefore = `revision: 3
packs: [baseline]
tables:
  public.users:
    subject: id
    columns:
      id: {keep: x}
      email: {class: email}
      phone: {class: phone}
      own: {class: own}
      by_row: {class: own, when: 'id > 5', else: {class: phone}}
      note: {treat: mask, keep_last: 4}
      doc: {json: {"$.a": {class: email}, "$.b": {treat: redact}}}
      gone: {class: local_only}
  public.countries: {keep: "reference data", only: [code, name]}
  public.log: {skip: logs}
  public.old: {columns: {a: {keep: x}}}
classes:
  own: {treat: redact}
  local_only: {default: {treat: redact}, local: {treat: mask}}
virtual_keys: [{from: public.log.user_id, to: public.users.id}]
objects: {large_objects: drop}
hooks: {before_publish: [a.sql]}
`
	writtenNow = `revision: 4
tables:
  public.users:
    columns:
      email: {keep: asked}
      phone: {class: phone, domain: numbers}
      own: {class: own}
      by_row: {class: own, when: 'id > 5', else: {class: phone}}
      note: {treat: mask, keep_last: 2}
      more: {class: local_only}
      id: {keep: "another reason"}
      doc: {json: {"$.b": {class: own}, "$.a": {class: email}, "$.c": {keep: x}}}
  public.countries: {keep: "reference data", only: [name, code, area]}
  public.log: {columns: {at: {keep: x}}}
  public.fresh: {columns: {a: {class: own}}}
classes:
  own: {treat: mask}
  local_only: {default: {treat: redact}, local: {keep: why}}
  phone: {treat: redact}
  email: {treat: redact}
virtual_keys:
  - {from: public.log.user_id, to: {A: public.users.id, B: public.fresh.a}, by: kind, else: {treat: redact}}
waivers: [{finding: a, on: public.users, owner: alice@example.com, reason: r, until: 2027-01-31}]
`
)

func TestDiffRulesWithoutASchema(t *testing.T) {
	old := sketch.Rules(t, writtenBefore)
	now := sketch.Rules(t, writtenNow)
	var text strings.Builder
	for _, c := range diffRules(old, now) {
		if strings.HasPrefix(c.Where, "classes.") && !strings.Contains(" classes.own classes.local_only classes.phone classes.pan ", " "+c.Where+" ") {
			continue // the other classes of the pack. The new rules do not name the pack
		}
		text.WriteString(c.String() + "\n")
	}
	golden(t, "diffrules.txt", []byte(text.String()))
}

// TestSameRulesWrittenOtherwise checks that comments, reasons and the order of entries make no difference.
func TestSameRulesWrittenOtherwise(t *testing.T) {
	const text = "revision: 1\ntables: {public.b: {columns: {c: {keep: x}, d: {treat: mask}}}, public.a: {skip: s}}\n"
	for name, again := range map[string]string{
		"a comment":      "# a comment\n" + text,
		"another reason": strings.Replace(text, "keep: x", "keep: y", 1),
		"another order":  "tables: {public.a: {skip: s}, public.b: {columns: {d: {treat: mask}, c: {keep: x}}}}\nrevision: 1\n",
	} {
		if changes := DiffRules(sketch.Rules(t, text), sketch.Rules(t, again)); len(changes) > 0 {
			t.Errorf("%s: %v", name, changes)
		}
	}
}

// R7: a change of a program's files is listed file by file. It is weaker, because masker cannot tell what the other
// program does.
func TestR7AChangedProgramIsListedFileByFile(t *testing.T) {
	rules := func(use string) *ruleset.Set {
		return sketch.Rules(t, "revision: 1\ntables: {public.t: {columns: {c: {treat: command, "+use+"}}}}\n")
	}
	first, second := strings.Repeat("1", 64), strings.Repeat("2", 64)
	old := rules(`run: [sh, ./a, ./b], sha256: {sh: "` + first + `", ./a: "` + first + `"}`)
	for _, c := range []struct{ use, want string }{
		{`run: [sh, ./a, ./b], sha256: {sh: "` + first + `", ./a: "` + second + `", ./b: "` + first + `"}`, `public.t.c: command: sha256: "./a" is "` + second + `" now; before "` + first + `" (weaker)
public.t.c: command: sha256: "./b" is "` + first + `" now; before not set (weaker)
`},
		{`run: [sh, ./a, ./b], sha256: {sh: "` + first + `", ./a: "` + first + `"}, may_read: [./lib]`, `public.t.c: command: may_read is ["./lib"] now; before not set (weaker)
`},
		{`run: [sh, ./c, ./b], sha256: {sh: "` + first + `", ./a: "` + first + `"}`, `public.t.c: command: run is ["sh","./c","./b"] now; before ["sh","./a","./b"] (weaker)
`},
	} {
		var got strings.Builder
		for _, d := range DiffRules(old, rules(c.use)) {
			got.WriteString(d.String() + "\n")
		}
		if got.String() != c.want {
			t.Errorf("%s:\n%swant\n%s", c.use, got.String(), c.want)
		}
	}
}
