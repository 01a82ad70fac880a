// Package fake holds the treatments that invent people, places and values.
package fake

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// kind is one treatment of the fake family. It invents a value from a seed. Kinds that use the same lane of one seed
// make the same choice. Therefore one seed stands for one person, who lives at one address.
type kind struct {
	name, summary, doc string
	families           []catalog.Family // nil for text only
	params             []transform.Param
	anywhere           bool   // the results do not depend on the country; the kind has no parameters locale and country
	learns             string // what somebody who knows one value learns; "" for the text that most kinds share
	samples            []sample

	check  func(f *fake, c transform.Column, a *treatment.Args) // reads the kind's own parameters into f; nil if it has none
	least  func(f *fake) int                                    // characters that a text column must hold
	full   func(f *fake) int                                    // characters of the longest result; a column of this length cuts no result
	space  func(f *fake) float64                                // lower limit for the number of different results
	append func(f *fake, dst []byte, s *transform.Seed) []byte
}

// sample is an example for a value. If subject is set, it is an example for a subject.
type sample struct {
	typ     catalog.Type // the type of the value; text if the type has no name
	params  transform.Params
	subject string
	out     string
}

// unlimited is the room of a column without a length limit.
const unlimited = 1 << 20

// Definitions returns all fakes, in the order of the reference.
func Definitions() []*treatment.Definition {
	var all []*treatment.Definition
	for _, k := range kinds() {
		all = append(all, define(k))
	}
	return all
}

func kinds() []*kind {
	return slices.Concat(nameFakes(), handleFakes(), traitFakes(), geographyFakes(), regionFakes(), networkFakes(), workFakes(), wordFakes(), valueFakes())
}

func define(k *kind) *treatment.Definition {
	const common = "\n\nWithout `as`, equal values in a domain get equal results. If columns have the same subject and the same `as`, they describe the same invented person. " +
		"The result may equal the value by chance, because the treatment does not compare the two. If all results are equally likely, the probability is 1 divided by the number of possible results."
	const most = "With `as`: the result tells nothing about the value. All rows of one subject have the same result. If other columns show them one row of this person, they also find the person's other rows. " +
		"Without `as`: if other columns show them this person's row, they find everybody with the same value. For all other persons, they see which persons have equal values, and how frequent each value is."
	s := &treatment.Definition{
		Spec: transform.Spec{
			Name:      k.name,
			Summary:   k.summary,
			Doc:       k.doc + common,
			Params:    k.params,
			Families:  k.families,
			Discloses: transform.Pseudonymised,
			Varies:    transform.WithRule,
			Learns:    cmp.Or(k.learns, most),
			Preserves: []string{transform.Equality},
		},
		Whole: func(by treatment.Planner, c transform.Column, u transform.Use, a *treatment.Args) (treatment.Blueprint, error) {
			return prepareFake(by, k, c, u, a)
		},
	}
	if len(s.Families) == 0 {
		s.Families = []catalog.Family{catalog.Text}
	}
	if !k.anywhere {
		s.Params = append(slices.Clone(k.params), localeParams()...)
		s.Reads = countryRead
		s.Discloses = transform.Unchanged // with the parameter country, a result shows the country of the other column
		s.Learns += " With `country`, a result also tells the country in the column that `country` names."
	}
	for _, sample := range k.samples {
		s.Examples = append(s.Examples, sample.example(k.name))
	}
	return s
}

func (s sample) example(name string) transform.Example {
	e := transform.Example{Type: s.typ, Use: transform.Use{Treatment: name, Params: s.params}, In: "the original", Out: s.out}
	if e.Type.Name == "" {
		e.Type = treatment.TextType(0)
	}
	if in, ok := sampleInputs()[e.Type.Family]; ok {
		e.In = in
	}
	if s.subject != "" {
		id := treatment.IDType()
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

// prepareFake plans a fake. If the country comes from the row, it promises no equality, because equal values in two
// countries get different results.
func prepareFake(by treatment.Planner, k *kind, c transform.Column, u transform.Use, a *treatment.Args) (treatment.Blueprint, error) {
	p, err := planFake(by, k, c, u, a)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	b, err := treatment.Wrap(c, u, p)
	if len(p.Traits.Needs) > 0 {
		b.Traits.Equality = false
	}
	return b, err
}

func planFake(by treatment.Planner, k *kind, c transform.Column, u transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	f := fake{kind: k, typ: c.Type, room: unlimited, l: locale.All()[0]}
	if c.Type.Family == catalog.Text && c.Type.MaxLen > 0 {
		f.room = c.Type.MaxLen
	}
	perRow := a.Given("country")
	if !k.anywhere {
		if f.l = locale.Named(a.Text("locale")); f.l == nil {
			a.Fail("locale", "must be one of %s", strings.ReplaceAll(localeParams()[0].Type, "|", ", "))
		}
	}
	if a.Problem() == nil && k.check != nil {
		k.check(&f, c, a)
	}
	if err := a.Problem(); err != nil {
		return treatment.ScalarPlan{}, err
	}
	t, err := f.traits(perRow)
	if err != nil {
		return treatment.ScalarPlan{}, err
	}
	words := func() []string { return f.vocabulary(perRow) }
	if t.Space > 1 && u.Subject != "" {
		t.Discloses = transform.Synthetic
	}
	if !perRow {
		return treatment.ScalarPlan{Traits: t, Words: words, Seed: "fake", Build: func(transform.Keys) treatment.Scalar { own := f; return &own }}, nil
	}
	t.Needs = treatment.Needs(by, u)
	t.Discloses = treatment.Worse(t.Discloses, treatment.DisclosureOf(by, &u.Reads[0]))
	build := func(k transform.Keys) treatment.Scalar {
		return &perCountry{fake: f, home: f.l, countries: locale.NewCountries(), reading: treatment.NewReading(by, u, k)}
	}
	return treatment.ScalarPlan{Traits: t, Words: words, Seed: "fake", Build: build}, nil
}

// traits returns the traits of the fake. They are true for every country in which the person may live.
func (f fake) traits(perRow bool) (transform.Traits, error) {
	t := transform.Traits{Space: math.Inf(1), Discloses: transform.Pseudonymised}
	locales := []*locale.Locale{f.l}
	if perRow {
		locales = locale.All()
	}
	for _, f.l = range locales {
		if least := f.kind.least(&f); f.typ.Family == catalog.Text && f.room < least {
			return t, &transform.ParamError{Param: "treat", Text: fmt.Sprintf("%s needs %d characters, but the column holds %d", f.kind.name, least, f.room)}
		}
		if f.typ.Family == catalog.Text && f.room < f.kind.full(&f) {
			t.Shape = fmt.Sprintf("within %d characters", f.room)
		}
		t.Space = min(t.Space, f.kind.space(&f))
	}
	if t.Space <= 1 && !perRow {
		t.Discloses = transform.Suppressed
	}
	return t, nil
}

// fake is a kind that is applied to one column.
type fake struct {
	kind   *kind
	l      *locale.Locale
	typ    catalog.Type
	room   int      // number of characters that the column holds
	list   []string // the choices
	more   [][]string
	lo, hi int64 // range of numbers and dates, both limits included
	scale  int   // number of decimals
	length int   // length of texts
	long   bool  // use the longer of two forms
}

func (f *fake) Append(dst, _ []byte, seed *transform.Seed) ([]byte, error) {
	return f.kind.append(f, dst, seed), nil
}

// fixedLength returns a function least or full that returns n for every column.
func fixedLength(n int) func(*fake) int { return func(*fake) int { return n } }
