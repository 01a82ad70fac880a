package labelled

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// Database returns the schema as a catalog, with the keys and references that the labels state.
func (s *Schema) Database() *catalog.Database {
	db := &catalog.Database{Name: s.Name}
	for i := range s.Columns {
		c := &s.Columns[i]
		t := db.Table(c.Table)
		if t == nil {
			t = &catalog.Table{Name: c.Table, Size: catalog.Size{Rows: -1}}
			db.Tables = append(db.Tables, t)
		}
		s.column(db, t, c)
	}
	slices.SortFunc(db.Tables, func(a, b *catalog.Table) int { return a.Name.Compare(b.Name) })
	return db
}

func (s *Schema) column(db *catalog.Database, t *catalog.Table, c *Column) {
	col := catalog.Column{Name: c.Name, Type: typeOf(c.Type), Comment: c.Comment}
	has := func(word string) bool { return strings.Contains(strings.ToUpper(c.Constraint), word) }
	col.NotNull = has("NOT NULL") || has("PRIMARY KEY")
	if has("AS IDENTITY") {
		col.Identity = "always"
	}
	if strings.HasSuffix(c.Type, "serial") {
		col.Sequence = &catalog.Name{Schema: t.Name.Schema, Name: t.Name.Name + "_" + c.Name + "_seq"}
	}
	if _, value, ok := strings.Cut(c.Constraint, "DEFAULT "); ok {
		col.Default = strings.TrimSuffix(value, " PRIMARY KEY")
	}
	if has("PRIMARY KEY") {
		t.Keys = append(t.Keys, catalog.Key{Name: t.Name.Name + "_pkey", Primary: true, Columns: []string{c.Name}})
	}
	if has("UNIQUE") {
		t.Keys = append(t.Keys, catalog.Key{Name: t.Name.Name + "_" + c.Name + "_key", Columns: []string{c.Name}})
	}
	if m := regexp.MustCompile(`REFERENCES "?(\w+)"?\("?(\w+)"?\)`).FindStringSubmatch(c.Constraint); m != nil {
		db.ForeignKeys = append(db.ForeignKeys, catalog.ForeignKey{
			Name: t.Name.Name + "_" + c.Name + "_fkey", Child: t.Name, ChildColumns: []string{c.Name},
			Parent: catalog.Name{Schema: t.Name.Schema, Name: m[1]}, ParentColumns: []string{m[2]},
		})
	}
	t.Columns = append(t.Columns, col)
}

// typeOf returns the type with a name, and its family. The map has only the types that the labels use. Every other type
// gets the family Other.
func typeOf(name string) catalog.Type {
	if elem, ok := strings.CutSuffix(name, "[]"); ok {
		e := typeOf(elem)
		return catalog.Type{Name: name, Base: "_" + e.Base, Family: catalog.Array, Elem: &e}
	}
	base, width, _ := strings.Cut(name, "(")
	families := map[string]catalog.Family{
		"text": catalog.Text, "varchar": catalog.Text, "char": catalog.Text, "character": catalog.Text, "character varying": catalog.Text,
		"citext": catalog.Text, "smallint": catalog.Integer, "integer": catalog.Integer, "bigint": catalog.Integer, "serial": catalog.Integer,
		"bigserial": catalog.Integer, "numeric": catalog.Numeric, "real": catalog.Float, "double precision": catalog.Float,
		"boolean": catalog.Boolean, "uuid": catalog.UUID, "date": catalog.Date, "timestamp": catalog.Timestamp,
		"timestamp without time zone": catalog.Timestamp, "timestamptz": catalog.TimestampTZ, "timestamp with time zone": catalog.TimestampTZ,
		"jsonb": catalog.JSON, "json": catalog.JSON, "bytea": catalog.Bytes, "inet": catalog.Inet, "enum": catalog.Enum,
		"macaddr": catalog.MAC, "xml": catalog.XML, "tsvector": catalog.TSVector, "time without time zone": catalog.Time,
	}
	f, ok := families[base]
	if !ok {
		f = catalog.Other
	}
	t := catalog.Type{Name: name, Base: base, Family: f}
	switch {
	case f == catalog.Integer:
		t.Bits = map[string]int{"smallint": 16, "integer": 32, "serial": 32, "bigint": 64, "bigserial": 64}[base]
	case f == catalog.Text && width != "":
		t.MaxLen, _ = strconv.Atoi(strings.TrimSuffix(width, ")"))
	}
	return t
}

// SQL returns the statements that make the schema in an empty database. Some databases exist only outside this
// repository, and their labels state no constraints. Such a schema is made without keys.
func (s *Schema) SQL() string {
	var b, comments strings.Builder
	quote := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
	if slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Type == "enum" }) {
		b.WriteString("CREATE TYPE enum AS ENUM ('a', 'b');\n")
	}
	for i := 0; i < len(s.Columns); {
		table, n := s.Columns[i].Table, i
		fmt.Fprintf(&b, "CREATE TABLE %s.%s (", quote(table.Schema), quote(table.Name))
		for ; i < len(s.Columns) && s.Columns[i].Table == table; i++ {
			c := &s.Columns[i]
			if i > n {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "\n  %s %s %s", quote(c.Name), c.Type, c.Constraint)
			if c.Comment != "" {
				fmt.Fprintf(&comments, "COMMENT ON COLUMN %s.%s.%s IS '%s';\n", quote(table.Schema), quote(table.Name), quote(c.Name), strings.ReplaceAll(c.Comment, "'", "''"))
			}
		}
		b.WriteString("\n);\n")
	}
	return b.String() + comments.String()
}
