package transform

import (
	"strings"
)

func localeParams() []Param {
	var names []string
	for _, l := range locales() {
		names = append(names, l.name)
	}
	return []Param{
		{Name: "locale", Type: strings.Join(names, "|"), Default: names[0], Doc: "where the invented person lives; with country, where that says no locale there is"},
		{Name: "country", Type: "text", Doc: "a column of the row, or of a row it references, that says the country: DE, DEU, Germany, Deutschland or de_DE; what it becomes counts. Equal values then get equal results within a country only"},
	}
}

// countryRead is the column that says where the person lives.
func countryRead(u Use) ([]Wanted, error) {
	v, given := u.Params["country"]
	if !given {
		return nil, nil
	}
	name, ok := v.(string)
	if !ok || name == "" {
		return nil, &ParamError{"country", "wants the name of a column"}
	}
	return []Wanted{{Name: name, Treated: true, Param: "country"}}, nil
}

// perCountry is a fake whose rows say which country it lives in.
type perCountry struct {
	fake
	home      *locale
	countries countries
	reading   *reading
	in, buf   []byte // scratch
}

func (f *perCountry) look(row Row) error {
	var null bool
	var err error
	f.in, null, err = f.reading.treated(f.in[:0], row, 0)
	f.l = f.home
	if err != nil || null {
		return err
	}
	var found *locale
	if found, f.buf = f.countries.find(f.in, f.buf); found != nil {
		f.l = found
	}
	return nil
}
