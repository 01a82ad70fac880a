package target

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// F7: an entry about a database, a role or a tablespace is recognised by its kind, its dependencies, its tag or its
// statements. One of the four is enough. The entries are as pg_dump 14 to 18 write them, or as a later version might.
func TestF7EntriesAboutTheServerAreLeftOut(t *testing.T) {
	const db = 9
	for name, e := range map[string]archive.Entry{
		"comment":                      {Desc: "COMMENT", Tag: "DATABASE shop", Defn: "COMMENT ON DATABASE shop IS 'x';\n", Deps: []int{db}},
		"comment, no dependency":       {Desc: "COMMENT", Tag: "DATABASE shop", Defn: "x"},
		"comment, no tag":              {Desc: "COMMENT", Defn: "COMMENT ON DATABASE shop IS 'x';\n"},
		"comment, by dependency alone": {Desc: "COMMENT", Tag: "?", Defn: "x", Deps: []int{db}},
		"in lower case":                {Desc: "COMMENT", Defn: "  comment\n on\tdatabase shop is 'x';\n"},
		"behind comments":              {Desc: "COMMENT", Defn: "-- x\n/* a /* b */ c */ COMMENT /* y */ ON DATABASE shop IS 'x';\n"},
		"second statement":             {Desc: "TABLE", Tag: "t", Defn: "CREATE TABLE t (a int DEFAULT 1);\nALTER DATABASE shop SET x = 1;\n"},
		"properties":                   {Desc: "DATABASE PROPERTIES", Tag: "shop", Defn: "ALTER DATABASE shop SET work_mem = '5MB';\n", Deps: []int{db}},
		"properties by another name":   {Desc: "DATABASE SETTINGS", Tag: "shop", Defn: "ALTER ROLE a IN DATABASE shop SET work_mem = '5MB';\n"},
		"a kind of a later version":    {Desc: "DATABASE CONFIG", Tag: "shop", Defn: "x"},
		"label":                        {Desc: "SECURITY LABEL", Tag: "DATABASE shop", Defn: "SECURITY LABEL FOR p ON DATABASE shop IS 'x';\n", Deps: []int{db}},
		"label by another kind":        {Desc: "LABEL", Tag: "x", Defn: "SECURITY LABEL FOR \"p ON\" ON ROLE shop IS 'x';\n"},
		"rights":                       {Desc: "ACL", Tag: "DATABASE shop", Defn: "GRANT ALL ON DATABASE shop TO a;\n", Deps: []int{db}},
		"rights by another kind":       {Desc: "GRANT", Tag: "shop", Defn: "REVOKE CONNECT, TEMPORARY ON DATABASE shop FROM PUBLIC;\n"},
		"membership":                   {Desc: "ROLE MEMBERSHIP", Tag: "a", Defn: "GRANT a TO b;\n"},
		"comment on a role":            {Desc: "COMMENT", Tag: "ROLE a", Defn: "COMMENT ON ROLE a IS 'x';\n"},
		"comment on a tablespace":      {Desc: "COMMENT", Tag: "TABLESPACE a", Defn: "COMMENT ON TABLESPACE a IS 'x';\n"},
		"a role":                       {Desc: "ROLE", Tag: "a", Defn: "CREATE ROLE a;\n"},
		"a user":                       {Desc: "?", Tag: "a", Defn: "CREATE USER a;\n"},
		"a role's settings":            {Desc: "?", Tag: "a", Defn: "ALTER USER a SET x = 1;\n"},
		"a tablespace":                 {Desc: "TABLESPACE", Tag: "a", Defn: "CREATE TABLESPACE a LOCATION '/x';\n"},
		"a tablespace's owner":         {Desc: "?", Tag: "a", Defn: "ALTER TABLESPACE a OWNER TO b;\n"},
		"the server's settings":        {Desc: "?", Tag: "a", Defn: "ALTER SYSTEM SET x = 1;\n"},
		"what a role owns":             {Desc: "?", Tag: "a", Defn: "REASSIGN OWNED BY a TO b;\n"},
		"a parameter":                  {Desc: "?", Tag: "a", Defn: "GRANT SET ON PARAMETER x TO b;\n"},
	} {
		e.ID, e.Section = 50, archive.PreData
		if got := taken(t, e); got != "" {
			t.Errorf("%s is executed: %s", name, got)
		}
	}
}

// F7: an entry whose names or texts only look like a statement about the server is executed.
func TestF7NamesAndTextsAreNotTakenForStatements(t *testing.T) {
	for _, e := range []archive.Entry{
		{Desc: "TABLE", Tag: "DATABASE shop", Defn: "CREATE TABLE public.\"DATABASE shop\" (\n    a text DEFAULT 'x; COMMENT ON DATABASE shop IS 1'::text\n);\n"},
		{Desc: "COMMENT", Tag: "TABLE \"DATABASE shop\"", Defn: "COMMENT ON TABLE public.\"DATABASE shop\" IS '; COMMENT ON DATABASE shop IS ''x'';';\n"},
		{Desc: "COMMENT", Tag: "COLUMN database.role", Defn: "COMMENT ON COLUMN database.role IS 'x';\n"},
		{Desc: "SCHEMA", Tag: "database", Defn: "CREATE SCHEMA database;\n"},
		{Desc: "FUNCTION", Tag: "f()", Defn: "CREATE FUNCTION public.f() RETURNS void\n    LANGUAGE sql\n    AS $$ALTER DATABASE shop SET x = 1; CREATE ROLE a; $$;\n"},
		{Desc: "DEFAULT", Tag: "t a", Defn: "ALTER TABLE ONLY public.t ALTER COLUMN a SET DEFAULT 1;\n"},
		{Desc: "TABLE", Tag: "user", Defn: "CREATE TABLE public.\"user\" (\n    a int\n);\n"},
	} {
		e.ID, e.Section = 50, archive.PreData
		if taken(t, e) == "" {
			t.Errorf("%s %s is left out", e.Desc, e.Tag)
		}
	}
}

// taken returns the SQL that masker would execute on the shadow. The archive has two entries: a DATABASE entry and e.
func taken(t *testing.T, e archive.Entry) string {
	t.Helper()
	a := &archive.Archive{Entries: []archive.Entry{
		{ID: 9, Desc: "DATABASE", Tag: "shop", Defn: "CREATE DATABASE shop;\n", Section: archive.PreData}, e,
	}}
	d, err := selectDDL(sides.Shadow{Source: &catalog.Database{}, Archive: a, Decisions: sides.Decisions{Comments: "keep"}}, 150000)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, list := range [][]archive.Entry{d.pre, d.post, d.policies, d.events} {
		b.WriteString(script(list))
	}
	return b.String()
}
