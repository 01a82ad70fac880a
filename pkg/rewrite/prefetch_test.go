package rewrite

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/rewrite/rewritetest"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

// shouter is a Program that returns its values in upper case with an exclamation mark, and NULL for nobody. It records
// the requests.
type shouter struct {
	batches []string
	fail    error
	short   bool
}

func (s *shouter) Treat(column string, values [][]byte) ([][]byte, error) {
	var out [][]byte
	var asked []string
	for _, v := range values {
		asked = append(asked, string(v))
		if string(v) == "nobody" {
			out = append(out, nil)
			continue
		}
		out = append(out, []byte(strings.ToUpper(string(v))+"!"))
	}
	s.batches = append(s.batches, column+": "+strings.Join(asked, ","))
	if s.short {
		out = out[1:]
	}
	return out, s.fail
}

// Program implements Programs.
func (s *shouter) Program(transform.Command) (Program, error) { return s, nil }

func command(batch int) transform.Use {
	return transform.Use{Treatment: "command", Params: transform.Params{"run": []any{"./treat"}, "batch": int64(batch)}}
}

// asking returns a Row that uses the programs s.
func asking(t *testing.T, f wire.Format, columns []plan.Column, s Programs) *Row {
	t.Helper()
	r, err := Compile(testLayout(f, columns), Options{Keys: keysOf(t), Programs: s})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func cells(texts ...string) (row [][]byte) {
	for _, s := range texts {
		if s == "NULL" {
			row = append(row, nil)
		} else {
			row = append(row, []byte(s))
		}
	}
	return row
}

func TestProgramTreatsBlockByBlock(t *testing.T) {
	columns := []plan.Column{
		rewritetest.Kept(t, "id", "int8", catalog.Integer),
		rewritetest.Column(t, "name", "text", catalog.Text, command(2)),
		rewritetest.Column(t, "token", "text", catalog.Text, rewritetest.Use("token")),
		rewritetest.Column(t, "nick", "text", catalog.Text, command(100)),
	}
	for _, f := range rewritetest.Formats() {
		s := &shouter{}
		r := asking(t, f, columns, s)
		in := [][][]byte{cells("1", "ann", "x", "a\tb"), cells("2", "NULL", "x", "nobody"), cells("3", "bob", "NULL", ""), cells("4", "cy", "x", "NULL")}
		for block := range 2 {
			s.batches = nil
			out, err := r.Append(nil, rewritetest.Encode(t, f, columns, in...))
			if err != nil {
				t.Fatal(err)
			}
			got := rewritetest.Decode(t, f, columns, out)
			want := [][2]string{{"ANN!", "A\tB!"}, {"NULL", "NULL"}, {"BOB!", "!"}, {"CY!", "NULL"}}
			for i, w := range want {
				if !slices.Equal(got[i][1], cells(w[0])[0]) || !slices.Equal(got[i][3], cells(w[1])[0]) || string(got[i][0]) != fmt.Sprint(i+1) {
					t.Errorf("%s: row %d is %q", f, i, got[i])
				}
			}
			asked := []string{"public.customers.name: ann,bob", "public.customers.name: cy", "public.customers.nick: a\tb,nobody,"}
			if !slices.Equal(s.batches, asked) {
				t.Errorf("%s: asked %q, want %q", f, s.batches, asked)
			}
			if r.number != int64(4*(block+1)) {
				t.Errorf("%s: %d rows after block %d", f, r.number, block)
			}
		}
	}
}

func TestAProgramInsideArraysAndDocuments(t *testing.T) {
	list := rewritetest.Column(t, "list", "_text", catalog.Array, rewritetest.Use("null"))
	elem := rewritetest.Type("text", catalog.Text)
	list.Type.Elem = &elem
	list.Use = command(10)
	doc := rewritetest.Column(t, "doc", "jsonb", catalog.JSON, transform.Use{Treatment: "json", Paths: []transform.Path{
		{Path: "$.a[*]", Use: command(10)}, {Path: "$.b", Use: transform.Use{Treatment: "keep"}},
	}})
	columns := []plan.Column{list, doc}
	s := &shouter{}
	r := asking(t, wire.Text, columns, s)
	out, err := r.Append(nil, []byte("{ann,NULL,bob}\t{\"a\": [\"x\", \"y\"], \"b\": \"z\"}\n{}\t{}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "{ANN!,NULL,BOB!}\t{\"a\":[\"X!\",\"Y!\"],\"b\":\"z\"}\n{}\t{}\n"; string(out) != want {
		t.Errorf("%q, want %q; asked %q", out, want, s.batches)
	}
	if len(s.batches) != 2 {
		t.Errorf("asked %q", s.batches)
	}
}

func TestFaultyProgramStopsTheRefresh(t *testing.T) {
	columns := []plan.Column{rewritetest.Column(t, "name", "text", catalog.Text, command(2))}
	block := rewritetest.Encode(t, wire.Text, columns, cells("secret"), cells("secret2"))
	broken := &transform.Error{Code: "program-died", Text: "it died"}
	for _, s := range []*shouter{{fail: broken}, {short: true}} {
		r := asking(t, wire.Text, columns, s)
		_, err := r.Append(nil, block)
		var row *RowError
		if !errors.As(err, &row) || row.Column != "name" || row.Treatment != "command" || row.Row != 1 || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v", err)
		}
		if s.fail != nil && row.Code() != "program-died" {
			t.Errorf("%v", err)
		}
	}
	r := asking(t, wire.Text, columns, nil)
	if _, err := r.Append(nil, block); !errors.Is(err, errNoProgram) {
		t.Errorf("without programs: %v", err)
	}
}

// A condition can depend on an answer. A value that was not collected for this reason is requested alone.
func TestUncollectedValueIsRequestedAlone(t *testing.T) {
	s := &shouter{}
	p := &prefetched{command: transform.Command{Batch: 10}, name: "c", programs: s}
	p.collect()
	for _, v := range []string{"a", "b"} {
		if _, _, err := p.Treat([]byte(v)); !errors.Is(err, transform.ErrPending) {
			t.Fatal(err)
		}
	}
	if err := p.fetch(); err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"x", "a", "y", "b", "b"} {
		if out, _, err := p.Treat([]byte(v)); err != nil || string(out) != strings.ToUpper(v)+"!" {
			t.Errorf("%s: %q, %v", v, out, err)
		}
	}
	if want := []string{"c: a,b", "c: x", "c: y", "c: b"}; !slices.Equal(s.batches, want) {
		t.Errorf("asked %q, want %q", s.batches, want)
	}
}

func TestRequestsHaveASizeLimit(t *testing.T) {
	s := &shouter{}
	p := &prefetched{command: transform.Command{Batch: 1000}, programs: s}
	p.collect()
	for range 3 {
		_, _, _ = p.Treat(make([]byte, prefetchBytes/2+1))
	}
	if err := p.fetch(); err != nil || len(s.batches) != 3 {
		t.Errorf("%d requests, %v", len(s.batches), err)
	}
}
