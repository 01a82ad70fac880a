package structured_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// A json column can hold strings that a column of type text cannot hold. Such a string stops only treatments that need
// its text.
func TestStringsThatNoTextCanHold(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.JSONB, transform.Use{Treatment: "json", Paths: []transform.Path{
		{Path: "$.mail", Use: transform.Use{Treatment: "mask"}},
		{Path: "$.gone", Use: transform.Use{Treatment: "redact"}},
		{Path: "$.fixed", Use: transform.Use{Treatment: "constant", Params: transform.Params{"value": "x"}}},
		{Path: "$.none", Use: transform.Use{Treatment: "null"}},
		{Path: "$.kept", Use: transform.Use{Treatment: "keep"}},
		{Path: "$.keys.*", Use: transform.Use{Treatment: "redact"}},
		{Path: "$.names.*", Use: transform.Use{Treatment: "keep"}},
		{Path: "$.names.*~", Use: transform.Use{Treatment: "redact"}},
		{Path: "$.masked.*", Use: transform.Use{Treatment: "keep"}},
		{Path: "$.masked.*~", Use: transform.Use{Treatment: "mask"}},
		{Path: "$.same.*", Use: transform.Use{Treatment: "keep"}},
		{Path: "$.same.*~", Use: transform.Use{Treatment: "keep"}},
		{Path: `$.list[?(@.kind == "a")].value`, Use: transform.Use{Treatment: "redact"}},
		{Path: "$.list[*].*", Use: transform.Use{Treatment: "keep"}},
	}})
	for _, bad := range []string{`x\u0000y`, `\ud83d`, `\ude00`, `\ud83d\u0041`, `\ud83dx`} {
		transformtest.Outcomes(t, tr, map[string]string{
			`{"mail":"` + bad + `"}`:                        "!bad-json-text",
			`{"mail":"abc","gone":"` + bad + `"}`:           `{"mail":"***","gone":"[redacted]"}`,
			`{"fixed":"` + bad + `","none":"` + bad + `"}`:  `{"fixed":"x","none":null}`,
			`{"kept":"` + bad + `"}`:                        `{"kept":"` + bad + `"}`,
			`{"keys":{"` + bad + `":"` + bad + `"}}`:        `{"keys":{"` + bad + `":"[redacted]"}}`,
			`{"names":{"` + bad + `":1}}`:                   `{"names":{"[redacted]":1}}`,
			`{"masked":{"` + bad + `":1}}`:                  "!bad-json-text",
			`{"same":{"` + bad + `":1,"b":2}}`:              `{"same":{"` + bad + `":1,"b":2}}`,
			`{"same":{"` + bad + `":1,"` + bad + `":2}}`:    "!same-key",
			`{"list":[{"kind":"` + bad + `","value":"v"}]}`: `{"list":[{"kind":"` + bad + `","value":"v"}]}`,
			`{"list":[{"kind":"a","value":"` + bad + `"}]}`: `{"list":[{"kind":"a","value":"[redacted]"}]}`,
			`{"list":[{"` + bad + `":"x","kind":"a"}]}`:     `{"list":[{"` + bad + `":"x","kind":"a"}]}`,
			`{"` + bad + `":"x"}`:                           "!unlisted-path",
			`{"gone":"` + bad + `\x"}`:                      "!bad-json",
		})
	}
}

// The keys of an object stay different, whatever characters they have. A key that a path names keeps the treatment of
// this path.
func TestKeysOfAnyCharacters(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.JSONB, transform.Use{Treatment: "json", Paths: []transform.Path{
		{Path: "$.a", Use: transform.Use{Treatment: "redact"}}, {Path: "$.*", Use: transform.Use{Treatment: "keep"}},
	}})
	rapid.Check(t, func(rt *rapid.T) {
		key := rapid.StringMatching(`(a|b|\\u0061|\\u0000|\\ud83d|\\ude00|\\n){0,4}`).Draw(rt, "key")
		want := `{"` + key + `":"secret"}`
		if key == "a" || key == `\u0061` {
			want = `{"` + key + `":"[redacted]"}`
		}
		if got := transformtest.Run(t, tr, `{"`+key+`": "secret"}`, nil); got != want || !json.Valid([]byte(got)) {
			rt.Fatalf("%s became %s", key, got)
		}
	})
}

// With invalid: redact, a text that is not JSON is redacted. A document that no rule covers still stops the refresh.
func TestTextsThatAreNotJSON(t *testing.T) {
	u := transform.Use{Treatment: "json", Paths: []transform.Path{{Path: "$.a", Use: transform.Use{Treatment: "mask"}}}}
	stops := transformtest.Compile(t, transformtest.Text, u)
	u.Params = transform.Params{"invalid": "redact"}
	redacts := transformtest.Compile(t, transformtest.Text, u)
	for _, in := range []string{"", "n/a", "{", `{"a": "x"} y`, `{"b": 1,}`, "{} \x00", "NaN", `{"a": "x`} {
		want := "[redacted]"
		if in == "" {
			want = ""
		}
		transformtest.Outcomes(t, redacts, map[string]string{in: want})
		if _, _, err := stops.Append(nil, transform.Cell{Text: []byte(in)}, nil); err == nil {
			t.Errorf("%q did not stop", in)
		}
	}
	transformtest.Outcomes(t, redacts, map[string]string{
		`{"a": "xy"}`: `{"a":"**"}`, `{"b": "xy"}`: "!unlisted-path", `17`: "!unlisted-path", `{"a": "\u0000"}`: "!bad-json-text",
	})
	short := transformtest.Bpchar
	short.MaxLen, short.Padded = 4, false
	if got := transformtest.Run(t, transformtest.Compile(t, short, u), "oops", nil); got != "****" {
		t.Errorf("a column of 4 characters holds %s", got)
	}
}
