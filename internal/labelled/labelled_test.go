package labelled

import (
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// withoutClass lists the kinds that are no class of the pack baseline.
var withoutClass = []string{
	"health", "religion", "ethnicity", "politics", "union", "sexual_life", "biometrics", "conviction",
	"birth_year", "age", "marital_status", "nationality", "personal",
}

func TestLabelsAreComplete(t *testing.T) {
	schemas, err := Schemas()
	if err != nil {
		t.Fatal(err)
	}
	if len(schemas) < 8 {
		t.Errorf("%d schemas", len(schemas))
	}
	kinds := map[string]bool{}
	for _, s := range schemas {
		seen := map[string]bool{}
		for _, c := range s.Columns {
			key := c.Table.Column(c.Name)
			if seen[key] {
				t.Errorf("%s: %s stands twice", s.Name, key)
			}
			seen[key], kinds[c.Kind] = true, true
			if c.Sensitive != (c.Kind != "") {
				t.Errorf("%s: %s has kind %q and sensitive %t", s.Name, key, c.Kind, c.Sensitive)
			}
		}
		for _, table := range s.Database().Tables {
			for _, c := range table.Columns {
				if c.Type.Family == catalog.Other {
					t.Errorf("%s: the type %s of %s has no family", s.Name, c.Type.Name, table.Name.Column(c.Name))
				}
			}
		}
	}
	for _, kind := range withoutClass {
		if !kinds[kind] && kind != "age" {
			t.Errorf("no column has the kind %s", kind)
		}
	}
}

func TestLabelsOfOneDatabaseRead(t *testing.T) {
	s, err := Read("own", strings.NewReader("kind,table,column,sensitive\nemail,crm.people,mail,yes\n,t,n,no\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Column{
		{Table: catalog.Name{Schema: "crm", Name: "people"}, Name: "mail", Type: "text", Kind: "email", Sensitive: true},
		{Table: catalog.Name{Schema: "public", Name: "t"}, Name: "n", Type: "text"},
	}
	if !slices.Equal(s.Columns, want) {
		t.Errorf("%+v", s.Columns)
	}
	for _, wrong := range []string{"", "table,name\na,b\n", "table,column\na\n"} {
		if _, err := Read("wrong", strings.NewReader(wrong)); err == nil || !strings.Contains(err.Error(), "labels wrong") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestKeysOfLabelsAreInTheCatalog(t *testing.T) {
	s, err := Read("keys", strings.NewReader(`table,column,type,constraint
a,id,bigint,GENERATED ALWAYS AS IDENTITY PRIMARY KEY
a,u,uuid,UNIQUE DEFAULT gen_random_uuid()
b,s,serial,PRIMARY KEY
b,a,bigint,NOT NULL REFERENCES a(id)
`))
	if err != nil {
		t.Fatal(err)
	}
	db := s.Database()
	a, b := db.Tables[0], db.Tables[1]
	if a.Columns[0].Identity == "" || !a.Keys[0].Primary || a.Keys[1].Columns[0] != "u" || a.Columns[1].Default != "gen_random_uuid()" {
		t.Errorf("%+v", a)
	}
	if b.Columns[0].Sequence == nil || !b.Columns[1].NotNull || len(db.ForeignKeys) != 1 || db.ForeignKeys[0].Parent.Name != "a" {
		t.Errorf("%+v %+v", b, db.ForeignKeys)
	}
	if sql := s.SQL(); !strings.Contains(sql, `CREATE TABLE "public"."b" (`) || strings.Count(sql, ");") != 2 {
		t.Error(sql)
	}
}
