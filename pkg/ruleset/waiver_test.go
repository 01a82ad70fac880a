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
		"unknown key":     {"owner: o", "ower: o", `unknown key "ower" of a waiver; did you mean owner?`},
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
