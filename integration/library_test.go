package integration

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// libraryExample is one example of a treatment's reference, as two tables. Masker copies bin.NAME in COPY's binary
// format, if the type allows that. It copies txt.NAME as text, because that table has a column of type money.
type libraryExample struct {
	name   string // "fake_city_0"
	spec   *transform.Spec
	of     transform.Example
	list   bool     // the tables also have l, an array of the type
	values []string // values of column v: the example's value, NULL, edge cases, and the example's value again
}

// One run refreshes tables with every example of every treatment. PostgreSQL accepts all results, no value is left
// untreated, NULL stays NULL, and equal values get equal results in both formats.
func TestWholeLibraryOnARealServer(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "library", ""), newDatabaseURL(t, srv, "library_staging")
	source := connect(t, src)
	examples := prepareLibrary(t, source)
	s := newSite(t, src, dst).rules(t, libraryRules(examples))
	if out, err := exec.Command("go", "build", "-o", filepath.Join(s.dir, "treat"), "./testdata/turn").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	planned := map[catalog.Name][]string{}
	for _, tab := range s.planned(t).Tables {
		for _, c := range tab.Columns {
			planned[tab.Name] = append(planned[tab.Name], c.Name+" "+c.Use.Treatment)
		}
	}
	s.mustRefresh(t)

	target := connect(t, dst)
	for _, sp := range examples {
		for _, schema := range []string{"bin", "txt"} {
			name := catalog.Name{Schema: schema, Name: sp.name}
			if !slices.Contains(planned[name], "v "+sp.spec.Name) {
				t.Errorf("%s: the plan has %v", name, planned[name])
			}
			sp.compare(t, name, source, target)
		}
		if !sp.ownDomain() { // the domain depends on the column
			continue
		}
		columns := []string{"id", "v"}
		if sp.list {
			columns = append(columns, "l")
		}
		if sp.list && sp.spec.Name != "null" && sp.spec.Name != "command" {
			if n := readRows(t, target, "bin."+sp.name+" WHERE l[1]::text IS DISTINCT FROM v::text", []string{"id", "v", "l"}); len(n) > 0 {
				t.Errorf("%s: the results for a value and for the same value in an array differ: %q", sp.name, n)
			}
		}
		binary, text := readRows(t, target, "bin."+sp.name+" ORDER BY id", columns), readRows(t, target, "txt."+sp.name+" ORDER BY id", columns)
		if !slices.EqualFunc(binary, text, slices.Equal) {
			t.Errorf("%s: %q in binary format, %q in text", sp.name, binary, text)
		}
	}
}

// compare compares a table of the target with the source.
func (sp *libraryExample) compare(t *testing.T, name catalog.Name, source, target *pgx.Conn) {
	t.Helper()
	columns := []string{"id", "v"}
	if sp.list {
		columns = append(columns, "l")
	}
	before, after := readRows(t, source, name.String()+" ORDER BY id", columns), readRows(t, target, name.String()+" ORDER BY id", columns)
	if len(before) != len(after) || len(after) != len(sp.values)+1 {
		t.Errorf("%s: %d rows became %d", name, len(before), len(after))
		return
	}
	traits, err := library.Check(transform.Column{Table: name, Name: "v", Type: sp.of.Type}, sp.of.Use)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for i, was := range before {
		is := after[i]
		if was[0] != is[0] {
			t.Errorf("%s: row %s became %s", name, was[0], is[0])
		}
		example := i == 0 || i == len(before)-1
		for c := 1; c < len(is); c++ {
			if was[c] == sqlNull && is[c] != sqlNull {
				t.Errorf("%s.%s, row %s: NULL became %s", name, columns[c], was[0], is[c])
			}
			if was[c] != sqlNull && is[c] == sqlNull && sp.spec.Name != "null" {
				t.Errorf("%s.%s: %s became NULL", name, columns[c], was[c])
			}
			if was[c] != sqlNull && was[c] == is[c] && !sp.mayStay(was[1], example, traits) {
				t.Errorf("%s.%s: %q arrived untreated", name, columns[c], was[c])
			}
			if columns[c] == "l" && is[c] != sqlNull && !strings.Contains(is[c], ",NULL,") {
				t.Errorf("%s.l: %s has a NULL, and %s has none", name, was[c], is[c])
			}
		}
	}
	first, last := after[0], after[len(after)-1]
	if traits.Equality && !slices.Equal(first[1:], last[1:]) {
		t.Errorf("%s: one value became %q and %q", name, first[1:], last[1:])
	}
}

// ownDomain reports whether the rule may name one domain for all its results.
func (sp *libraryExample) ownDomain() bool {
	return sp.spec.Parts == "" && sp.spec.Name != "keep" && sp.of.Use.Subject == "" && len(sp.of.Use.Reads) == 0
}

// mayStay reports whether a value may be its own result: the treatment may leave it as it is, the value discloses
// nothing, or it is already a possible result.
func (sp *libraryExample) mayStay(value string, example bool, traits transform.Traits) bool {
	name := sp.spec.Name
	switch {
	case name == "fake.choice", name == "xml" && value == "<a/>": // fake.choice has three results; <a/> has neither text nor attributes
		return true
	case example:
		return sp.of.In == sp.of.Out
	case traits.Discloses == transform.Unchanged && (sp.spec.Parts != "" || slices.Contains([]string{"keep", "scrub", "expr"}, name)), strings.Contains(" NaN Infinity -Infinity infinity -infinity ", " "+value+" ") && strings.Contains(fmt.Sprint(sp.spec.Params), "{special "):
		return true
	case value == "":
		return !strings.HasPrefix(name, "fake.") && name != "token" && name != "reversible"
	case strings.HasPrefix(name, "generalize.") || name == "truncate":
		return slices.Contains([]string{
			"0", "0.00", "0.000000", "0.1", "00000000", "0001-01-01", "4700-01-01 BC", "0001-01-01 00:00:00+00", "0044-03-15 00:00:00+00 BC",
			"4700-01-01 00:00:00+00 BC", "0.0.0.0/0", "10.0.0.0/8", "::/0", "[redacted]",
		}, value)
	case name == "redact" || name == "regex" || name == "json":
		return value == "[redacted]" || value == "0"
	case name == "placeholder":
		return value == `\\x`
	}
	return false
}

// prepareLibrary makes and fills the tables.
func prepareLibrary(t *testing.T, conn *pgx.Conn) []*libraryExample {
	t.Helper()
	run(t, conn, "CREATE SCHEMA bin; CREATE SCHEMA txt")
	for _, ext := range []string{"citext", "hstore"} {
		if _, err := conn.Exec(t.Context(), "CREATE EXTENSION "+ext); err != nil {
			t.Logf("the server lacks %s: %v", ext, err)
		}
	}
	var all []*libraryExample
	made := map[string]bool{}
	for _, spec := range library.All() {
		if spec.Alone { // it needs many rows; TestSampledColumnsKeepTheirShape tests it
			continue
		}
		for i, e := range spec.Examples {
			sp := &libraryExample{name: strings.ReplaceAll(spec.Name, ".", "_") + fmt.Sprintf("_%d", i), spec: spec, of: e}
			if ddl := declare(e.Type); ddl != "" && !made[e.Type.Name] {
				run(t, conn, ddl)
				made[e.Type.Name] = true
			}
			var known bool
			if err := conn.QueryRow(t.Context(), "SELECT to_regtype($1) IS NOT NULL", e.Type.Name).Scan(&known); err != nil || !known {
				t.Run(sp.name, func(t *testing.T) { t.Skipf("skipped: the server has no type %s (%v)", e.Type.Name, err) })
				continue
			}
			elem := e.Type
			list := catalog.Type{Name: elem.Name + "[]", Base: "_" + elem.Base, Family: catalog.Array, Elem: &elem}
			_, err := library.Check(transform.Column{Name: "l", Type: list}, e.Use)
			sp.list = err == nil
			sp.fill(t, conn)
			all = append(all, sp)
		}
	}
	return all
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatalf("%v\n%s", err, shorten(sql))
	}
}

// declare returns the statement that makes an enum or composite type of the examples. It is "" for other types.
func declare(typ catalog.Type) string {
	var parts []string
	switch typ.Family {
	case catalog.Enum:
		for _, label := range typ.Labels {
			parts = append(parts, quoted(label))
		}
		return fmt.Sprintf("CREATE TYPE %s AS ENUM (%s)", typ.Name, strings.Join(parts, ", "))
	case catalog.Composite:
		for _, f := range typ.Fields {
			parts = append(parts, catalog.Quote(f.Name)+" "+ddlOf(f.Type))
		}
		return fmt.Sprintf("CREATE TYPE %s AS (%s)", typ.Name, strings.Join(parts, ", "))
	}
	return ""
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// ddlOf returns the type as SQL writes it, with its length. Type names in the examples have no length.
func ddlOf(typ catalog.Type) string {
	if typ.Base == "varchar" && typ.MaxLen > 0 {
		return fmt.Sprintf("varchar(%d)", typ.MaxLen)
	}
	return typ.Name
}

// fill makes the libraryExample's tables and their rows.
func (sp *libraryExample) fill(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	typ := ddlOf(sp.of.Type)
	columns := "v " + typ
	if sp.list {
		columns += ", l " + typ + "[]"
	}
	names, row := "", ""
	for _, r := range sp.of.Use.Reads {
		columns += ", " + r.Name + " " + ddlOf(r.Type)
		names += ", " + r.Name
		row += ", " + quoted(sp.of.Row[r.Name]) + "::" + ddlOf(r.Type)
	}
	run(t, conn, fmt.Sprintf("CREATE TABLE bin.%[1]s (id int PRIMARY KEY, %[2]s); CREATE TABLE txt.%[1]s (id int PRIMARY KEY REFERENCES bin.%[1]s, price_of_it money, %[2]s)", sp.name, columns))
	sp.values = append(append([]string{sp.of.In}, sp.edges(t, conn)...), sp.of.In)
	var rows []string
	for i, v := range slices.Insert(slices.Clone(sp.values), 1, "NULL") {
		list := ", ARRAY[" + quoted(v) + ", NULL, " + quoted(v) + "]::" + typ + "[]"
		v = quoted(v)
		if i == 1 {
			v, list = "NULL", ", NULL"
		}
		if !sp.list {
			list = ""
		}
		rows = append(rows, fmt.Sprintf("(%d, %s::%s%s%s)", i+1, v, typ, list, row))
	}
	if sp.list {
		names = ", l" + names
	}
	for _, schema := range []string{"bin", "txt"} {
		run(t, conn, fmt.Sprintf("INSERT INTO %s.%s (id, v%s) VALUES %s", schema, sp.name, names, strings.Join(rows, ", ")))
	}
}

// edges returns edge cases of the type. It leaves out values that the server or the treatment refuses.
func (sp *libraryExample) edges(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	if sp.spec.Name == "command" {
		return nil // the example's program decides which values it accepts
	}
	r, err := keyring.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	column := transform.Column{Name: "v", Type: sp.of.Type}
	traits, err := library.Check(column, sp.of.Use)
	if err != nil {
		t.Fatalf("%s: %v", sp.name, err)
	}
	to, err := library.Compile(column, sp.of.Use, ring{r.For("test")})
	if err != nil {
		t.Fatalf("%s: %v", sp.name, err)
	}
	var siblings libraryRow
	for _, need := range traits.Needs {
		text, ok := sp.of.Row[need]
		if need == sp.of.Use.Subject {
			text, ok = "1", true
		}
		siblings = append(siblings, transform.Cell{Text: []byte(text), Null: !ok})
	}
	var take []string
	for _, v := range edgesOf(sp.of.Type) {
		var printed string
		if err := conn.QueryRow(t.Context(), "SELECT "+quoted(v)+"::"+ddlOf(sp.of.Type)+"::text").Scan(&printed); err != nil {
			continue
		}
		if _, _, err := to.Append(nil, transform.Cell{Text: []byte(printed)}, siblings); err == nil {
			take = append(take, v)
		}
	}
	return take
}

type libraryRow []transform.Cell

func (r libraryRow) Cell(i int) transform.Cell { return r[i] }

func edgesOf(typ catalog.Type) []string {
	switch typ.Family {
	case catalog.Text:
		long := 3000
		if typ.MaxLen > 0 {
			long = typ.MaxLen
		}
		return []string{"", " ", "x", "7", `\N`, `\.`, "a\tb\nc\\d\r", `{a,"b"}`, "日本語 Jörg 👩‍👩‍👧", "[redacted]", "2024-02-29", "0044-03-15 BC", "00000000", strings.Repeat("é", long)}
	case catalog.Integer:
		return []string{"0", "1", "-1", "32767", "-32768", "2147483647", "-2147483648", "9223372036854775807"}
	case catalog.Numeric:
		return []string{"0", "0.01", "-0.01", "NaN", "99999999.99", "1e30"}
	case catalog.Float:
		return []string{"0", "-0", "1e-300", "-1e300", "NaN", "Infinity", "0.1"}
	case catalog.Boolean:
		return []string{"t", "f"}
	case catalog.UUID:
		return []string{"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"}
	case catalog.Date, catalog.Timestamp, catalog.TimestampTZ:
		return []string{"infinity", "-infinity", "0001-01-01", "0044-03-15 BC", "5874890-12-31", "294270-12-31 23:59:59.999999+00", "4700-01-01 BC", "1999-12-31 23:59:59.999999+00"}
	case catalog.JSON:
		return []string{"{}", "[]", "null", `"x"`, `7`, `{"a": []}`}
	case catalog.Bytes:
		return []string{`\x`, `\x00`, `\xffd8ff`}
	case catalog.Inet:
		return []string{"::1", "0.0.0.0/0", "10.0.0.0/8", "::/0", "255.255.255.255", "::ffff:1.2.3.4"}
	case catalog.Enum:
		return typ.Labels
	case catalog.Hstore:
		return []string{"", `a=>NULL`, `"x y"=>"\"\\"`}
	case catalog.XML:
		return []string{"", "x", "<a/>"}
	case catalog.Composite:
		return []string{"(,,)", `("a ""b"" \\",,7)`}
	case catalog.MAC:
		return []string{"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"}
	}
	return nil
}
