package movement

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// The defaults are written as PostgreSQL prints them.
func TestDefaultsThatComputeAnotherNumber(t *testing.T) {
	name := catalog.Name{Schema: "public", Name: "t"}
	for def, want := range map[string]bool{
		"nextval('s'::regclass)":                             false,
		"(nextval('s'::regclass))::text":                     false,
		"('L'::text || nextval('s'::regclass))":              false,
		"lpad((nextval('s'::regclass))::text, 8, '0'::text)": false,
		"to_jsonb(nextval('s'::regclass))":                   false,
		"(nextval('s'::regclass))::numeric(10,2)":            false,
		"7":                             false,
		"":                              false,
		"(nextval('s'::regclass) * 10)": true,
		"(- nextval('s'::regclass))":    true,
		"((nextval('s'::regclass) % (1000)::bigint))::text":  true,
		"lpad(((nextval('s'::regclass) + 5))::text, 8, '0')": true,
		"public.snowflake(nextval('s'::regclass))":           true,
		"((now())::text || ((nextval('s'::regclass) / 2)))":  true,
		"(SELECT nextval('s'::regclass) * 10)":               false, // masker cannot read it
	} {
		db := &catalog.Database{Tables: []*catalog.Table{{Name: name, Columns: []catalog.Column{{Name: "id", Default: def}}}}}
		if got := computes(db, catalog.ColumnName{Table: name, Column: "id"}); got != want {
			t.Errorf("%s: %t, want %t", def, got, want)
		}
	}
}
