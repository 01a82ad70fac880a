// Package sketch writes schemas and rule sets for tests in a few lines.
package sketch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// Schema returns a catalog. Each line describes one table, by its name and its columns:
//
//	public.customers: id int! pk, email text unique, parent int -> public.customers.id
//
// A column is a name, a word for its type (see Type), and any of these:
//
//	!       behind the type: NOT NULL
//	pk      the primary key
//	unique  a unique constraint
//	-> x    a foreign key to the column x
//	gen     a generated column
//	seq     a default value from a sequence
//	check   a CHECK constraint
//	part    the partition key of the table
//
// "~" in the name of a column stands for a blank.
func Schema(t testing.TB, lines ...string) *catalog.Database {
	t.Helper()
	db := &catalog.Database{Schemas: []string{"public"}}
	for _, line := range lines {
		head, body, _ := strings.Cut(line, ": ")
		name, err := catalog.ParseName(head)
		if err != nil {
			t.Fatal(err)
		}
		tab := &catalog.Table{Name: name, Size: catalog.Size{Rows: 1000}}
		for _, col := range strings.Split(body, ", ") {
			column(t, db, tab, strings.Fields(col))
		}
		db.Tables = append(db.Tables, tab)
	}
	return db
}

func column(t testing.TB, db *catalog.Database, tab *catalog.Table, words []string) {
	t.Helper()
	if len(words) == 0 {
		return
	}
	c := catalog.Column{Name: strings.ReplaceAll(strings.Trim(words[0], `"`), "~", " ")}
	word, notNull := strings.CutSuffix(words[1], "!")
	c.Type, c.NotNull = Type(t, word), notNull
	for i := 2; i < len(words); i++ {
		switch words[i] {
		case "pk":
			tab.Keys = append(tab.Keys, catalog.Key{Name: tab.Name.Name + "_pkey", Primary: true, Columns: []string{c.Name}})
			c.NotNull = true
		case "unique":
			tab.Keys = append(tab.Keys, catalog.Key{Name: tab.Name.Name + "_" + c.Name + "_key", Columns: []string{c.Name}})
		case "gen":
			c.Generated = true
		case "check":
			tab.Checks = append(tab.Checks, catalog.Check{Name: c.Name + "_ok", Columns: []string{c.Name}, Expr: "(secret literal)"})
		case "part":
			tab.PartKey = []string{c.Name}
		case "seq":
			seq := catalog.Name{Schema: tab.Name.Schema, Name: tab.Name.Name + "_" + c.Name + "_seq"}
			c.Sequence = &seq
			table := tab.Name
			db.Sequences = append(db.Sequences, catalog.Sequence{Name: seq, Table: &table, Column: c.Name, Increment: 1, Min: 1, Max: 1<<31 - 1})
		case "->":
			parts, err := catalog.ParseIdents(words[i+1])
			if err != nil {
				t.Fatal(err)
			}
			Reference(db, tab.Name, []string{c.Name}, catalog.Name{Schema: parts[0], Name: parts[1]}, []string{parts[2]})
			i++
		}
	}
	tab.Columns = append(tab.Columns, c)
}

// Reference adds a foreign key from columns of the table child to columns of the table parent.
func Reference(db *catalog.Database, child catalog.Name, columns []string, parent catalog.Name, to []string) {
	db.ForeignKeys = append(db.ForeignKeys, catalog.ForeignKey{
		Name: fmt.Sprintf("%s_%s_fkey", child.Name, strings.Join(columns, "_")), Child: child, ChildColumns: columns, Parent: parent, ParentColumns: to,
	})
}

// Type returns the column type for a word of the notation. An unknown word fails the test.
func Type(t testing.TB, word string) catalog.Type {
	t.Helper()
	switch word {
	case "int":
		return catalog.Type{Name: "integer", Base: "int4", Family: catalog.Integer, Bits: 32}
	case "bigint":
		return catalog.Type{Name: "bigint", Base: "int8", Family: catalog.Integer, Bits: 64}
	case "text":
		return catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	case "citext":
		return catalog.Type{Name: "citext", Base: "citext", Family: catalog.Text, CaseInsensitive: true}
	case "varchar24":
		return catalog.Type{Name: "character varying(24)", Base: "varchar", Family: catalog.Text, MaxLen: 24}
	case "varchar10":
		return catalog.Type{Name: "character varying(10)", Base: "varchar", Family: catalog.Text, MaxLen: 10}
	case "date":
		return catalog.Type{Name: "date", Base: "date", Family: catalog.Date}
	case "timestamp":
		return catalog.Type{Name: "timestamp without time zone", Base: "timestamp", Family: catalog.Timestamp}
	case "bool":
		return catalog.Type{Name: "boolean", Base: "bool", Family: catalog.Boolean}
	case "jsonb":
		return catalog.Type{Name: "jsonb", Base: "jsonb", Family: catalog.JSON}
	case "uuid":
		return catalog.Type{Name: "uuid", Base: "uuid", Family: catalog.UUID}
	case "tsvector":
		return catalog.Type{Name: "tsvector", Base: "tsvector", Family: catalog.Other}
	case "bytea":
		return catalog.Type{Name: "bytea", Base: "bytea", Family: catalog.Bytes}
	case "inet":
		return catalog.Type{Name: "inet", Base: "inet", Family: catalog.Inet}
	case "numeric":
		return catalog.Type{Name: "numeric", Base: "numeric", Family: catalog.Numeric}
	case "text[]":
		return catalog.Type{Name: "text[]", Base: "_text", Family: catalog.Array, Elem: &catalog.Type{Name: "text", Base: "text", Family: catalog.Text}}
	case "enum":
		return catalog.Type{Name: "public.mood", Base: "mood", Family: catalog.Enum, Labels: []string{"a", "b"}}
	}
	t.Fatalf("no type %s", word)
	return catalog.Type{}
}
