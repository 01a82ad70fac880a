package verify

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/verify/fingerprint"
	"github.com/masker-project/masker/pkg/verify/normal"
)

// The normal form or the hash has a fault. The fault is the same for collecting and for looking up, so no leak is
// found. The missing controls show the fault.
func TestV8ControlsShowABrokenNormalForm(t *testing.T) {
	w := customers(2000)
	w.spoil = func(c *Collection) { c.fold = &normal.Folding{} } // a folding that drops every character
	if got := told(w.report(t).Hits); !slices.Contains(got, "blind ") {
		t.Errorf("%q", got)
	}
}

func TestV8ControlsTellFaultsOfFingerprints(t *testing.T) {
	fold, key := normal.NewFolding(), fingerprint.NewKey()
	for name, c := range map[string]struct {
		broken func(form []byte) []byte
		want   bool
	}{
		"nothing broken":          {func(b []byte) []byte { return b }, true},
		"ignores the second half": {func(b []byte) []byte { return b[:len(b)/2] }, false},
		"ignores the first half":  {func(b []byte) []byte { return b[len(b)/2:] }, false},
		"ignores everything":      {func([]byte) []byte { return nil }, false},
	} {
		for _, value := range []string{"Anna Schmidt", "42-a", "Zoë", "x9"} {
			got := tells([]byte(value), func(b []byte) uint64 {
				form, _ := fold.Append(nil, b)
				return key.Hash(c.broken(form))
			})
			if got != c.want {
				t.Errorf("%s, %s: %v", name, value, got)
			}
		}
	}
	if tells([]byte("Anna"), key.Hash) {
		t.Error("a form that does not fold the case is not seen")
	}
	if !tells([]byte("--"), key.Hash) {
		t.Error("a value without letters tells nothing")
	}
}

// Each note arrives without its first character, as if a decoder of the probers had a fault. Controls are then missing.
func TestV8ControlsShowABrokenDecoder(t *testing.T) {
	w := customers(2000)
	w.columns[3].after = func(row int) string { return note(row)[1:] }
	if got := told(w.report(t).Hits); !slices.Equal(got, []string{"blind note"}) {
		t.Errorf("%q", got)
	}
	w.hooks = true
	if got := told(w.report(t).Hits); len(got) != 0 {
		t.Errorf("hooks may change a column, if others of the type are found: %q", got)
	}
	w.columns = w.columns[3:]
	if got := told(w.report(t).Hits); !slices.Equal(got, []string{"blind "}) {
		t.Errorf("nothing of the type is found: %q", got)
	}
}

// The refresh makes two results of a column. If another number of cells arrives, the verification reports it, because
// one side may have taken a cell for NULL.
func TestV8ResultsAreCounted(t *testing.T) {
	c := New(Options{Level: Strict, Memory: 32 << 20})
	w := c.Collector(people)
	l := w.Leaf(Source{Place: place("email"), Class: "email", Type: text(), Every: true})
	w.Begin(0)
	l.See([]byte(mail(1)), []byte(fakeMail(1)))
	l.See(nil, nil)
	l.See([]byte{}, []byte{})
	w.Done()
	set, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	for arrives, want := range map[int]bool{1: true, 2: false, 3: true} {
		p := set.Prober()
		set.places = map[Place]*found{}
		target := p.Target(place("email"))
		for range arrives - 1 {
			target.Text([]byte(fakeMail(1)))
		}
		target.Part([]byte("half of "), false) // the first piece of a text does not count as a cell
		target.Part([]byte(" of a cell"), true)
		p.Close()
		if differs := slices.Contains(told(set.Judge(Facts{}).Hits), "differs email"); differs != want {
			t.Errorf("%d results arrive: %v", arrives, differs)
		}
	}
}

// A result is a control only if it is a whole cell. The elements of an array are not looked up as whole cells.
func TestOnlyWholeCellsAreKnownValues(t *testing.T) {
	for every, want := range map[bool]string{true: "blind x", false: ""} {
		c := New(Options{Level: Strict, Memory: 32 << 20})
		w := c.Collector(people)
		l := w.Leaf(Source{Place: place("x"), Treatment: "token", Type: text(), Every: every})
		w.Begin(0)
		l.See([]byte(mail(1)), []byte(fakeMail(1)))
		w.Row(nil)
		w.Done()
		set, err := c.Seal()
		if err != nil {
			t.Fatal(err)
		}
		p := set.Prober()
		p.Target(place("x")).Text([]byte("{" + fakeMail(1) + "," + fakeMail(2) + "}"))
		p.Row(nil)
		sum := p.Sum(people)
		sum.Row()
		p.Close()
		if got := strings.Join(told(set.Judge(Facts{}).Hits), "|"); got != want {
			t.Errorf("whole cells: %v: %q, want %q", every, got, want)
		}
	}
}

// Phrases of a column without a class, or of a class such as job_title, are vocabulary. One such phrase inside a text
// is no leak.
func TestPhrasesWithoutAClassAreWords(t *testing.T) {
	for class, want := range map[string]string{"": "", "job_title": "", "free_text": "", "full_name": "found note from x, as it is", "nickname": "found note from x, as it is"} {
		phrases := words("ph", 2000)
		w := customers(1000)
		w.columns = append(w.columns, treated("x", class, func(row int) string { return phrases[row] + " " + phrases[row+1000] }, token))
		w.columns[3].before = func(row int) string {
			if row == 7 {
				return phrases[7] + " " + phrases[1007]
			}
			return note(row)
		}
		w.columns[3].after = w.columns[3].before
		if got := strings.Join(told(w.report(t).Hits), "|"); got != want {
			t.Errorf("%q: %q, want %q", class, got, want)
		}
	}
}

// Two columns in one language have some words in common. Only many such words together are a leak.
func TestV7WordsCountInBulk(t *testing.T) {
	names := words("n", 400)
	for name, c := range map[string]struct {
		leaked, others int // names in the kept column, and other values of this column
		want           string
	}{
		"few words":                      {9, 0, ""},
		"half of the target's values":    {12, 10, "found team from family, as it is"},
		"less than half of the target's": {12, 100, ""},
		"half of the source's":           {200, 2000, "found team from family, as it is"},
		"less than half of the source's": {190, 2000, ""},
	} {
		w := &world{rows: 4000, columns: []column{
			treated("family", "family_name", func(row int) string { return names[row%400] }, token),
			kept("team", func(row int) string {
				if i := row % (c.leaked + c.others); i < c.leaked {
					return names[i]
				} else {
					return fmt.Sprintf("Team %d", i)
				}
			}, nil),
		}}
		w.subject = func(row int) string { return fmt.Sprint(row % 400) }
		if got := strings.Join(told(w.report(t).Hits), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	w := customers(1000)
	w.columns = append(w.columns, treated("family", "family_name", func(row int) string { return names[row%400] }, token))
	w.columns[3].before = func(row int) string { return "Talked to " + names[row%400] + " again." }
	w.columns[3].after = w.columns[3].before
	if got := told(w.report(t).Hits); len(got) != 0 {
		t.Errorf("words within texts: %q", got)
	}
}

// Given and family name of one row are a leak together, in either order. A given name and a family name of different
// rows are no leak.
func TestV7PairsOfNames(t *testing.T) {
	given, families := words("pg", 1000), words("pf", 1000)
	for stands, want := range map[string]string{
		given[5] + " " + families[5]:                   "found note from family, given and family name together",
		strings.ToUpper(families[5]) + ", " + given[5]: "found note from family, given and family name together",
		"Dear " + given[5] + families[5] + "!":         "found note from family, given and family name together",
		given[5] + " " + families[6]:                   "",
		given[5] + " van " + families[5]:               "",
	} {
		w := customers(1000)
		w.columns = append(w.columns,
			treated("given", "given_name", func(row int) string { return given[row] }, token),
			treated("family", "family_name", func(row int) string { return families[row] }, token))
		w.columns[3].before = func(row int) string {
			if row == 700 {
				return stands
			}
			return note(row)
		}
		w.columns[3].after = w.columns[3].before
		if got := strings.Join(told(w.report(t).Hits), "|"); got != want {
			t.Errorf("%s: %q, want %q", stands, got, want)
		}
	}
}

func TestV10WaiversOfHits(t *testing.T) {
	leak := func() *world {
		w := customers(1000)
		w.columns = append(w.columns, kept("created_by", func(row int) string { return mail(row % 20) }, nil))
		return w
	}
	own, other := Place{Table: people, Column: "created_by"}, Place{Table: people, Column: "email"}
	for name, c := range map[string]struct {
		waivers []Waiver
		fails   bool
	}{
		"none":           {nil, true},
		"enough":         {[]Waiver{{own, other, 20}}, false},
		"too few":        {[]Waiver{{own, other, 19}}, true},
		"another target": {[]Waiver{{place("note"), other, 20}}, true},
		"another source": {[]Waiver{{own, place("phone"), 20}}, true},
		"detectors only": {[]Waiver{{Target: own, Values: 20}}, true},
	} {
		w := leak()
		w.waivers = c.waivers
		r := w.report(t)
		if r.Passed() == c.fails || len(r.Hits)+len(r.Waived) != 1 {
			t.Errorf("%s: %q, waived %q", name, told(r.Hits), told(r.Waived))
		}
	}
	inPath := []Hit{{Finding: Found, Target: Place{people, "doc", "$.a"}, Source: other, Values: 3}, {Finding: Found, Target: Place{people, "doc", "$.b"}, Source: other, Values: 3}}
	if failed, _ := waive(inPath, []Waiver{{Place{people, "doc", ""}, other, 6}}); len(failed) != 0 {
		t.Errorf("a waiver of a column covers its paths: %q", told(failed))
	}
	if failed, _ := waive(inPath, []Waiver{{Place{people, "doc", ""}, other, 5}}); len(failed) != 2 {
		t.Errorf("a waiver that is exceeded accepts none: %q", told(failed))
	}
	if failed, _ := waive(inPath, []Waiver{{Place{people, "doc", "$.a"}, other, 5}}); len(failed) != 1 {
		t.Errorf("a waiver of a path covers that only: %q", told(failed))
	}
	if failed, _ := waive([]Hit{{Finding: Blind}, {Finding: Differs}}, []Waiver{{Values: 9}}); len(failed) != 2 {
		t.Error("nobody can accept a verification that does not work, or cells that differ")
	}
}

// Some treatments may leave values as they are. In the column of such a treatment, these values are no leak. In
// another column they are a leak.
func TestV1TreatmentsThatLeaveValues(t *testing.T) {
	for name, c := range map[string]struct {
		treatment, label string
		want             []string
	}{
		"regex":       {"regex", "unchanged", []string{"found note from ref, as it is"}},
		"mask":        {"mask", "generalised", []string{"found note from ref, as it is"}},
		"a program":   {"command", "unchanged", []string{"found note from ref, as it is", "equal ref", "found ref, as it is"}},
		"scrub":       {"scrub", "unchanged", nil},
		"a pseudonym": {"token", "pseudonymised", []string{"found note from ref, as it is", "equal ref", "found ref, as it is"}},
	} {
		w := customers(1000)
		ref := &w.columns[2]
		ref.Treatment, ref.Label, ref.after = c.treatment, c.label, ref.before
		w.columns[3].before = func(row int) string {
			if row == 3 {
				return "see " + ref.before(row)
			}
			return note(row)
		}
		w.columns[3].after = w.columns[3].before
		if got := told(w.report(t).Hits); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestStatisticsCountOnlyAlone(t *testing.T) {
	column, statistics := place("note"), Place{people, "note", Statistics}
	both := withoutStatistics([]Hit{{Finding: Found, Target: statistics, Source: place("email"), Form: SHA256}, {Finding: Found, Target: column, Source: place("email"), Form: SHA256Bytes}})
	alone := withoutStatistics([]Hit{{Finding: Found, Target: statistics, Source: place("email")}, {Finding: Found, Target: column, Source: place("phone")}})
	if len(both) != 1 || both[0].Target != column || len(alone) != 2 {
		t.Errorf("%v, %v", both, alone)
	}
}

func TestV8SumsTellCellsAndRows(t *testing.T) {
	type row []string
	rows := []row{{"a", "b"}, {"c", "d"}}
	for name, c := range map[string]struct {
		arrives []row
		want    string
	}{
		"the same":            {[]row{{"a", "b"}, {"c", "d"}}, ""},
		"another order":       {[]row{{"c", "d"}, {"a", "b"}}, ""},
		"swapped cells":       {[]row{{"b", "a"}, {"c", "d"}}, "differs "},
		"cells of other rows": {[]row{{"a", "d"}, {"c", "b"}}, "differs "},
		"cells cut otherwise": {[]row{{"ab", ""}, {"c", "d"}}, "differs "},
		"twice":               {[]row{{"a", "b"}, {"a", "b"}}, "differs "},
		"one more":            {[]row{{"a", "b"}, {"c", "d"}, {"c", "d"}}, "missing "},
		"one less":            {[]row{{"a", "b"}}, "missing "},
	} {
		collection := New(Options{Level: Counts})
		w := collection.Collector(people)
		w.Begin(0)
		w.Kept([]byte("of an extent that did not arrive"))
		w.Row(nil)
		w.Kept([]byte("half a row"))
		w.Begin(0)
		for _, r := range rows {
			for _, cell := range r {
				w.Kept([]byte(cell))
			}
			w.Row(nil)
		}
		w.Done()
		set, err := collection.Seal()
		if err != nil {
			t.Fatal(err)
		}
		p := set.Prober()
		sum := p.Sum(people)
		for _, r := range c.arrives {
			for _, cell := range r {
				sum.Kept([]byte(cell))
			}
			sum.Row()
		}
		p.Close()
		if got := strings.Join(told(set.Judge(Facts{}).Hits), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestLargeRowsAreCounted(t *testing.T) {
	key := fingerprint.NewKey()
	a, b := newRowSum(key), newRowSum(key)
	large := make([]byte, mostSummed+1)
	a.write(large)
	a.row()
	s := Sum{b}
	s.Skip()
	if a.tableSum != s.tableSum || a.rows != 1 || a.sum != 0 {
		t.Errorf("%+v and %+v", a.tableSum, s.tableSum)
	}
}

// By chance, a pair of columns raises an alarm in less than one case in a thousand. A value raises an alarm in every
// case in which chance does not explain it.
func TestV7ChanceRaisesFewAlarms(t *testing.T) {
	for _, expected := range []float64{0, 1e-6, 1e-3, 0.01, 0.1, 0.3, 1, 5, 50, 1e4} {
		bar := barOf(expected)
		if expected <= 50 {
			if p := atLeast(bar+1, expected); p > accepted {
				t.Errorf("%v expected: more than %v have probability %v", expected, bar, p)
			}
		}
		if bar < math.Floor(expected+5*math.Sqrt(expected)) || bar > expected+7*math.Sqrt(expected)+3 {
			t.Errorf("%v expected: the bar is %v", expected, bar)
		}
	}
	if barOf(0) != 0 || barOf(1e-6) != 0 {
		t.Error("a single value beyond chance is no hit")
	}
}

// The limits of integer types are in many columns, and tell nothing about a person.
func TestLimitsOfIntegersAreNoLeak(t *testing.T) {
	for value, want := range map[string]string{"9223372036854775807": "", "-9223372036854775808": "", "9223372036854775806": "found note from x, as it is"} {
		w := customers(1000)
		w.columns = append(w.columns, treated("x", "", func(row int) string {
			return map[bool]string{true: value, false: fmt.Sprintf("U%016x", draw(row, 55))}[row == 7]
		}, fakeMail))
		w.columns[3].before = func(row int) string { return map[bool]string{true: value, false: note(row)}[row == 7] }
		w.columns[3].after = w.columns[3].before
		if got := strings.Join(told(w.report(t).Hits), "|"); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}
