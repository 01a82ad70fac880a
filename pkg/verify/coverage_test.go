package verify

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/fingerprint"
)

// Coverage says of each source how many values were looked for, and why others were not.
func TestV9CoverageSaysWhatWasNotLookedFor(t *testing.T) {
	typed := func(f catalog.Family) catalog.Type { return catalog.Type{Name: string(f), Base: string(f), Family: f} }
	of := func(format string) func(int) string { return func(row int) string { return fmt.Sprintf(format, row) } }
	for name, c := range map[string]struct {
		source Source
		value  func(int) string
		probed int64
		not    map[Reason]int64
	}{
		"an address":         {Source{Class: "email", Type: text()}, mail, 1000, nil},
		"short values":       {Source{Class: "code", Type: text()}, of("%03d"), 0, map[Reason]int64{TooShort: 1000}},
		"large values":       {Source{Class: "file", Type: text()}, func(row int) string { return strings.Repeat("x", longestValue) + fmt.Sprint(row%7) }, 0, map[Reason]int64{TooLarge: 7}},
		"dates":              {Source{Class: "birth_date", Type: typed(catalog.Date)}, of("2000-01-%02d"), 0, map[Reason]int64{OfType: 1000}},
		"floats":             {Source{Class: "x", Type: typed(catalog.Float)}, of("%d.123456789"), 0, map[Reason]int64{OfType: 1000}},
		"common values":      {Source{Class: "tariff", Type: text()}, func(row int) string { return fmt.Sprintf("Tariff %04d", row%100) }, 0, map[Reason]int64{TooCommon: 100}},
		"words of a list":    {Source{Class: "colour", Type: text(), Dictionary: []string{"Magenta", "CYAN"}}, func(row int) string { return []string{"magenta", "cyan", "beige"}[min(row, 2)] }, 0, map[Reason]int64{InDictionary: 2, TooCommon: 1}},
		"numbers":            {Source{Class: "number", Type: typed(catalog.Integer)}, of("1000%05d"), 999, map[Reason]int64{TooShort: 1}},
		"round numbers":      {Source{Class: "money", Type: typed(catalog.Numeric)}, of("%d000000000"), 0, map[Reason]int64{TooShort: 999}}, // 0 and 0000000000 are equal numbers
		"texts that stay":    {Source{Class: "free_text", Treatment: scrub, Label: unchanged, Type: text()}, note, 0, map[Reason]int64{Stays: 1000}},
		"three of each":      {Source{Class: "team", Type: text()}, func(row int) string { return fmt.Sprintf("Team-%04d", row/3) }, 334, nil},
		"four of most":       {Source{Class: "team", Type: text()}, func(row int) string { return fmt.Sprintf("Team-%04d", row/4) }, 0, map[Reason]int64{TooCommon: 250}},
		"a default":          {Source{Class: "greeting", Type: text(), Default: "Welcome, CUSTOMER-0007"}, of("welcome, customer-%04d"), 999, map[Reason]int64{IsDefault: 1}},
		"a person's default": {Source{Class: "user_name", Type: text(), Default: "Customer-0007"}, of("customer-%04d"), 1000, nil},
		"values of a letter": {Source{Class: "initials", Type: text()}, func(int) string { return "A." }, 0, map[Reason]int64{TooShort: 1}},
	} {
		c.source.Place = place("x")
		r := (&world{rows: 1000, columns: []column{{c.source, c.value, token}}}).report(t)
		got := r.Columns[0]
		switch name {
		case "round numbers":
			got.Not[TooShort] = 999 // the exact figure does not matter here
		}
		if got.Cells != 1000 || got.Probed != c.probed || !maps.Equal(got.Not, c.not) {
			t.Errorf("%s: %+v, want %d probed, %v not", name, got, c.probed, c.not)
		}
	}
}

func TestV7NumbersThatFillTheirRangeAreDense(t *testing.T) {
	s := &Set{values: &fingerprint.Set{Outcomes: []fingerprint.Outcome{{Rare: 999_999}, {Rare: 1_000_001}}}}
	if s.dense(0, 9) || !s.dense(1, 9) || s.dense(1, 10) {
		t.Error("more than 1/1000 of all numbers of nine digits are dense, and fewer are not")
	}
}

// A value is rare if few subjects have it, counted over all sources of a class. Without subjects, each row counts as a
// subject.
func TestV7RarityIsCountedBySubject(t *testing.T) {
	value := func(row int) string { return fmt.Sprintf("Value-%03d", row%10) }
	for name, c := range map[string]struct {
		subject func(int) string
		classes [2]string
		probed  int64
	}{
		"each subject has many rows":    {func(row int) string { return fmt.Sprint(row % 10) }, [2]string{"a", "a"}, 10},
		"a value has four subjects":     {func(row int) string { return fmt.Sprint(row % 40) }, [2]string{"a", "a"}, 0},
		"rows are subjects":             {nil, [2]string{"a", "b"}, 0},
		"three subjects in each column": {func(row int) string { return fmt.Sprint(row % 30) }, [2]string{"a", "b"}, 10},
	} {
		w := &world{rows: 1200, subject: c.subject}
		for i, class := range c.classes {
			w.columns = append(w.columns, treated(fmt.Sprint("x", i), class, value, token))
		}
		for _, got := range w.report(t).Columns {
			if got.Probed != c.probed {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

// Of a large column, at least ten thousand values are chosen for other encodings, and not many times more.
func TestV7EncodingsAreChosenEvenly(t *testing.T) {
	var c choice
	var memory budget
	memory.left.Store(1 << 30)
	key := fingerprint.NewKey()
	const n = 3_000_000
	least := n
	for i := range n {
		text := fmt.Appendf(nil, "%d", i)
		c.offer(&memory, key.Hash(text), whole, text)
		if i > mostChosen {
			least = min(least, len(c.list))
		}
	}
	if last, err := strconv.Atoi(string(c.text(c.list[len(c.list)-1]))); least < leastChosen || len(c.list) > mostChosen || err != nil || last < n/2 {
		t.Errorf("%d values are chosen, at times %d, the last is %d", len(c.list), least, last)
	}
	for _, v := range c.list {
		if v.hash != key.Hash(c.text(v)) {
			t.Fatal("a value has the text of another one")
		}
	}
	if used, want := 1<<30-memory.left.Load(), int64(len(c.texts)+chosenBytes*len(c.list)); used != want {
		t.Errorf("the budget has lost %d bytes, want %d", used, want)
	}
}

// Five sources share a memory that is too small for all chosen values. Each source still has some chosen values.
func TestChoicesShareTheirMemory(t *testing.T) {
	var memory budget
	memory.left.Store(100_000)
	key := fingerprint.NewKey()
	var choices [5]choice
	for i := range 50_000 {
		text := fmt.Appendf(nil, "%d", i)
		choices[i/10_000].offer(&memory, key.Hash(text), whole, text)
	}
	all := 0
	for i := range choices {
		all += len(choices[i].list)
		if n := len(choices[i].list); n < fewChosen/4 {
			t.Errorf("source %d has %d values", i, n)
		}
	}
	if all*chosenBytes > 150_000 {
		t.Errorf("%d values", all)
	}
}

// A part of the values is common: many people have them. Their digests are not looked for, because a common value
// identifies nobody.
func TestFormsOfCommonValuesAreNotLookedFor(t *testing.T) {
	c := New(Options{Level: Strict, Memory: 32 << 20})
	w := c.Collector(people)
	l := w.Leaf(Source{Place: place("email"), Class: "email", Type: text()})
	w.Begin(0)
	for row := range 1000 {
		l.See([]byte(strings.ToLower(mail(row%100))), nil)
		l.See([]byte(strings.ToLower(mail(1000+row))), nil)
		w.Row(fmt.Append(nil, row))
	}
	w.Done()
	set, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range c.labels {
		want := int64(1000)
		if l.code == hexForm {
			want *= 2 // with and without 0x
		}
		if n := set.values.Outcomes[i].Rare; n != want {
			t.Errorf("%d values are looked for as %v, want %d", n, l.code.form(), want)
		}
	}
}

// Some values occur again and again. They do not use up the choice of the other values. They are common, so their
// digests are not looked for.
func TestFrequentValuesAreEncodedOnce(t *testing.T) {
	c := New(Options{Level: Strict, Memory: 32 << 20})
	w := c.Collector(people)
	l := w.Leaf(Source{Place: place("email"), Class: "email", Type: text()})
	w.Begin(0)
	for i := range 3 * mostChosen {
		row := i / 10
		if i%10 > 0 {
			row = mostChosen + i%9
		}
		l.See([]byte(strings.ToLower(mail(row))), nil)
		w.Row(nil)
	}
	w.Done()
	set, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	const distinct = 3 * mostChosen / 10
	for i, l := range c.labels {
		if n := set.values.Outcomes[i].Rare; l.code == md5Hex && n != distinct {
			t.Errorf("%d digests, want %d", n, distinct)
		}
	}
}

func TestDistinctCounts(t *testing.T) {
	key := fingerprint.NewKey()
	var all, half distinct
	for i := range 200_000 {
		h := key.Hash(fmt.Appendf(nil, "%d", i))
		all.add(h)
		all.add(h)
		if i < 3000 {
			half.add(h)
		}
	}
	if n, exact := half.count(); n != 3000 || !exact {
		t.Errorf("%d, exact %v", n, exact)
	}
	half.merge(&all)
	for _, d := range []*distinct{&all, &half} {
		if n, exact := d.count(); exact || n < 180_000 || n > 220_000 {
			t.Errorf("%d values, exact %v", n, exact)
		}
		if d.hashes.n > mostDistinct {
			t.Errorf("%d hashes are kept", d.hashes.n)
		}
	}
}

// One extent is collected several times, also by other workers. Its rows count once.
func TestRepeatedExtentsCountOnce(t *testing.T) {
	c := New(Options{Level: Strict, Memory: 32 << 20})
	source := Source{Place: place("email"), Class: "email", Type: text()}
	for attempt := range 3 {
		w := c.Collector(people)
		l := w.Leaf(source)
		for range 2 {
			w.Begin(7)
			for row := range 3 {
				l.See([]byte("common@example.com"), []byte(token(row)))
				w.Row(nil)
			}
		}
		if attempt == 2 {
			w.Done()
		}
	}
	set, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	if got := set.coverage()[0]; got.Cells != 3 || got.Probed != 1 || c.sums[people].rows != 3 {
		t.Errorf("%+v, %d rows", got, c.sums[people].rows)
	}
}

// The probes count the different numbers of a column only if a treatment draws the column's numbers from few values.
func TestNumbersAreCountedWhereChanceNeedsIt(t *testing.T) {
	c := New(Options{Level: Strict, Memory: 32 << 20})
	w := c.Collector(people)
	w.Leaf(Source{Place: place("drawn"), Label: "synthetic", Space: 1e6, Type: catalog.Type{Family: catalog.Integer}})
	set, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	p := set.Prober()
	for column, want := range map[string]int64{"drawn": 2, "other": 0} {
		to := p.Target(place(column))
		for _, number := range []string{"7", "123456789", "7"} {
			to.Cell([]byte(number))
		}
		if n, _ := to.found.all.count(); n != want {
			t.Errorf("%s: %d numbers, want %d", column, n, want)
		}
	}
}

// A rule for a column of XML needs paths, and a report does not know them. So a hit says that its column has XML.
func TestAHitSaysThatItsColumnHasXML(t *testing.T) {
	xml := catalog.Type{Name: "xml", Base: "xml", Family: catalog.XML}
	c := New(Options{Level: Strict, Memory: 32 << 20})
	w := c.Collector(people)
	w.Control(place("doc"), xml)
	w.Control(place("docs"), catalog.Type{Name: "xml[]", Base: "_xml", Family: catalog.Array, Elem: &xml})
	w.Control(place("note"), text())
	address := w.Leaf(Source{Place: place("email"), Class: "email", Type: text()})
	w.Begin(0)
	address.See([]byte(mail(1)), nil)
	w.Row(nil)
	w.Done()
	set, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	p := set.Prober()
	for _, column := range []string{"doc", "docs", "note"} {
		p.Target(place(column)).Text([]byte("<a>" + mail(1) + "</a>"))
	}
	p.Row(nil)
	p.Close()
	found := map[string]bool{}
	for _, h := range set.Judge(Facts{Hooks: true}).Hits {
		if h.Finding == Found {
			found[h.Target.Column] = h.XML
		}
	}
	if want := map[string]bool{"doc": true, "docs": true, "note": false}; !maps.Equal(found, want) {
		t.Errorf("got %v, want %v", found, want)
	}
}

// A column has few different results. Once many results in a row were known, its results are no longer looked at.
func TestAColumnWithFewResultsGivesNoMoreControls(t *testing.T) {
	c := New(Options{Level: Strict, Memory: 32 << 20})
	w := c.Collector(people)
	l := w.Leaf(Source{Place: place("city"), Class: "city", Type: text(), Every: true})
	w.Begin(0)
	for row := range mostAgain + 100 {
		l.See([]byte("Berlin"), []byte([]string{"Oslo", "Rome", "--"}[row%3]))
		w.Row(nil)
	}
	for row := range 100 { // "--" has no normal form, so it says nothing about the others
		l.See([]byte("Berlin"), []byte(token(row)))
		w.Row(nil)
	}
	if got := c.controls.of(place("city"), "text").hashes.n; got != 2+100 {
		t.Errorf("%d controls, want 102: one result in three is not counted", got)
	}
	for range 2 * mostAgain {
		l.See([]byte("Berlin"), []byte("Oslo"))
		w.Row(nil)
	}
	l.See([]byte("Berlin"), []byte("Madrid"))
	if got := c.controls.of(place("city"), "text").hashes.n; got != 2+100 {
		t.Errorf("%d controls, want 102", got)
	}
}
