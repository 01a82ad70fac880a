package rewrite

import (
	"testing"

	"github.com/masker-project/masker/pkg/rewrite/rewritetest"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/wire"
)

// referencing returns the layout of a table whose treatment reads columns of referenced rows, and two of its rows.
func referencing(t *testing.T, f wire.Format) (l *Layout, in []byte) {
	t.Helper()
	text := rewritetest.Type("text", catalog.Text)
	u := transform.Use{
		Treatment: "expr", Params: transform.Params{"value": `old.customer_id.name + "/" + old.state`},
		Reads: []transform.Read{{Name: "customer_id.name", Type: text}, {Name: "state", Type: text}},
	}
	columns := []plan.Column{
		rewritetest.Kept(t, "id", "int8", catalog.Integer), rewritetest.Column(t, "memo", "text", catalog.Text, u),
		rewritetest.Kept(t, "state", "text", catalog.Text), rewritetest.Kept(t, "n", "int4", catalog.Integer),
	}
	l = testLayout(f, columns)
	l.Extras = []Extra{
		{catalog.Extra{Path: "customer_id", Column: "other"}, rewritetest.Type("int4", catalog.Integer)},
		{catalog.Extra{Path: "customer_id", Column: "name"}, text},
	}
	read := append(columns[:len(columns):len(columns)], rewritetest.Kept(t, "other", "int4", catalog.Integer), rewritetest.Kept(t, "name", "text", catalog.Text))
	return l, rewritetest.Encode(t, f, read,
		[][]byte{[]byte("1"), []byte("x"), []byte("open\tnow"), []byte("5"), []byte("9"), []byte("Ada\n")},
		[][]byte{[]byte("2"), []byte("x"), []byte("open"), nil, nil, nil})
}

// Treatments see the columns of referenced rows. These columns are read at the end of each row and are not written.
func TestColumnsOfReferencedRowsAreReadAndNotWritten(t *testing.T) {
	for _, f := range rewritetest.Formats() {
		l, in := referencing(t, f)
		r, err := Compile(l, Options{Keys: keysOf(t)})
		if err != nil {
			t.Fatal(err)
		}
		r.Begin()
		out, err := r.Append(nil, in)
		if err != nil {
			t.Fatal(err)
		}
		rows := rewritetest.Decode(t, f, l.Columns, out) // fails if the rows have another number of columns
		if len(rows) != 2 || string(rows[0][1]) != "Ada\n/open\tnow" || rows[1][1] != nil || string(rows[0][3]) != "5" || rows[1][3] != nil {
			t.Errorf("%s: %q", f, rows)
		}
		if n := testing.AllocsPerRun(20, func() { out, err = r.Append(out[:0], in) }); n != 0 || err != nil {
			t.Errorf("%s: %v allocations, %v", f, n, err)
		}
	}
}

// A kept column with a condition counts as treated, because the condition can choose another treatment.
func TestKeptColumnWithAConditionIsTreated(t *testing.T) {
	text := rewritetest.Type("text", catalog.Text)
	u := transform.Use{
		Treatment: "keep", When: `kind == "firm"`, Else: &transform.Use{Treatment: "redact"},
		Reads: []transform.Read{{Name: "kind", Type: text}},
	}
	traits, err := library.Check(transform.Column{Name: "name", Type: text}, u)
	if err != nil {
		t.Fatal(err)
	}
	columns := []plan.Column{{Name: "name", Type: text, Use: u, Needs: traits.Needs}, rewritetest.Kept(t, "kind", "text", catalog.Text)}
	for _, f := range rewritetest.Formats() {
		r := testRow(t, f, columns)
		if r.Kept() {
			t.Fatal("a condition was taken for keep")
		}
		in := rewritetest.Encode(t, f, columns, [][]byte{[]byte("Acme"), []byte("firm")}, [][]byte{[]byte("Ada"), []byte("person")})
		out, err := r.Append(nil, in)
		if err != nil {
			t.Fatal(err)
		}
		rows := rewritetest.Decode(t, f, columns, out)
		if string(rows[0][0]) != "Acme" || string(rows[1][0]) != "[redacted]" {
			t.Errorf("%s: %q", f, rows)
		}
	}
}
