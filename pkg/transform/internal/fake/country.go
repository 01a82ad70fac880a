package fake

import (
	"strings"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

func localeParams() []transform.Param {
	var names []string
	for _, l := range locale.All() {
		names = append(names, l.Name)
	}
	return []transform.Param{
		{Name: "locale", Type: strings.Join(names, "|"), Tells: transform.Neither, Default: names[0], Doc: "country where the invented person lives; with the parameter `country`, it applies only to rows whose country is NULL or has no locale"},
		{Name: "country", Type: "text", Doc: "column with the country (DE, DEU, Germany, Deutschland or de_DE), in the row or in a row that the row references; masker uses the result of this column, and the disclosure label is at least that of this column; equal values get equal results only within one country"},
	}
}

// countryRead returns the column that holds the person's country.
func countryRead(u transform.Use) ([]transform.Wanted, error) {
	v, given := u.Params["country"]
	if !given {
		return nil, nil
	}
	name, ok := v.(string)
	if !ok || name == "" {
		return nil, &transform.ParamError{Param: "country", Text: "must be the name of a column"}
	}
	return []transform.Wanted{{Name: name, Treated: true, Param: "country"}}, nil
}

// perCountry is a fake that takes the country from each row.
type perCountry struct {
	fake
	home      *locale.Locale
	countries locale.Countries
	reading   *treatment.Reading
	in, buf   []byte // scratch memory
}

// Look finds the locale of the country in the row. For NULL or an unknown country, it takes the locale of the rule. It
// is called before Append, for each row.
func (f *perCountry) Look(row transform.Row) error {
	var null bool
	var err error
	f.in, null, err = f.reading.Treated(f.in[:0], row, 0)
	f.l = f.home
	if err != nil || null {
		return err
	}
	var found *locale.Locale
	if found, f.buf = f.countries.Find(f.in, f.buf); found != nil {
		f.l = found
	}
	return nil
}
