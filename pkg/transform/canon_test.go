package transform

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// The vectors of testdata/canon.json belong to CanonVersion: another output is another version.
func TestCanonicalFormsAreGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/canon.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Family       catalog.Family
		Base         string
		Fold, Padded bool
		In, Out      string
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		typ := catalog.Type{Family: v.Family, Base: v.Base, CaseInsensitive: v.Fold, Padded: v.Padded}
		if got := AppendCanonical([]byte("x"), &typ, []byte(v.In)); string(got) != "x"+v.Out {
			t.Errorf("%s %q: got %q, want %q", v.Base, v.In, got[1:], v.Out)
		}
	}
}

// What the types call equal gets one result; a foreign key would break otherwise.
func TestEqualValuesGetEqualTokens(t *testing.T) {
	u := Use{Treatment: "token", Domain: "key"}
	r := Use{Treatment: "token", Domain: "key", Params: Params{"range": []any{int64(0), int64(30000)}}}
	cases := []struct {
		a, b catalog.Type
		u    Use
		x, y string
	}{
		{tCitext, tCitext, u, "Ada", "aDA"},
		{tBpchar, tText, u, "ab      ", "ab"},
		{tInt2, tInt8, r, "77", "77"},
		{tInt4, tNumeric, r, "77", "77.000"},
		{tUUID, tUUID, u, "7D444840-9dc0-11d1-b245-5ffdce74fad2", "7d444840-9DC0-11d1-b245-5ffdce74fad2"},
	}
	for _, c := range cases {
		if c.a.MaxLen == 8 {
			c.a.MaxLen = 30
		}
		if x, y := run(t, compile(t, c.a, c.u), c.x, nil), run(t, compile(t, c.b, c.u), c.y, nil); x != y {
			t.Errorf("%s and %s: %q and %q", c.a.Name, c.b.Name, x, y)
		}
	}
	if run(t, compile(t, tText, u), "Ada", nil) == run(t, compile(t, tText, u), "ada", nil) {
		t.Error("text tells case apart, its tokens do not")
	}
}
