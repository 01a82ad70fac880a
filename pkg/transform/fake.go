package transform

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// fakeKind is one treatment of the fake family: it invents a value from a seed. Kinds that draw on the
// same lanes of one seed agree: one seed is one person, living at one address.
type fakeKind struct {
	name, summary, doc string
	families           []catalog.Family // text where none are named
	params             []Param
	anywhere           bool // it is the same in every country: it takes neither locale nor country
	samples            []fakeSample

	check  func(f *fake, c Column, a *args) // reads the kind's own parameters into f
	least  func(f *fake) int                // characters it needs; of texts
	full   func(f *fake) int                // characters of the longest result: nothing is cut from there on
	space  func(f *fake) float64            // different results there are, at least
	append func(f *fake, dst []byte, s *Seed) []byte
}

// fakeSample is an example: of a value, or of the subject where that is set.
type fakeSample struct {
	typ     catalog.Type // text where it has no name
	params  Params
	subject string
	out     string
}

// unlimited is the room of a column without a limit.
const unlimited = 1 << 20

func fakeEntries() []entry {
	var all []entry
	for _, k := range fakeKinds() {
		all = append(all, entry{k.name, func() *definition { return fakeSpec(k) }})
	}
	return all
}

func fakeKinds() []*fakeKind {
	return slices.Concat(nameFakes(), handleFakes(), traitFakes(), placeFakes(), regionFakes(), networkFakes(), workFakes(), wordFakes(), valueFakes())
}

func fakeSpec(k *fakeKind) *definition {
	const common = " Outside a subject equal values get equal results within a domain; columns of a subject that share `as` " +
		"describe one invented person. Real values do not shape the choice, so one may by chance be its own result: once in the size of the space."
	s := &definition{
		Spec: Spec{
			Name:      k.name,
			Summary:   k.summary,
			Doc:       k.doc + common,
			Params:    k.params,
			Families:  k.families,
			Discloses: Pseudonymised,
			Preserves: []string{Equality},
		},
		whole: func(by planner, c Column, u Use, a *args) (blueprint, error) { return prepareFake(by, k, c, u, a) },
	}
	if len(s.Families) == 0 {
		s.Families = []catalog.Family{catalog.Text}
	}
	if !k.anywhere {
		s.Params = append(slices.Clone(k.params), localeParams()...)
		s.reads = countryRead
	}
	for _, sample := range k.samples {
		s.Examples = append(s.Examples, sample.example(k.name))
	}
	return s
}

func (s fakeSample) example(name string) Example {
	e := Example{Type: s.typ, Use: Use{Treatment: name, Params: s.params}, In: "the original", Out: s.out}
	if e.Type.Name == "" {
		e.Type = textType(0)
	}
	if in, ok := sampleInputs()[e.Type.Family]; ok {
		e.In = in
	}
	if s.subject != "" {
		id := idType()
		e.Use.Subject, e.Use.SubjectType, e.Use.As = "id", &id, "person"
		e.Subject, e.Note = s.subject, "subject "+s.subject
	}
	return e
}

func sampleInputs() map[catalog.Family]string {
	return map[catalog.Family]string{
		catalog.Integer: "17", catalog.Numeric: "17.5", catalog.Float: "17.5", catalog.Boolean: "t", catalog.Date: "1984-02-29",
		catalog.Timestamp: "1984-02-29 10:00:00", catalog.TimestampTZ: "1984-02-29 10:00:00+00", catalog.Inet: "10.1.2.3",
		catalog.UUID: "7d444840-9dc0-11d1-b245-5ffdce74fad2", catalog.MAC: "08:00:2b:01:02:03", catalog.Enum: "sad",
	}
}

// prepareFake keeps no equality where the row says the country: equal values of two countries differ.
func prepareFake(by planner, k *fakeKind, c Column, u Use, a *args) (blueprint, error) {
	p, err := planFake(by, k, c, u, a)
	if err != nil {
		return blueprint{}, err
	}
	b, err := wrap(c, u, p)
	if len(p.traits.Needs) > 0 {
		b.traits.Equality = false
	}
	return b, err
}

func planFake(by planner, k *fakeKind, c Column, u Use, a *args) (scalarPlan, error) {
	f := fake{kind: k, typ: c.Type, room: unlimited, l: locales()[0]}
	if c.Type.Family == catalog.Text && c.Type.MaxLen > 0 {
		f.room = c.Type.MaxLen
	}
	perRow := a.given("country")
	if !k.anywhere {
		if f.l = localeNamed(a.text("locale")); f.l == nil {
			a.fail("locale", "wants one of %s", strings.ReplaceAll(localeParams()[0].Type, "|", ", "))
		}
	}
	if a.problem() == nil && k.check != nil {
		k.check(&f, c, a)
	}
	if err := a.problem(); err != nil {
		return scalarPlan{}, err
	}
	t, err := f.traits(perRow)
	if err != nil {
		return scalarPlan{}, err
	}
	if t.Space > 1 && u.Subject != "" {
		t.Discloses = Synthetic
	}
	if !perRow {
		return scalarPlan{traits: t, seed: "fake", build: func(Keys) scalar { own := f; return &own }}, nil
	}
	t.Needs = readNeeds(by, u)
	build := func(k Keys) scalar {
		return &perCountry{fake: f, home: f.l, countries: newCountries(), reading: newReading(by, u, k)}
	}
	return scalarPlan{traits: t, seed: "fake", build: build}, nil
}

// traits holds for every place the person may live in.
func (f fake) traits(perRow bool) (Traits, error) {
	t := Traits{Space: math.Inf(1), Discloses: Pseudonymised}
	places := []*locale{f.l}
	if perRow {
		places = locales()
	}
	for _, f.l = range places {
		if least := f.kind.least(&f); f.typ.Family == catalog.Text && f.room < least {
			return t, &ParamError{"treat", fmt.Sprintf("%s needs %d characters, the column holds %d", f.kind.name, least, f.room)}
		}
		if f.typ.Family == catalog.Text && f.room < f.kind.full(&f) {
			t.Shape = fmt.Sprintf("within %d characters", f.room)
		}
		t.Space = min(t.Space, f.kind.space(&f))
	}
	if t.Space <= 1 && !perRow {
		t.Discloses = Suppressed
	}
	return t, nil
}

// fake is a kind at work on one column.
type fake struct {
	kind   *fakeKind
	l      *locale
	typ    catalog.Type
	room   int      // characters the column holds
	list   []string // what is chosen from
	more   [][]string
	lo, hi int64 // the range numbers and dates are drawn from, both included
	scale  int   // decimals
	length int   // of texts
	long   bool  // of two forms the longer one
}

func (f *fake) append(dst, _ []byte, seed *Seed) ([]byte, error) {
	return f.kind.append(f, dst, seed), nil
}

// fixedLength is the least or full of a kind whose results are all of one length.
func fixedLength(n int) func(*fake) int { return func(*fake) int { return n } }
