package ruleset

import (
	"errors"
	"strings"
	"testing"
)

const waiverHead = "revision: 1\nwaivers:\n  - "

func TestWaiversAreRead(t *testing.T) {
	set, err := parse(t, waiverHead+`finding: check-may-break
    on: 'public."Audit Events".at'
    owner: " alice@example.com "
    reason: |
      the constraint goes
      in May
    until: 2027-01-31
  - {finding: unique-expression, on: public.users, owner: bob@example.com, reason: seen, until: "2026-12-24"}
`)
	if err != nil {
		t.Fatal(err)
	}
	a, b := set.Waivers[0], set.Waivers[1]
	if a.On() != `public."Audit Events".at` || a.Owner != "alice@example.com" || a.Reason != "the constraint goes\nin May" || a.Until != "2027-01-31" || a.Pos != "rules/shop.yaml:3:5" {
		t.Errorf("%+v", a)
	}
	if b.On() != "public.users" || b.Column != "" || b.Until != "2026-12-24" {
		t.Errorf("%+v", b)
	}
}

// V10: a waiver of a leak can name the column whose values are found, and accepts a number of them.
func TestV10WaiversOfLeaksAreRead(t *testing.T) {
	set, err := parse(t, waiverHead+`{finding: leak, on: public.audit.actor, from: 'public."Staff".email', at_most: 40, owner: o, reason: staff are customers, until: 2027-01-31}
  - {finding: leak, on: public.audit.actor, from: public.customers.email, at_most: 1, owner: o, reason: r, until: 2027-01-31}
  - {finding: leak, on: public.audit.actor, at_most: 9, owner: o, reason: r, until: 2027-01-31}
`)
	if err != nil {
		t.Fatal(err)
	}
	if w := set.Waivers[0]; w.From.Table.Column(w.From.Column) != `public."Staff".email` || w.AtMost != 40 || w.On() != "public.audit.actor" {
		t.Errorf("%+v", w)
	}
	if w := set.Waivers[2]; w.From.Column != "" || w.AtMost != 9 {
		t.Errorf("%+v", w)
	}
	const good = "{finding: leak, on: public.t.c, from: public.t.d, at_most: 5, owner: o, reason: r, until: 2027-01-31}"
	for name, c := range map[string]struct{ old, new, want string }{
		"no number":       {", at_most: 5", "", "3:5: a waiver of leak needs at_most"},
		"nothing":         {"at_most: 5", "at_most: 0", "at_most must be at least 1"},
		"a text":          {"at_most: 5", "at_most: all", "at_most must be a whole number"},
		"too large":       {"at_most: 5", "at_most: 18446744073709551615", "at_most: the number does not fit in 64 bits"},
		"a table":         {"from: public.t.d", "from: public.t", "from is the column whose values are found"},
		"a schema":        {"from: public.t.d", "from: public", "from is schema.table.column"},
		"another finding": {"finding: leak", "finding: check-may-break", "3:5: from and at_most are only for a waiver of leak"},
		"the same twice":  {good, good + "\n  - " + strings.Replace(good, "at_most: 5", "at_most: 6", 1), "4:5: leak on public.t.c is already waived at rules/shop.yaml:3:5"},
		"misspelt":        {"at_most", "at_mots", `unknown key "at_mots" of a waiver (did you mean at_most?)`},
	} {
		if _, err := parse(t, strings.Replace(waiverHead+good+"\n", c.old, c.new, 1)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func TestInvalidWaivers(t *testing.T) {
	const good = "{finding: a, on: public.t.c, owner: o, reason: r, until: 2027-01-31}"
	for name, c := range map[string]struct{ old, new, want string }{
		"no finding":      {"finding: a, ", "", "3:5: a waiver needs finding: {"},
		"no on":           {"on: public.t.c, ", "", "3:5: a waiver needs on: {"},
		"no owner":        {"owner: o, ", "", "3:5: a waiver needs owner: {"},
		"no reason":       {"reason: r, ", "", "3:5: a waiver needs reason: {"},
		"no end":          {", until: 2027-01-31", "", "3:5: a waiver needs until: {"},
		"empty owner":     {"owner: o", "owner: ' '", "3:41: owner is empty"},
		"empty reason":    {"reason: r", "reason: ''", "3:52: a waiver needs a reason: say why for the reviewer"},
		"no date":         {"2027-01-31", "never", "3:62: until is the last day the waiver holds: 2027-01-31"},
		"no such day":     {"2027-01-31", "2027-02-31", "3:62: until is the last day"},
		"a time":          {"2027-01-31", "2027-01-31 12:00", "3:62: until is the last day"},
		"a number":        {"2027-01-31", "2027", "3:62: until must be a string; quote it"},
		"a whole schema":  {"public.t.c", "public", "3:22: on is schema.table.column or schema.table, quoted as SQL would: public.users.email"},
		"too many parts":  {"public.t.c", "a.b.c.d", "3:22: on is schema.table.column or schema.table"},
		"unknown key":     {"owner: o", "ower: o", `unknown key "ower" of a waiver (did you mean owner?)`},
		"not a list":      {"  - " + good, "  " + good, "waivers must be a list"},
		"not a mapping":   {good, "word", "3:5: a waiver must be a mapping"},
		"the same twice":  {good, good + "\n  - " + strings.Replace(good, "owner: o", "owner: p", 1), "4:5: a on public.t.c is already waived at rules/shop.yaml:3:5"},
		"a list for one":  {"owner: o", "owner: [o]", "owner must be a string"},
		"an alias":        {"owner: o", "owner: &o x", "anchors and aliases"},
		"doubled key":     {"owner: o", "owner: o, owner: p", `"owner" is already at`},
		"nothing at all":  {good, "", "is empty"},
		"null for a text": {"finding: a", "finding: ", "finding is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(waiverHead+good+"\n", c.old, c.new, 1)
			_, err := parse(t, text)
			var ps Problems
			if !errors.As(err, &ps) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s\ngot %v\nwant %s", text, err, c.want)
			}
		})
	}
	if _, err := parse(t, "revision: 1\nwaivers: []\n"); err != nil {
		t.Error(err)
	}
}
