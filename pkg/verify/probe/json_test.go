package probe

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
)

var at = verify.Place{Table: catalog.Name{Schema: "public", Name: "t"}, Column: "c"}

// see gives values of a type to the decoder, and returns the Lookup.
func see(t *testing.T, typ catalog.Type, binary bool, words string, values ...string) *looking {
	t.Helper()
	l := newLooking(strings.Fields(words)...)
	p := l.Prober()
	d, ok := decoderFor(p, at, typ, binary)
	if !ok {
		t.Fatalf("no decoder for %s", typ.Family)
	}
	for _, v := range values {
		if err := d.read([]byte(v)); err != nil {
			t.Fatal(err)
		}
		p.Row(nil)
	}
	return l
}

var ofJSON = catalog.Type{Family: catalog.JSON, Base: "json"}

func TestV3EachLeafOfADocumentHasItsPath(t *testing.T) {
	l := see(t, ofJSON, false, "", ` {"a": "x y", "old" : {"email":"a\"b\\c\u00fc\ud83d\ude00\n", "n": 1234567890, "short": 12}, "list": ["p", ["q"], {"k": "r"}, true, null],
		"home phone": "1", "\u0061b": "s", "anna@example.com": "t", "k12345678": "u", "e": "", "o": {}, "z": []}`)
	want := map[string][]string{
		"public.t.c $.a": {"x y"}, "public.t.c $.old.email": {"a\"b\\cü😀\n"}, "public.t.c $.old.n": {"1234567890"},
		"public.t.c $.list[*]": {"p"}, "public.t.c $.list[*][*]": {"q"}, "public.t.c $.list[*].k": {"r"},
		"public.t.c $.*": {"1", "t", "u"}, "public.t.c $.ab": {"s"}, "public.t.c $.e": {""},
	}
	if !reflect.DeepEqual(l.cells, want) {
		t.Errorf("got %q", l.cells)
	}
	if l.skipped["public.t.c $.list[*]: type"] != 2 || l.skipped["public.t.c $.old.short: too short"] != 1 {
		t.Errorf("got %v", l.skipped)
	}
}

func TestAKeyThatIsAValueIsFoundAndNotTold(t *testing.T) {
	l := see(t, ofJSON, false, "anna bert", `{"contacts": {"anna": {"city": "bert"}}}`, `{"contacts": {"anna": 1}}`)
	if l.found["public.t.c $.contacts: anna"] != 2 || l.found["public.t.c $.contacts.*.city: bert"] != 1 || len(l.found) != 2 {
		t.Errorf("got %v", l.found)
	}
}

func TestAKeyThatIsAValueIsFoundAtEveryDepth(t *testing.T) {
	for _, depth := range []int{1, 63, 64, 65, 200} {
		doc := strings.Repeat(`{"k": `, depth) + `{"anna": 1}` + strings.Repeat(`}`, depth)
		found := 0
		for _, n := range see(t, ofJSON, false, "anna bert", doc).found {
			found += int(n)
		}
		if found != 1 {
			t.Errorf("at depth %d the key is found %d times", depth, found)
		}
	}
}

func TestDocumentsWithManyKeysHaveFewPaths(t *testing.T) {
	var docs []string
	for i := range 2000 {
		docs = append(docs, fmt.Sprintf(`{"x%d": {"y%d": "v"}}`, i%100, i))
	}
	l := see(t, ofJSON, false, "", docs...)
	if n := len(l.cells); n > maxBranches+2 || len(l.cells["public.t.c $.*.*"]) == 0 {
		t.Errorf("%d paths", n)
	}
	deep := strings.Repeat(`{"a":`, 10000) + `"v"` + strings.Repeat("}", 10000)
	if l := see(t, ofJSON, false, "v", deep); len(l.found) != 1 {
		t.Errorf("got %v", l.found)
	}
}

// leaves returns the strings of a document as encoding/json reads them.
func leaves(v any) (list []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			list = append(list, leaves(e)...)
		}
	case map[string]any:
		for _, e := range v {
			list = append(list, leaves(e)...)
		}
	}
	return list
}

// FuzzDocument compares the strings that are looked up with those that encoding/json reads, and gives any bytes to
// the decoder.
func FuzzDocument(f *testing.F) {
	for _, s := range []string{`{"a":["b\u00e9",{"c":"\ud83d\ude00"}],"d":1e9}`, `"x"`, `[`, `{"a`, `\`, "{\"\xff\":\"\xff\"}", `{"a":"\u12"}`, `[1,"\ud800x"]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		l := newLooking()
		d, _ := decoderFor(l.Prober(), at, ofJSON, false)
		if err := d.read(doc); err != nil {
			t.Fatal(err)
		}
		var v any
		if len(doc) > 900 || json.Unmarshal(doc, &v) != nil || strings.Contains(string(doc), `\u`) || !strings.Contains(strings.ToValidUTF8(string(doc), "\x00"), string(doc)) {
			return
		}
		var got []string
		for _, c := range l.cells {
			got = append(got, c...)
		}
		for _, want := range leaves(v) { // if a key occurs twice, encoding/json returns only the last value
			if !slices.Contains(got, want) && len(got) < 100 {
				t.Fatalf("%q: %q is not among %q", doc, want, got)
			}
		}
	})
}
