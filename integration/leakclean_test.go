package integration

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/examples/shop"
	"github.com/masker-project/masker/pkg/verify"
)

// sound is a database with rules that treat it in the right way.
type sound struct {
	name  string
	make  func(t *testing.T) string // returns the URL of a source that the test may change
	rules func(t *testing.T) string
	leak  string   // SQL that puts values of a treated column into the table leaked (id, note)
	many  int      // how many values the SQL puts there
	from  []string // sources that the report may name for the leak: columns with these values or with parts of them. "" means a detector
	gaps  []string // columns of identifiers of which fewer than four in five values can be looked for
}

func soundDatabases() []sound {
	from := func(name string) func(*testing.T) string {
		return func(t *testing.T) string {
			return databaseLike(t, Server(t), name, "", "TEMPLATE "+databaseName(t, sample(t, name)))
		}
	}
	file := func(name string) func(*testing.T) string {
		return func(t *testing.T) string {
			data, err := os.ReadFile(filepath.Join("testdata", name, "rules.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
	}
	return []sound{
		{"pagila", from("pagila"), file("pagila"), "SELECT customer_id, 'wrote to ' || email FROM customer ORDER BY 1 LIMIT 3", 3, []string{"public.customer.email", "public.customer.last_name"}, nil},
		{"adventureworks", from("adventureworks"), file("adventureworks"), "SELECT emailaddressid, 'wrote to ' || emailaddress FROM person.emailaddress ORDER BY 1 LIMIT 3", 3, []string{"person.emailaddress.emailaddress"}, []string{
			"production.productreview.reviewername", // four names, two of which are in dictionaries
		}},
		{"shop", shopOf(400), func(*testing.T) string { return shop.Rules }, "SELECT customer_id, 'wrote to ' || email FROM customers ORDER BY 1 LIMIT 3", 3, []string{"public.customers.email", "public.customers.profile $.contact.email", "public.customers.user_name", "public.customers.profile $.account.login"}, nil},
		{"offices", func(t *testing.T) string { return database(t, Server(t), "offices", offices) }, func(*testing.T) string { return officesRules }, "SELECT id, 'wrote to ' || email FROM clinic.patient ORDER BY 1 LIMIT 3", 3, []string{"clinic.patient.email"}, []string{
			"bank.holder.officer", // many holders have the same officer
		}},
		{"crowd", crowded, func(*testing.T) string { return crowdRules }, "SELECT id, 'called ' || phone FROM person WHERE id > 1 ORDER BY id LIMIT 64", 64, []string{"public.person.phone", "public.parcel.phone", ""}, nil},
	}
}

func shopOf(customers int) func(t *testing.T) string {
	return func(t *testing.T) string {
		url := database(t, Server(t), "shop", shop.Schema)
		do(t, url, shop.Fill(customers))
		return url
	}
}

// V2, V3, V7, V9: a correct refresh passes, and at least four of five values of each identifier are looked for. Then
// the test puts values of one column into a kept text. The verification finds these values, and nothing else. If it
// looks at a sample only, it finds as many of these values as its report promises.
func TestCorrectRefreshesRaiseNoAlarm(t *testing.T) {
	t.Parallel()
	for _, c := range soundDatabases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, c.make(t), newDatabaseURL(t, Server(t), "staging"))
			do(t, s.source, "ANALYZE")
			s.flow["verify"] = "{level: strict, memory: 1GB}" // enough for a million people without a sample
			s.rules(t, c.rules(t))
			r := s.verified(t, exitDone)
			falseAlarms(t, reported(r), nil)
			c.wellCovered(t, r)

			do(t, s.source, "CREATE TABLE public.leaked (id int, note text); INSERT INTO public.leaked "+c.leak)
			s.edit(t, "rules.yaml", "tables:\n", "tables:\n  public.leaked: {keep: a diary, only: [id, note]}\n")
			l := leak{hits: hits{}}
			for _, from := range c.from {
				l.hits[[2]string{"public.leaked.note", from}] = nil
			}
			r = s.verified(t, exitUnverified)
			c.promised(t, r)
			got := reported(r)
			l.compare(t, got)
			falseAlarms(t, got, l.hits)
			if left := siblings(t, Server(t), s.target); len(left) != 0 {
				t.Errorf("the shadow is kept: %q", left)
			}
		})
	}
}

// promised checks that the report's number of leaked values is the true one. An estimate from a sample may differ by
// five standard deviations.
func (c *sound) promised(t *testing.T, r *verify.Report) {
	t.Helper()
	var told float64
	for _, h := range r.Hits {
		if placeText(h.Target) == "public.leaked.note" && placeText(h.Source) == c.from[0] && h.Form == verify.Plain {
			told = float64(h.Values)
		}
	}
	share, many := math.Ldexp(1, -r.Sampling), float64(c.many)
	t.Logf("%.0f leaked values were told, %.0f of them seen; %.0f were leaked, and one in %.0f is looked for", told, told*share, many, 1/share)
	if math.Abs(told-many) > 5*math.Sqrt(many*(1-share)/share) {
		t.Errorf("%.0f leaked values were told, and %.0f were leaked", told, many)
	}
}

// wellCovered checks that enough values of each identifier were looked for, and prints the shares.
func (c *sound) wellCovered(t *testing.T, r *verify.Report) {
	t.Helper()
	identifiers := 0
	for _, column := range r.Columns {
		if !identifies(column.Class) || column.Cells == 0 {
			continue
		}
		identifiers++
		name, share := placeText(column.Source), 100*math.Ldexp(column.Share(), -r.Sampling)
		t.Logf("%-44s %7d values, %5.1f %% looked for %v", name, column.Cells, share, column.Not)
		if (share < 80) != slices.Contains(c.gaps, name) {
			t.Errorf("%s: %.1f %% of its values were looked for: %v", name, share, column.Not)
		}
	}
	if identifiers == 0 {
		t.Error("there are no identifiers")
	}
	for _, control := range r.Controls {
		if control.Found != control.Wanted {
			t.Errorf("%d of %d values of kept columns of type %s were found again", control.Found, control.Wanted, control.Type)
		}
	}
	t.Logf("%d tables, %d places, %d bytes, sampled 1/%d", len(r.Tables), len(r.Targets), r.Memory, 1<<r.Sampling)
}

// identifies reports whether a value of a class belongs to one person.
func identifies(class string) bool {
	switch class {
	case "email", "phone", "user_name", "full_name", "pan", "iban", "national_id":
		return true
	}
	return false
}

// V10: members of the shop's staff are also customers. The kept column created_by holds their mail addresses, and the
// verification reports them. A waiver accepts the number of addresses that it states.
func TestV10AWaiverAcceptsSomeLeaks(t *testing.T) {
	t.Parallel()
	const staff = 38
	waiver := fmt.Sprintf(`
waivers:
  - finding: leak
    on: public.orders.created_by
    from: public.customers.email
    at_most: %d
    owner: alice@example.com
    reason: staff are customers too
    until: 2099-01-31
`, staff)
	const rules = `revision: 1
packs: [baseline]
tables:
  public.customers: {columns: {id: {keep: surrogate key}, email: {class: email}}}
  public.orders: {keep: orders and who took them, only: [id, created_by]}`
	srv := Server(t)
	s := newSite(t, database(t, srv, "prod", inventors+fmt.Sprintf(`
		CREATE TABLE customers (id int PRIMARY KEY, email text); INSERT INTO customers SELECT i, pseudo('mail', i, 9) || '@shop.invalid' FROM generate_series(1, 500) i;
		CREATE TABLE orders (id int PRIMARY KEY, created_by text); INSERT INTO orders SELECT i, (SELECT email FROM customers WHERE id = 1 + i %% %d) FROM generate_series(1, 90) i; ANALYZE`, staff)), newDatabaseURL(t, srv, "staging"))
	s.flow["verify"] = "strict"
	at := [2]string{"public.orders.created_by", "public.customers.email"}

	s.rules(t, rules)
	if got := reported(s.verified(t, exitUnverified)); len(got) != 1 || got[at] == nil {
		t.Errorf("without a waiver: %q", got)
	}
	s.rules(t, rules+waiver)
	r := s.verified(t, exitDone)
	if len(r.Hits) != 0 || len(r.Waived) != 1 || r.Waived[0].Values != staff {
		t.Errorf("with a waiver: %+v, waived %+v", r.Hits, r.Waived)
	}
	s.mustRefresh(t).want(t, exitDone, "waived")
	s.rules(t, rules+strings.Replace(waiver, fmt.Sprint("at_most: ", staff), fmt.Sprint("at_most: ", staff-1), 1))
	s.refresh(t).want(t, exitUnverified, "public.orders.created_by", "public.customers.email", fmt.Sprint("a waiver accepts ", staff-1))
}
