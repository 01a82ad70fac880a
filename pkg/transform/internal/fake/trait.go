package fake

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// traitFakes returns the fakes of a person's gender, form of address and birth date.
func traitFakes() []*kind {
	return []*kind{genderFake(), titleFake(), birthDateFake()}
}

func genderFake() *kind {
	id := treatment.IDType()
	return &kind{
		name: "fake.gender", summary: "invents a gender", anywhere: true,
		doc: "The result is the gender of the person's names. A text becomes female or male. If the column is shorter than 6 characters, the text becomes f or m. " +
			"A whole number becomes 2 for female or 1 for male (ISO/IEC 5218). An enum gets the label that means female or male in English, or a label from `values`.",
		families: []catalog.Family{catalog.Text, catalog.Integer, catalog.Enum},
		params:   []transform.Param{{Name: "values", Type: "list", Tells: transform.Neither, Doc: "the values for female and for male, in this order: [W, M]"}},
		samples:  []sample{{out: "female"}, {subject: "1", out: "male"}, {typ: id, out: "1"}, {params: transform.Params{"values": []any{"W", "M"}}, out: "W"}},
		check:    checkGender,
		least:    fixedLength(1),
		full:     func(f *fake) int { return locale.LongestOf(f.list) },
		space:    func(*fake) float64 { return 2 },
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			if female(s) {
				return append(dst, f.list[0]...)
			}
			return append(dst, f.list[1]...)
		},
	}
}

func checkGender(f *fake, c transform.Column, a *treatment.Args) {
	if a.Given("values") {
		f.list = constantList(a, "values", c.Type)
		if list, _ := a.Value("values").([]any); len(list) != 2 || len(f.list) == 2 && f.list[0] == f.list[1] {
			a.Fail("values", "must be two different values: first the value for female, then the value for male")
		}
		return
	}
	switch {
	case c.Type.Family == catalog.Integer:
		f.list = []string{"2", "1"}
	case c.Type.Family == catalog.Enum:
		woman, man := labelLike(c.Type.Labels, "female", "f", "woman"), labelLike(c.Type.Labels, "male", "m", "man")
		if woman == "" || man == "" {
			a.Fail("values", "the labels of %s do not show which is female and which is male; list the two labels", treatment.TypeName(c))
		}
		f.list = []string{woman, man}
	case f.room < len("female"):
		f.list = []string{"f", "m"}
	default:
		f.list = []string{"female", "male"}
	}
}

// labelLike returns the label that equals one of the words, without regard to case.
func labelLike(labels []string, words ...string) string {
	for _, l := range labels {
		if slices.Contains(words, strings.ToLower(l)) {
			return l
		}
	}
	return ""
}

// constantList reads a list of values of a type. The treatment constant reads its value in the same way.
func constantList(a *treatment.Args, name string, t catalog.Type) []string {
	list, ok := a.Value(name).([]any)
	if !ok || len(list) == 0 {
		a.Fail(name, "must be a list of values")
		return nil
	}
	var out []string
	for _, v := range list {
		text, err := literal.Of(t, v)
		if err != nil {
			a.Fail(name, "one of the values %s", err)
			return nil
		}
		out = append(out, text)
	}
	return out
}

func titleFake() *kind {
	return &kind{
		name: "fake.title", summary: "invents a form of address",
		doc:     "The result is the form of address of the locale and of the person's gender: Ms. or Mr., Frau or Herr. A result that is too long for the column is cut.",
		samples: []sample{{out: "Mr."}, {subject: "1", out: "Mr."}, {params: transform.Params{"locale": "de"}, out: "Herr"}},
		least:   fixedLength(2),
		full:    func(f *fake) int { return locale.LongestOf([]string{f.l.Madam, f.l.Sir}) },
		space:   func(f *fake) float64 { return locale.DistinctCut([]string{f.l.Madam, f.l.Sir}, f.room) },
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			if female(s) {
				return locale.AppendCut(dst, f.l.Madam, f.room)
			}
			return locale.AppendCut(dst, f.l.Sir, f.room)
		},
	}
}

func birthDateFake() *kind {
	date := treatment.TypeNamed("date", "date", catalog.Date)
	return &kind{
		name: "fake.birth_date", summary: "invents an adult's date of birth", anywhere: true,
		doc: "The result is a day of the range. All days are equally likely. A person has the same birth date in all columns. The range is fixed, because a result may not depend " +
			"on the day of the run. After some years, another range may suit better. In a text column, the result looks like 1984-02-29. In a timestamp column, it is the invented day at 00:00. " +
			"The treatment does not read the original as a date. It therefore also replaces infinity and dates before Christ.",
		families: []catalog.Family{catalog.Date, catalog.Timestamp, catalog.TimestampTZ, catalog.Text},
		params:   []transform.Param{dateRange("1940-01-01", "2004-12-31")},
		samples:  []sample{{typ: date, out: "1979-09-11"}, {typ: date, subject: "1", out: "1961-07-09"}, {out: "1974-10-28"}},
		check:    checkDates,
		least:    fixedLength(moment.DateLen), full: fixedLength(moment.DateLen),
		space: numberSpace,
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			dst = moment.AppendDay(dst, f.drawn(s, laneBirth))
			return append(dst, moment.Midnight(f.typ.Family)...)
		},
	}
}

func dateRange(first, last string) transform.Param {
	return transform.Param{Name: "range", Type: "range", Tells: transform.Neither, Default: []any{first, last}, Doc: "the first and the last possible day"}
}

func checkDates(f *fake, _ transform.Column, a *treatment.Args) { f.lo, f.hi = a.Days("range") }

// drawn returns a number of the range. All numbers are equally likely.
func (f *fake) drawn(s *transform.Seed, i uint64) int64 {
	n := uint64(f.hi) - uint64(f.lo) + 1
	if n == 0 {
		return int64(draw.Lane(s, i))
	}
	return int64(uint64(f.lo) + draw.Below(draw.Lane(s, i), n))
}

func numberSpace(f *fake) float64 { return float64(f.hi) - float64(f.lo) + 1 }
