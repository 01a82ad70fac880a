package ruleset_test

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/ruleset"
)

func TestWhenAndElseStandTogether(t *testing.T) {
	for rule, want := range map[string]string{
		`{keep: x, when: 'kind == "x"'}`:                                                "when needs else: {rule}",
		`{keep: x, else: {treat: redact}}`:                                              "else needs when",
		`{keep: x, when: '', else: {treat: redact}}`:                                    "when is empty",
		`{keep: x, when: true, else: {treat: redact}}`:                                  "must be a string; quote it",
		`{keep: x, when: 'a', else: {treat: redact, class: b}}`:                         "exactly one of keep, class, treat",
		`{keep: x, when: 'a', else: {class: emial}}`:                                    `unknown class "emial"`,
		`{json: {$.a: {keep: x, when: 'a', else: {treat: redact}}}}`:                    "when cannot stand inside a document",
		`{keep: x, when: 'a', else: {treat: redact, when: 'b', else: {class: email}}}`:  "",
		`{json: {$.a: {keep: x}}, when: 'a', else: {json: {$.a: {class: email}}}}`:      "",
		`{class: email, as: person, when: 'a', else: {treat: fake.company, domain: b}}`: "",
	} {
		_, err := ruleset.Parse([]ruleset.Source{{Name: "r.yaml", Data: []byte("revision: 1\npacks: [baseline]\ntables: {public.t: {columns: {c: " + rule + "}}}\n")}}, nil)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", rule, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %s", rule, err, want)
		}
	}
}
