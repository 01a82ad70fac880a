package canon_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// The vectors in testdata/canon.json belong to Version. If an output changes, Version must change.
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
		if got := canon.Append([]byte("x"), &typ, []byte(v.In)); string(got) != "x"+v.Out {
			t.Errorf("%s %q: got %q, want %q", v.Base, v.In, got[1:], v.Out)
		}
	}
}

// Values that are equal under their types must get equal tokens. Otherwise rows would violate foreign keys.
func TestEqualValuesGetEqualTokens(t *testing.T) {
	u := transform.Use{Treatment: "token", Domain: "key"}
	r := transform.Use{Treatment: "token", Domain: "key", Params: transform.Params{"range": []any{int64(0), int64(30000)}}}
	cases := []struct {
		a, b catalog.Type
		u    transform.Use
		x, y string
	}{
		{transformtest.Citext, transformtest.Citext, u, "Ada", "aDA"},
		{transformtest.Bpchar, transformtest.Text, u, "ab      ", "ab"},
		{transformtest.Int2, transformtest.Int8, r, "77", "77"},
		{transformtest.Int4, transformtest.Numeric, r, "77", "77.000"},
		{transformtest.UUID, transformtest.UUID, u, "7D444840-9dc0-11d1-b245-5ffdce74fad2", "7d444840-9DC0-11d1-b245-5ffdce74fad2"},
	}
	for _, c := range cases {
		if c.a.MaxLen == 8 {
			c.a.MaxLen = 30
		}
		if x, y := transformtest.Run(t, transformtest.Compile(t, c.a, c.u), c.x, nil), transformtest.Run(t, transformtest.Compile(t, c.b, c.u), c.y, nil); x != y {
			t.Errorf("%s and %s: %q and %q", c.a.Name, c.b.Name, x, y)
		}
	}
	if transformtest.Run(t, transformtest.Compile(t, transformtest.Text, u), "Ada", nil) == transformtest.Run(t, transformtest.Compile(t, transformtest.Text, u), "ada", nil) {
		t.Error("text distinguishes case, but its tokens do not")
	}
}
