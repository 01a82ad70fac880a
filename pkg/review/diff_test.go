package review

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/plan"
)

// TestR3EveryChangedWordIsAChange changes every value of the decisions of two plans, one at a time. Diff must
// describe each change that changes the digest.
func TestR3EveryChangedWordIsAChange(t *testing.T) {
	for name, p := range map[string]*plan.Plan{"shop": shop(t), "rich": rich(t)} {
		old := p.Decisions()
		for i := range leaves("", tree(t, old), nil) {
			v := tree(t, old)
			l := leaves("", v, nil)[i]
			l.set(other(l.now))
			now := decoded(t, v)
			changes := Diff(old, now)
			if (len(changes) > 0) != (now.Digest() != old.Digest()) {
				t.Errorf("%s%s: digests differ: %v, changes: %v", name, l.path, now.Digest() != old.Digest(), changes)
			}
			for _, c := range changes {
				if c.Text == undescribed || c.Where == "" || c.Effect == "" {
					t.Errorf("%s%s: %v", name, l.path, c)
				}
			}
		}
	}
}

// P1: a new rule that keeps the source's order of rows is weaker.
func TestP1AKeptOrderIsWeaker(t *testing.T) {
	now := rich(t).Decisions()
	old := rich(t).Decisions()
	for i := range old.Tables {
		old.Tables[i].KeepOrder = false
	}
	if got := Diff(old, now); len(got) != 1 || got[0].String() != "public.people: the rows keep the source's order now (weaker)" {
		t.Errorf("%v", got)
	}
	if got := Diff(now, old); len(got) != 1 || got[0].Effect != Stronger {
		t.Errorf("%v", got)
	}
}

// R7: another partition key makes the plan weaker. With another key, bounds that reviewers saw may be left out, because
// masker shows reviewers no bounds that are numbers, dates or times.
func TestR7AnotherPartitionKeyIsWeaker(t *testing.T) {
	old, now := rich(t).Decisions(), rich(t).Decisions()
	old.Tables[0].Partitions, now.Tables[0].Partitions = "range of id", "list of id"
	if old.Digest() == now.Digest() {
		t.Error("the digest does not cover the partition key")
	}
	where := now.Tables[0].Name.String()
	if got := Diff(old, now); len(got) != 1 || got[0].String() != where+": the partition key, which decides whether bounds are shown, is list of id now; before range of id (weaker)" {
		t.Errorf("%v", got)
	}
}

// TestDiffIsEmptyExactlyWhereDigestsAreEqual removes, doubles, swaps and changes values at random. Diff must return
// nothing if and only if the digests are equal.
func TestDiffIsEmptyExactlyWhereDigestsAreEqual(t *testing.T) {
	base := []plan.Decisions{shop(t).Decisions(), rich(t).Decisions(), {Tables: []plan.DecidedTable{}, Objects: []plan.DecidedObject{}, Hooks: []plan.Hook{}, Waivers: []plan.DecidedWaiver{}}}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SampledFrom(base).Draw(t, "old"), rapid.SampledFrom(base).Draw(t, "now")
		v := tree(t, b)
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			shake(t, v)
		}
		now := decoded(t, v)
		if changes := Diff(a, now); (len(changes) > 0) != (a.Digest() != now.Digest()) {
			t.Fatalf("digests differ: %v; %v", a.Digest() != now.Digest(), changes)
		}
		if changes := Diff(now, now); len(changes) > 0 {
			t.Fatal(changes)
		}
		if (len(Diff(now, a)) > 0) != (len(Diff(a, now)) > 0) {
			t.Fatal("the other way round there is none")
		}
	})
}

// TestAFirstApprovalReordersNothing checks that a comparison with empty decisions reports no changed order.
func TestAFirstApprovalReordersNothing(t *testing.T) {
	changes := Diff(plan.Decisions{}, shop(t).Decisions())
	if len(changes) == 0 {
		t.Fatal("nothing is new")
	}
	for _, c := range changes {
		if strings.Contains(c.Text, "another order") {
			t.Errorf("%v", c)
		}
	}
}

// shake changes one scalar, or the order or number of one list's entries.
func shake(t *rapid.T, v any) {
	var lists [][]any
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, k := range sortedKeys(v) {
				walk(v[k])
			}
		case []any:
			if len(v) > 1 {
				lists = append(lists, v)
			}
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(v)
	if len(lists) > 0 && rapid.Bool().Draw(t, "a list") {
		l := rapid.SampledFrom(lists).Draw(t, "list")
		i, j := rapid.IntRange(0, len(l)-1).Draw(t, "i"), rapid.IntRange(0, len(l)-1).Draw(t, "j")
		if rapid.Bool().Draw(t, "swap") {
			l[i], l[j] = l[j], l[i]
		} else {
			l[i] = l[j] // one entry is doubled, another one is lost
		}
		return
	}
	all := leaves("", v, nil)
	if len(all) == 0 {
		return
	}
	l := rapid.SampledFrom(all).Draw(t, "leaf")
	if l.set != nil {
		l.set(other(l.now))
	}
}

func sortedKeys(m map[string]any) []string {
	var out []string
	for _, l := range leaves("", any(m), nil) {
		key, _, _ := strings.Cut(l.path[1:], "/")
		if len(out) == 0 || out[len(out)-1] != key {
			out = append(out, key)
		}
	}
	return out
}

// everyKindBefore and everyKindNow are two rule files. The differences between them are of every kind.
const (
	everyKindBefore = `revision: 3
packs: [baseline]
tables:
  public.customers:
    subject: id
    columns:
      id: {keep: x}
      email: {class: email}
      phone: {class: phone}
      born: {class: birth_date}
      card: {treat: mask, keep_last: 4}
      notes: {treat: redact}
      iban: {treat: redact, when: 'id > 5', else: {keep: x}}
      doc: {json: {"$.email": {class: email}, "$.theme": {keep: x}, "$.old": {treat: redact}}}
      gone: {treat: token}
  public.orders: {columns: {id: {keep: x}, memo: {treat: token, domain: memos}}}
  public.audit: {skip: logs}
  public.sessions: {columns: {token: {keep: x}}}
  public.old: {columns: {a: {keep: x}}}
objects: {large_objects: drop, foreign_tables: {keep: x}, event_triggers: drop}
hooks: {before_publish: [a.sql]}
waivers:
  - {finding: check-may-break, on: public.orders.memo, owner: alice@example.com, reason: fixed in May, until: 2027-01-31}
  - {finding: collisions-expected, on: public.customers.email, owner: alice@example.com, reason: few, until: 2027-01-31}
  - {finding: leak, on: public.orders.memo, from: public.customers.email, at_most: 40, owner: alice@example.com, reason: staff, until: 2027-01-31}
`
	everyKindNow = `revision: 4
packs: [baseline]
tables:
  public.customers:
    subject: id
    columns:
      id: {treat: token, range: [1, 2000000000]}
      email: {keep: "they asked"}
      phone: {treat: redact}
      born: {treat: shift, days: 30}
      card: {treat: mask, keep_last: 6, with: "#"}
      notes: {class: free_text}
      iban: {treat: redact, when: 'id > 6', else: {keep: x}}
      doc: {json: {"$.email": {keep: x}, "$.theme": {keep: x}, "$.new": {keep: y}}}
      fresh: {keep: x}
  public.orders: {columns: {id: {keep: x}, memo: {treat: token, domain: notes}}}
  public.audit: {columns: {at: {keep: x}}}
  public.sessions: {skip: "nobody needs them"}
  public.brand: {columns: {a: {class: email}, d: {json: {"$.x": {treat: redact}}}}}
  public.logs: {skip: logs}
objects: {large_objects: {keep: x}, foreign_tables: empty, job_schedulers: drop}
hooks: {before_publish: [a.sql, b.sql]}
waivers:
  - {finding: check-may-break, on: public.orders.memo, owner: alice@example.com, reason: fixed in June, until: 2027-02-28}
  - {finding: unique-expression, on: public.orders, owner: bob@example.com, reason: seen, until: 2027-01-31}
  - {finding: leak, on: public.orders.memo, from: public.customers.email, at_most: 50, owner: alice@example.com, reason: staff, until: 2027-01-20}
`
)

// TestDiffInAReviewersWords compares the text of every kind of change with testdata/diff.txt. People can read all
// texts there.
func TestDiffInAReviewersWords(t *testing.T) {
	old := planOf(t, sketch.Schema(t,
		"public.customers: id int! pk, email text, phone text, born date, card text, notes text, iban text, doc jsonb, gone text",
		"public.orders: id int! pk, customer_id int -> public.customers.id, memo text",
		"public.audit: at date", "public.sessions: token text", "public.old: a text",
	), sketch.Rules(t, everyKindBefore)).Decisions()
	now := planOf(t, sketch.Schema(t,
		"public.customers: id int! pk, email text, phone text, born date!, card varchar24, notes text, iban text, doc jsonb, fresh text",
		"public.orders: id int! pk, customer_id int -> public.customers.id, memo text",
		"public.audit: at date", "public.sessions: token text", "public.brand: a text, d jsonb", "public.logs: a text",
	), sketch.Rules(t, everyKindNow)).Decisions()
	now.Library, now.TargetKind = old.Library+"-next", "local"
	old.Hooks = []plan.Hook{{File: "a.sql", SQL: "select 1"}, {File: "b.sql", SQL: "select 1;\nselect 2"}, {File: "c.sql", SQL: "select 3"}}
	now.Hooks = []plan.Hook{{File: "new.sql", SQL: "create extension dblink"}, {File: "b.sql", SQL: "select 1;\nselect 3"}, {File: "a.sql", SQL: "select 1"}}
	old.Policy = plan.Policy{"approvals.required": "2", "allow": "equal-credentials", "findings": "note", "verify": "off", "ledger.path": "ledger/"}
	now.Policy = plan.Policy{"approvals.required": "1", "allow": "", "findings": "refuse", "verify": "off", "ledger.path": "other/", "from.not_production": "7/shop"}
	var text strings.Builder
	for _, c := range diffPlans(old, now) {
		text.WriteString(c.String() + "\n")
	}
	golden(t, "diff.txt", []byte(strings.ReplaceAll(text.String(), old.Library, "L")))
}

func TestWhatIsWeaker(t *testing.T) {
	db := "public.t: id int! pk, a text, d date"
	for name, c := range map[string]struct{ old, now, want string }{
		"keep of formerly treated":           {"a: {treat: redact}", "a: {keep: x}", "weaker"},
		"treated of formerly kept":           {"a: {keep: x}", "a: {treat: token}", "stronger"},
		"a token of a mask":                  {"a: {treat: mask}", "a: {treat: token}", "weaker"},
		"a digit more":                       {"a: {treat: mask, keep_last: 4}", "a: {treat: mask, keep_last: 5}", "weaker"},
		"a digit where there was none":       {"a: {treat: mask}", "a: {treat: mask, keep_last: 1}", "weaker"},
		"a digit fewer":                      {"a: {treat: mask, keep_last: 4}", "a: {treat: mask, keep_last: 3}", "stronger"},
		"the default paramValue":             {"a: {treat: mask}", "a: {treat: mask, keep_last: 0}", "neutral"},
		"a narrower shift":                   {"d: {treat: shift, days: 100}", "d: {treat: shift, days: 10}", "weaker"},
		"months of years":                    {"d: {treat: truncate, to: year}", "d: {treat: truncate, to: month}", "weaker"},
		"another domain":                     {"a: {treat: token}", "a: {treat: token, domain: d}", "weaker"},
		"other rows kept":                    {"a: {treat: redact, when: 'id > 5', else: {keep: x}}", "a: {treat: redact, when: 'id > 9', else: {keep: x}}", "weaker"},
		"other rows alike":                   {"a: {treat: redact, when: 'id > 5', else: {treat: null}}", "a: {treat: redact, when: 'id > 9', else: {treat: null}}", "weaker"},
		"the other rows weaker":              {"a: {treat: redact, when: 'id > 5', else: {treat: mask}}", "a: {treat: redact, when: 'id > 5', else: {treat: token}}", "weaker"},
		"one side weaker, worst the same":    {"a: {treat: redact, when: 'id > 5', else: {keep: x}}", "a: {treat: token, when: 'id > 5', else: {keep: x}}", "weaker"},
		"a treatment with the same label":    {"a: {treat: mask}", "a: {treat: truncate, length: 20}", "weaker"},
		"another pseudonym":                  {"a: {treat: token}", "a: {treat: fake.email}", "weaker"},
		"a kept value, hidden":               {"a: {keep: x}", "a: {treat: regex, pattern: '(.*)', replace: '-${1}'}", "neutral"},
		"a text that is no longer looked at": {"a: {treat: scrub}", "a: {keep: x}", "weaker"},
		"another pattern":                    {"a: {treat: regex, pattern: '(.)(.*)', replace: '${1}'}", "a: {treat: regex, pattern: '(..)(.*)', replace: '${1}'}", "weaker"},
		"less that must be covered":          {"a: {treat: mask}", "a: {treat: mask, least: 30}", "weaker"},
		"more that must be covered":          {"a: {treat: mask}", "a: {treat: mask, least: 90}", "stronger"},
		"so little that it is no mask":       {"a: {treat: mask, least: 25}", "a: {treat: mask, least: 24}", "weaker"},
		"another mask character":             {"a: {treat: mask}", "a: {treat: mask, with: '#'}", "neutral"},
		"a constant of another value":        {"a: {treat: constant, value: a}", "a: {treat: constant, value: b}", "neutral"},
		"a new dictionary":                   {"a: {treat: map, values: {a: x, b: x}, default: y}", "a: {treat: map, values: {a: x, b: x, c: x}, default: y}", "weaker"},
		"a band more":                        {"a: {treat: constant, value: a, when: 'id > 5', else: {treat: constant, value: b}}", "a: {treat: constant, value: a, when: 'id > 5', else: {treat: constant, value: c, when: 'id > 3', else: {treat: constant, value: b}}}", "weaker"},
		"a condition gone":                   {"a: {treat: redact, when: 'id > 5', else: {keep: x}}", "a: {treat: redact}", "stronger"},
	} {
		t.Run(name, func(t *testing.T) {
			decisions := func(rule string) plan.Decisions {
				rest := "a: {keep: x}"
				if strings.HasPrefix(rule, "a:") {
					rest = "d: {keep: x}"
				}
				return built(t, sketch.Schema(t, db), "tables: {public.t: {columns: {id: {keep: x}, "+rest+", "+rule+"}}}\n").Decisions()
			}
			var got []string
			changes := Diff(decisions(c.old), decisions(c.now))
			for _, ch := range changes {
				got = append(got, string(ch.Effect))
			}
			if !strings.Contains(strings.Join(got, " "), c.want) || c.want != "weaker" && strings.Contains(strings.Join(got, " "), "weaker") {
				t.Errorf("%v", changes)
			}
		})
	}
}

// R7: a target gets no comments without a decision. A rule that keeps them is weaker. A rule that drops them changes
// nothing.
func TestR7KeepingCommentsIsWeaker(t *testing.T) {
	db := sketch.Schema(t, "public.t: a text")
	const silent = "revision: 1\ntables: {public.t: {columns: {a: {treat: redact}}}}\n"
	texts := func(list []Difference) string {
		var all []string
		for _, d := range list {
			all = append(all, d.String())
		}
		return strings.Join(all, "; ")
	}
	for _, c := range []struct{ old, now, want string }{
		{"", "objects: {comments: drop}\n", ""},
		{"objects: {comments: drop}\n", "", ""},
		{"", "objects: {comments: {keep: x}}\n", "objects.comments: keep (x) now; before drop (weaker)"},
		{"objects: {comments: drop}\n", "objects: {comments: {keep: x}}\n", "objects.comments: keep (x) now; before drop (weaker)"},
		{"objects: {comments: {keep: x}}\n", "", "objects.comments: drop now; before keep (x) (stronger)"},
	} {
		old, now := sketch.Rules(t, silent+c.old), sketch.Rules(t, silent+c.now)
		if got := texts(diffRules(old, now)); got != c.want {
			t.Errorf("rules: from %q to %q: %s", c.old, c.now, got)
		}
		a, b := planOf(t, db, old), planOf(t, db, now)
		if got := texts(diffPlans(a.Decisions(), b.Decisions())); got != c.want || (a.Digest() == b.Digest()) != (c.want == "") {
			t.Errorf("plans: from %q to %q: %s", c.old, c.now, got)
		}
	}
}
