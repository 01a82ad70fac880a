package library_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// seen records what the leaves of a column see.
type seen []string

// leaf is one place of a column.
type leaf struct {
	at transform.Place
	to *seen
}

func (l leaf) See(before, after []byte) {
	*l.to = append(*l.to, strings.TrimSpace(fmt.Sprintf("%s %s=>%s", l.at.Path, shown(before), shown(after))))
}

func shown(b []byte) string {
	if b == nil {
		return "NULL"
	}
	return fmt.Sprintf("%q", b)
}

// watched returns a use whose leaves record what they see.
func watched(u transform.Use) (transform.Use, *seen) {
	s := &seen{}
	return library.Watched(u, func(at transform.Place) transform.Leaf { return leaf{at, s} }), s
}

// sight is what the leaves of a column see of one value.
type sight struct {
	typ  catalog.Type
	use  transform.Use
	in   string
	row  []string
	want string
}

// sees checks what leaves see.
func sees(t *testing.T, sights map[string]sight) {
	t.Helper()
	for what, c := range sights {
		u, got := watched(c.use)
		out, _, err := transformtest.Compile(t, c.typ, u).Append(nil, transform.Cell{Text: []byte(c.in)}, transformtest.Row(c.row...))
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if list := strings.Join(*got, ", "); !matches(list, c.want) {
			t.Errorf("%s: %q became %q; saw %s, want %s", what, c.in, out, list, c.want)
		}
	}
}

func TestALeafSeesWhatBecomesOfAValue(t *testing.T) {
	first := using("mask", "keep_first", int64(1))
	redact, keep, null := using("redact"), using("keep"), using("null")
	narrow := catalog.Type{Name: "character varying", Base: "varchar", Family: catalog.Text, MaxLen: 3}
	checked := transformtest.Text
	checked.MinLen = 12
	conditional := redact
	conditional.When, conditional.Else = "kind == 'x'", &first
	conditional.Reads = []transform.Read{{Name: "kind", Type: transformtest.Text}}
	keptElse := conditional
	keptElse.Else = &keep
	sees(t, map[string]sight{
		"a text":                          {transformtest.Text, first, "Ada", nil, `"Ada"=>"A**"`},
		"an empty text":                   {transformtest.Text, first, "", nil, `""=>""`},
		"a kept value":                    {transformtest.Text, keep, "Ada", nil, ``},
		"null":                            {transformtest.Text, null, "Ada", nil, `"Ada"=>NULL`},
		"a narrow column":                 {narrow, redact, "Ada", nil, `"Ada"=>"***"`},
		"a result that a CHECK lengthens": {checked, redact, "Ada", nil, `"Ada"=>"[redacted]**"`},
		"a special number, kept":          {transformtest.Numeric, using("noise", "ratio", 0.1), "NaN", nil, `"NaN"=>"NaN"`},
		"a special number, null":          {transformtest.Numeric, using("noise", "ratio", 0.1, "special", "null"), "NaN", nil, `"NaN"=>NULL`},
		"a program":                       {transformtest.Text, using("command", "run", []any{"x"}), "Ada", nil, `"Ada"=>"adA"`},

		"the condition holds":         {transformtest.Text, conditional, "Ada", []string{"x"}, `"Ada"=>"[redacted]"`},
		"the condition does not hold": {transformtest.Text, conditional, "Ada", []string{"y"}, `"Ada"=>"A**"`},
		"a kept alternative":          {transformtest.Text, keptElse, "Ada", []string{"y"}, ``},
	})
}

func TestALeafSeesElementsAndBounds(t *testing.T) {
	first := using("mask", "keep_first", int64(1))
	null, invented := using("null"), using("fake.date")
	days := catalog.Type{Name: "daterange", Base: "daterange", Family: catalog.Range, Elem: &transformtest.Date}
	manyDays := catalog.Type{Name: "datemultirange", Base: "datemultirange", Family: catalog.Multirange, Elem: &days}
	sees(t, map[string]sight{
		"elements":              {transformtest.ArrayOf(transformtest.Text), first, `[0:1]={{Ada,NULL},{"a b","NULL"}}`, nil, `"Ada"=>"A**", NULL=>NULL, "a b"=>"a**", "NULL"=>"N***"`},
		"no elements":           {transformtest.ArrayOf(transformtest.Text), first, `{}`, nil, ``},
		"an array that is gone": {transformtest.ArrayOf(transformtest.Text), null, `{Ada,NULL,"a b"}`, nil, `"Ada"=>NULL, "a b"=>NULL`},
		"bounds in wrong order": {days, invented, `[2001-02-03,2001-02-04)`, nil, `"2001-02-03"=>*, "2001-02-04"=>*`},
		"a missing bound":       {days, invented, `[2001-02-03,)`, nil, `"2001-02-03"=>*`},
		"a range that is gone":  {days, null, `[2001-02-03,)`, nil, `"2001-02-03"=>NULL`},
		"ranges":                {manyDays, invented, `{[2001-02-03,2001-02-04),[2002-02-03,)}`, nil, `"2001-02-03"=>*, "2001-02-04"=>*, "2002-02-03"=>*`},
		"ranges that are gone":  {manyDays, null, `{[2001-02-03,)}`, nil, `"2001-02-03"=>NULL`},
	})
}

func TestALeafSeesTheParts(t *testing.T) {
	first := using("mask", "keep_first", int64(1))
	redact, keep, null := using("redact"), using("keep"), using("null")
	person := catalog.Type{Name: "public.person", Base: "person", Family: catalog.Composite, Fields: []catalog.Field{
		{Name: "name", Type: transformtest.Text}, {Name: "tags", Type: transformtest.ArrayOf(transformtest.Text)}, {Name: "born", Type: transformtest.Date},
	}}
	hstore := catalog.Type{Name: "hstore", Base: "hstore", Family: catalog.Hstore}
	xml := catalog.Type{Name: "xml", Base: "xml", Family: catalog.XML}
	sees(t, map[string]sight{
		"fields":                   {person, parts("fields", "name", first, "tags", redact, "born", keep), `(Ada,"{x,""a b""}",2001-02-03)`, nil, `name "Ada"=>"A**", tags "x"=>"[redacted]", tags "a b"=>"[redacted]"`},
		"an empty field":           {person, parts("fields", "name", first, "tags", null, "born", null), `("","{x,y}",)`, nil, `name ""=>"", tags "x"=>NULL, tags "y"=>NULL, born NULL=>NULL`},
		"a composite that is gone": {person, redact, `(Ada,"{x,""a b""}",)`, nil, `"Ada"=>"(,,)", "x"=>"(,,)", "a b"=>"(,,)"`},
		"an array of composites":   {transformtest.ArrayOf(person), parts("fields", "name", first, "tags", keep, "born", keep), `{"(Ada,{},)","(Bob,{},)"}`, nil, `name "Ada"=>"A**", name "Bob"=>"B**"`},

		"hstore":                 {hstore, parts("hstore", "a", first, "*", redact, "*~", first), `"a"=>"Ada", "bob"=>"x\"y", "cyd"=>NULL`, nil, `a "Ada"=>"A**", *~ "bob"=>"b**", * "x\"y"=>"[redacted]", *~ "cyd"=>"c**"`},
		"an hstore that is gone": {hstore, redact, `"a"=>"Ada", "c"=>NULL`, nil, `"Ada"=>""`},
		"csv":                    {transformtest.Text, parts("csv", "1", first, "2", redact, "*", keep), "Ada,\"a,b\",c\n\nBob,,d", nil, `1 "Ada"=>"A**", 2 "a,b"=>"[redacted]", 1 "Bob"=>"B**"`},
		"csv inside json":        {transformtest.JSONB, parts("json", "$.raw", parts("csv", "1", first)), `{"raw": "Ada\nBob"}`, nil, `$.raw > 1 "Ada"=>"A**", $.raw > 1 "Bob"=>"B**"`},
		"xml":                    {xml, parts("xml", "/p/@id", redact, "/p/n", first, "/p/k/**", keep), `<p id="7"><n>O&apos;B</n><k>kept</k></p>`, nil, `/p/@id "7"=>"[redacted]", /p/n "O'B"=>"O**"`},
		"an emptied element":     {xml, parts("xml", "/p/n", first, "//note/**", null), `<p><note a="1">x <b>y&amp;z</b><!-- c --> </note><n>Ada</n></p>`, nil, `//note/** "1"=>NULL, //note/** "x "=>NULL, //note/** "y&z"=>NULL, /p/n "Ada"=>"A**"`},
		"xml that is gone":       {xml, redact, `<p id="7">x</p>`, nil, `"7"=>"<redacted/>", "x"=>"<redacted/>"`},
		"xml of another kind":    {xml, redact, `<!DOCTYPE p><p>x</p>`, nil, `"<!DOCTYPE p><p>x</p>"=>"<redacted/>"`},
	})
}

func TestALeafSeesJSON(t *testing.T) {
	first := using("mask", "keep_first", int64(1))
	redact, keep, null := using("redact"), using("keep"), using("null")
	sees(t, map[string]sight{
		"json paths":            {transformtest.JSONB, parts("json", "$.a", first, "$.n", using("noise", "ratio", 0.1), "$.k", keep, "$.b", first), `{"a": "A\u0064a", "n": null, "k": "x", "b": true}`, nil, `$.a "Ada"=>"A**", $.b "true"=>"t***"`},
		"a json number":         {transformtest.JSONB, parts("json", "$.n", redact), `{"n": 1.50}`, nil, `$.n "1.5"=>"0"`},
		"a blind json string":   {transformtest.JSONB, parts("json", "$.a", redact), `{"a": "A\u0064a"}`, nil, `$.a "Ada"=>"[redacted]"`},
		"no text of PostgreSQL": {transformtest.JSONB, parts("json", "$.a", redact), `{"a": "A\u0000a"}`, nil, `$.a "A\x00a"=>"[redacted]"`},
		"json keys":             {transformtest.JSONB, parts("json", "$.m.*", keep, "$.m.x", keep, "$.m.*~", first), `{"m": {"Ada": 1, "x": 2}}`, nil, `$.m.*~ "Ada"=>"A**"`},
		"json, null":            {transformtest.JSONB, parts("json", "$.a", null, "$.n", null), `{"a": "Ada", "n": null}`, nil, `$.a "Ada"=>NULL`},
		"json, constant":        {transformtest.JSONB, parts("json", "$.a", using("constant", "value", "x")), `{"a": -7}`, nil, `$.a "-7"=>"\"x\""`},
		"a replaced subtree":    {transformtest.JSONB, parts("json", "$.s.**", redact), `{"s": {"k": ["Ada", 1.0, true, null, {"e": "\u0062\ud800"}]}}`, nil, `$.s.** "Ada"=>"\"[redacted]\"", $.s.** "1"=>"\"[redacted]\"", $.s.** "true"=>"\"[redacted]\"", $.s.** "b\xed\xa0\x80"=>"\"[redacted]\""`},
		"a removed subtree":     {transformtest.JSONB, parts("json", "$.s.**", null), `{"s": {"k": ["Ada"]}}`, nil, `$.s.** "Ada"=>NULL`},
		"scalars below":         {transformtest.JSONB, parts("json", "$..*", null), `{"s": ["Ada", {"k": 2}]}`, nil, `$..* "Ada"=>NULL, $..* "2"=>NULL`},
		"json that is gone":     {transformtest.JSONB, redact, `{"s": ["Ada", {"k": 2}]}`, nil, `"Ada"=>"\"[redacted]\"", "2"=>"\"[redacted]\""`},
		"an array of json":      {transformtest.ArrayOf(transformtest.JSONB), null, `{"{\"a\": \"Ada\"}","7"}`, nil, `"Ada"=>NULL, "7"=>NULL`},
		"text that is not json": {transformtest.Text, invalid(parts("json", "$.a", first)), `not known`, nil, `"not known"=>"[redacted]"`},
		"empty text, not json":  {transformtest.Text, invalid(parts("json", "$.a", first)), ``, nil, `""=>""`},
		"half a document":       {transformtest.Text, invalid(parts("json", "$.a", first)), `{"a": "Ada", `, nil, `$.a "Ada"=>"A**", "{\"a\": \"Ada\", "=>"[redacted]"`},
	})
}

func invalid(u transform.Use) transform.Use {
	u.Params = transform.Params{"invalid": "redact"}
	return u
}

// matches compares two lists. In the argument want, * stands for any result but NULL.
func matches(list, want string) bool {
	wants, have := strings.Split(want, ", "), strings.Split(list, ", ")
	return slices.EqualFunc(have, wants, func(a, b string) bool {
		start, any := strings.CutSuffix(b, "=>*")
		return a == b || any && strings.HasPrefix(a, start+"=>") && a != start+"=>NULL"
	})
}

// A Leaf sees the NULL of a column that is treated as a whole and without a condition.
func TestALeafSeesNull(t *testing.T) {
	for _, u := range []transform.Use{using("mask"), using("redact"), using("null"), using("token")} {
		u, got := watched(u)
		if _, null, err := transformtest.Compile(t, transformtest.Text, u).Append(nil, transform.Cell{Null: true}, nil); err != nil || !null || !slices.Equal(*got, seen{"NULL=>NULL"}) {
			t.Errorf("%s: %v, %v, %v", u.Treatment, *got, null, err)
		}
	}
}

func TestALeafDoesNotSeeAFailure(t *testing.T) {
	u, got := watched(using("token", "range", []any{int64(0), int64(9)}))
	if _, _, err := transformtest.Compile(t, transformtest.Int4, u).Append(nil, transform.Cell{Text: []byte("77")}, nil); err == nil || len(*got) != 0 {
		t.Errorf("%v, %v", *got, err)
	}
}

// The place of a leaf has the type of its values, and the traits of the treatment on this type.
func TestThePlaceOfALeaf(t *testing.T) {
	var got []string
	u := library.Watched(parts("json", "$.a", using("redact"), "$.b", using("keep")), func(at transform.Place) transform.Leaf {
		got = append(got, fmt.Sprintf("%s %s %s %s %v", at.Path, at.Type.Name, at.Type.Family, at.Use.Treatment, at.Traits.Space))
		return nil
	})
	transformtest.Compile(t, transformtest.JSONB, u)
	if want := []string{"$.a a JSON string text redact 1", "$.a a JSON number numeric redact 1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A watch changes no result.
func TestAWatchChangesNoResult(t *testing.T) {
	type pair struct{ plain, watched transform.Transform }
	all := map[string]pair{}
	var names []string
	for _, spec := range library.All() {
		for i, e := range spec.Examples {
			u, _ := watched(e.Use)
			name := fmt.Sprintf("%s %d", spec.Name, i)
			all[name] = pair{transformtest.Compile(t, e.Type, e.Use), transformtest.Compile(t, e.Type, u)}
			names = append(names, name)
			compare(t, name, all[name].plain, all[name].watched, transform.Cell{Text: []byte(e.In)}, exampleRow(t, e))
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "example")
		spec, _ := library.Lookup(strings.Fields(name)[0])
		var i int
		if _, err := fmt.Sscan(strings.Fields(name)[1], &i); err != nil {
			rt.Fatal(err)
		}
		e := spec.Examples[i]
		in := rapid.OneOf(rapid.Just(e.In), rapid.SampledFrom(inputs(e.Type)), rapid.String(), mutated(e.In)).Draw(rt, "value")
		compare(rt, name, all[name].plain, all[name].watched, transform.Cell{Text: []byte(in), Null: rapid.Bool().Draw(rt, "null")}, exampleRow(t, e))
	})
}

// mutated returns texts that differ from a text in at most one byte.
func mutated(text string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		b := []byte(text)
		if len(b) > 0 {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] = byte(rapid.SampledFrom([]rune(`"{}[]\,:<>() 0a`)).Draw(t, "byte"))
		}
		return string(b)
	})
}

func compare(t interface {
	Helper()
	Errorf(string, ...any)
}, name string, plain, watched transform.Transform, in transform.Cell, row transform.Row,
) {
	t.Helper()
	out1, null1, err1 := plain.Append([]byte("before"), in, row)
	out2, null2, err2 := watched.Append([]byte("before"), in, row)
	if string(out1) != string(out2) || null1 != null2 || fmt.Sprint(err1) != fmt.Sprint(err2) {
		t.Errorf("%s: %q (null %v) became %q, %v, %v; watched %q, %v, %v", name, in.Text, in.Null, out1, null1, err1, out2, null2, err2)
	}
}

// counter is a Leaf that only counts.
type counter struct{ calls, bytes int }

func (c *counter) See(before, after []byte) {
	c.calls, c.bytes = c.calls+1, c.bytes+len(before)+len(after)
}

func TestAWatchAllocatesNothing(t *testing.T) {
	person := catalog.Type{Name: "public.person", Base: "person", Family: catalog.Composite, Fields: []catalog.Field{{Name: "name", Type: transformtest.Text}}}
	first := using("mask", "keep_first", int64(1))
	for what, c := range map[string]struct {
		typ catalog.Type
		use transform.Use
		in  string
	}{
		"text":      {transformtest.Text, first, "Ada"},
		"array":     {transformtest.ArrayOf(transformtest.Text), first, `{Ada,Bob,"a b"}`},
		"composite": {person, using("redact"), `(Ada)`},
		"json":      {transformtest.JSONB, parts("json", "$.a", first, "$.e", using("redact"), "$.s.**", using("redact")), `{"a": "Ada", "e": "", "s": {"k": ["x", 1, {"y": true}]}}`},
	} {
		var n counter
		to := transformtest.Compile(t, c.typ, library.Watched(c.use, func(transform.Place) transform.Leaf { return &n }))
		in, out := []byte(c.in), make([]byte, 0, 1024)
		if got := testing.AllocsPerRun(100, func() {
			var err error
			if out, _, err = to.Append(out[:0], transform.Cell{Text: in}, nil); err != nil {
				t.Fatal(err)
			}
		}); got != 0 {
			t.Errorf("%s: %v allocations", what, got)
		}
		if n.calls == 0 || n.calls%101 != 0 {
			t.Errorf("%s: %d calls", what, n.calls)
		}
	}
}
