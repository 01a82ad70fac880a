package probe_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/verify"
	"github.com/masker-project/masker/pkg/verify/probe"
)

func TestV3DetectorsLookAtKeptColumns(t *testing.T) {
	create(t, "detected", "", `CREATE FUNCTION card(n int8) RETURNS text LANGUAGE sql AS $$ SELECT n::text || (1000 - sum(CASE WHEN i % 2 = 1 THEN d * 2 / 10 + d * 2 % 10 ELSE d END)) % 10
			FROM (SELECT i, substr(n::text, i, 1)::int AS d FROM generate_series(1, 15) i) digits $$;
		CREATE TABLE t (id int8 PRIMARY KEY, mail text, invented text, card text, article int8, iban text, phone text, note text, doc jsonb, mixed text, code text, local text, part text, dni text, ssn text, treated text);
		SELECT setseed(0.1); INSERT INTO t SELECT g, 'user' || g || '@mail.de', 'user' || g || '@example.com', '4111111111111111', 10^15 + (random() * 8e15)::int8,
			'DE89370400440532013000', '+49 171 ' || 2000000 + g, CASE WHEN g = 5 THEN 'write to me@mail.de' ELSE 'nothing' END, jsonb_build_object('by', 'u' || g || '@mail.de'), CASE WHEN g % 2 = 0 THEN card(411111111110000 + g) ELSE (10^15 + (random() * 8e15)::int8)::text END,
			lpad(g::text, 10, '0'), '0171 ' || 2000000 + g, 'R-' || lpad(g::text, 7, '0'), '12345678Z', '123-45-' || 1000 + g, 'x@mail.de'
		FROM generate_series(1, 3000) g`)
	all := tables(t, "detected", true)
	table := all[catalog.Name{Schema: "public", Name: "t"}]
	table.Columns[len(table.Columns)-1].Kept = false
	_, result := look(t, "detected", probe.Options{Values: true, Workers: 2, Tables: all})
	fails := map[string]verify.Hit{}
	for _, h := range result.Recognised {
		fails[strings.TrimSpace(h.Target.Column+" "+h.Target.Path)+": "+h.Kind] = h
	}
	for _, want := range []string{"mail: email", "card: pan", "iban: iban", "phone: phone", "local: phone", "doc $.by: email", "dni: national_id", "ssn: national_id"} {
		if h := fails[want]; h.Finding != verify.Recognised || h.Values < 1000 || h.Of < h.Values {
			t.Errorf("%s: got %+v", want, h)
		}
		delete(fails, want)
	}
	if fails["mixed: pan"].Values == 0 {
		t.Error("half of a column's numbers are cards, and it does not fail")
	}
	delete(fails, "mixed: pan")
	for what := range fails {
		t.Errorf("%s fails", what)
	}
	noticed := map[string]bool{}
	for _, h := range result.Noticed {
		noticed[h.Target.Column+": "+h.Kind] = true
	}
	if !noticed["note: email"] || noticed["invented: email"] || noticed["treated: email"] {
		t.Errorf("noticed: %v", noticed)
	}
	if noticed["article: pan"] {
		t.Error("numbers without a meaning are noticed as cards, and chance explains them")
	}
}

// The key of one row may look like personal data by chance, and stand in many rows that reference it. A UUID is no number, even if
// its end has the form and the check digits of an IBAN.
func TestV10KeysThatRepeatAreNotRecognised(t *testing.T) {
	create(t, "repeated", "", `CREATE TABLE t (id int8 PRIMARY KEY, account int8, customer uuid, customer_text text);
		INSERT INTO t SELECT g, CASE WHEN g % 40 < 30 THEN 4111111111111111 ELSE 4000000000000001 + g % 40 * 1237 END,
			'38ddd8f0-92c9-be23-af25-de672103903b', '38ddd8f0-92c9-be23-af25-de672103903b' FROM generate_series(1, 3000) g`)
	_, result := look(t, "repeated", probe.Options{Values: true, Workers: 2, Tables: tables(t, "repeated", true)})
	for _, h := range append(result.Recognised, result.Noticed...) {
		t.Errorf("%+v", h)
	}
}

// TestV10ChanceOfNumbers measures how often numbers without a meaning are taken for personal data, and compares this
// with the share that the judge expects.
func TestV10ChanceOfNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for digits := 6; digits <= 24; digits++ {
		seen := map[recognise.Kind]int{}
		s := recognise.New(probe.Kinds(), nil)
		for range 5000 {
			number := make([]byte, digits)
			for i := range number {
				number[i] = byte('0' + random.IntN(10))
			}
			s.Start(number)
			for m, ok := s.Next(); ok; m, ok = s.Next() {
				seen[m.Kind]++
			}
		}
		for k, n := range seen {
			if share := float64(n) / 5000; k != recognise.Number && share > probe.ChanceOf(k) {
				t.Errorf("%s: %.3f of the numbers of %d digits, and the judge expects %.3f", k, share, digits, probe.ChanceOf(k))
			}
		}
	}
}
