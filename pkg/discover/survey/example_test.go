package survey_test

import (
	"context"
	"fmt"
	"log"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/survey"
	"github.com/masker-project/masker/pkg/discover/values"
)

// rows is a table in memory. A Go program passes the Spread of a snapshot of pkg/source instead.
type rows [][][]byte

func (r rows) Sample(_ context.Context, _ catalog.Sampling, each func(row [][]byte)) error {
	for _, row := range r {
		each(row)
	}
	return nil
}

// A survey joins what names and values say.
func ExampleSurvey_Sample() {
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	table := &catalog.Table{Name: catalog.Name{Schema: "public", Name: "t"}, Columns: []catalog.Column{{Name: "c1", Type: text}, {Name: "c2", Type: text}}}
	db := &catalog.Database{Name: "shop", Tables: []*catalog.Table{table}}
	s, err := survey.ByNames(db)
	if err != nil {
		log.Fatal(err)
	}
	sample := rows{{[]byte("DE89370400440532013000"), nil}, {[]byte("GB29NWBK60161331926819"), []byte("open")}, {[]byte("FR1420041010050500013M02606"), nil}}
	if err := s.Sample(context.Background(), db, sample, values.New(nil, 2026), 1000); err != nil {
		log.Fatal(err)
	}
	for _, c := range s.Suspects() {
		fmt.Println(c.Table, c.Name, c.Class, c.Evidence())
	}
	// Output: public.t c1 iban [3 of 3 values are IBANs with right check digits]
}
