package transform_test

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
)

// L8: the patterns that scrub replaces are recognised in texts that no treatment reaches.
func TestL8PatternsAreRecognised(t *testing.T) {
	r := transform.NewRecogniser()
	for text, want := range map[string][]string{
		"":                                 nil,
		"the woman from flat 3":            nil,
		"ask ada@acme.io about it":         {"email"},
		"4111 1111 1111 1111":              {"pan"},
		"DE89 3704 0044 0532 0130 00":      {"iban"},
		"call +1 212 867 5309":             {"phone"},
		"ada@acme.io, 4111111111111111":    {"email", "pan"},
		"4111111111111111 or ada@acme.io":  {"email", "pan"},
		"'ünï' || 'ada@acme.io'":           {"email"},
		"\xff\xfe ada@acme.io":             {"email"},
		"email ~ '^[^@]+@[^@]+[.][a-z]+$'": nil,
	} {
		if got := r.Kinds(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func FuzzRecogniser(f *testing.F) {
	f.Add("ada@acme.io 4111111111111111 +1 (212) 867-5309 :: 29T10")
	f.Fuzz(func(t *testing.T, text string) {
		r := transform.NewRecogniser()
		if first := r.Kinds(text); !slices.Equal(first, r.Kinds(text)) {
			t.Errorf("a second look differs")
		}
	})
}
