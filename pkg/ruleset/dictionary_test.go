package ruleset

import (
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
)

func dictionaryOf(t *testing.T, rule, file string) (*Set, error) {
	t.Helper()
	text := "revision: 1\ntables:\n  public.t:\n    columns:\n      city: {" + rule + "}\n      town: {" + rule + "}\n"
	return Parse([]Source{{Name: "rules/r.yaml", Data: []byte(text)}}, func(path string) ([]byte, error) {
		if path == "rules/cities.csv" {
			return []byte(file), nil
		}
		return nil, fmt.Errorf("no %s: %w", path, fs.ErrNotExist)
	})
}

func TestADictionaryBelongsToTheRules(t *testing.T) {
	const rule = "treat: map, file: cities.csv, otherwise: stop"
	s, err := dictionaryOf(t, rule, "\ufeffBerlin,Town A\n\"Paris, Texas\",Town B\n")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"Berlin": "Town A", "Paris, Texas": "Town B"}
	if got := s.Tables[0].Columns[0].Rule.Params["values"]; !reflect.DeepEqual(got, want) {
		t.Errorf("read %v", got)
	}
	if len(s.Files) != 2 || s.Files[1].Name != "rules/cities.csv" {
		t.Errorf("the set's files are %v: a dictionary must be listed once", s.Files)
	}
	other, err := dictionaryOf(t, rule, "Berlin,Town C\n")
	if err != nil || other.Files[1].SHA256 == s.Files[1].SHA256 {
		t.Errorf("a changed dictionary does not change the digest (%v)", err)
	}
}

// A class may read a dictionary, too, for one kind of environment or for all.
func TestAClassHasADictionary(t *testing.T) {
	for _, class := range []string{"{treat: map, file: cities.csv, otherwise: stop}", "{local: {treat: map, file: cities.csv, otherwise: stop}}"} {
		text := "revision: 1\nclasses:\n  place: " + class + "\ntables:\n  public.t:\n    columns:\n      city: {class: place}\n"
		s, err := Parse([]Source{{Name: "rules/r.yaml", Data: []byte(text)}}, func(string) ([]byte, error) { return []byte("Berlin,Town A\n"), nil })
		if err != nil {
			t.Fatal(err)
		}
		c := s.Classes["place"]
		treatment := c.Default
		if treatment == nil {
			treatment = c.ByKind["local"]
		}
		if got := treatment.Rule.Params["values"]; !reflect.DeepEqual(got, map[string]any{"Berlin": "Town A"}) {
			t.Errorf("%s: read %v", class, got)
		}
		if len(s.Files) != 2 || s.Files[1].Name != "rules/cities.csv" {
			t.Errorf("%s: the set's files are %v", class, s.Files)
		}
	}
}

func TestBadDictionariesAreRefusedWithoutQuotingThem(t *testing.T) {
	for _, c := range []struct{ rule, file, say string }{
		{"file: cities.csv", "secret\n", "rules/cities.csv:1"},
		{"file: cities.csv", "a,b\n\"secret\n", "rules/cities.csv:2"},
		{"file: cities.csv", "secret,b\nsecret,c\n", "entry 2"},
		{"file: cities.csv", "", "empty"},
		{"file: towns.csv", "", "does not exist"},
		{"file: 7", "", "name of a file"},
		{"file: cities.csv, values: {a: b}", "a,b\n", "either"},
	} {
		_, err := dictionaryOf(t, "treat: map, otherwise: stop, "+c.rule, c.file)
		if err == nil || !strings.Contains(err.Error(), c.say) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s with %q: %v", c.rule, c.file, err)
		}
	}
}
