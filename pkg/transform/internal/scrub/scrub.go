// Package scrub holds the treatment of free text. It replaces the matches of package recognise and the values of the
// row's own columns.
package scrub

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Definition returns the treatment scrub.
func Definition() *treatment.Definition {
	exampleID := treatment.IDType()
	reads := []transform.Read{
		{Name: "given_name", Type: treatment.TextType(0), Use: &transform.Use{Treatment: "fake.given_name", As: "person", Subject: "id", SubjectType: &exampleID}},
		{Name: "family_name", Type: treatment.TextType(0), Use: &transform.Use{Treatment: "fake.family_name", As: "person", Subject: "id", SubjectType: &exampleID}},
		{Name: "email", Type: treatment.TextType(0), Use: &transform.Use{Treatment: "fake.email", As: "person", Subject: "id", SubjectType: &exampleID}},
	}
	names := transform.Params{"mentions": []any{"given_name", "family_name", "email"}}
	ada := map[string]string{"id": "1", "given_name": "Ada", "family_name": "Müller", "email": "ada@acme.io"}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "scrub",
			Summary: "replaces values of the row and texts that look like personal data, and leaves the rest of a text unchanged",
			Doc:     documentation(),
			Params: []transform.Param{
				{Name: "mentions", Type: "list", Doc: "columns whose values are replaced, each with a treatment other than keep: [given_name, customer_id.email]"},
				{Name: "patterns", Type: "list", Doc: "kinds of matches to replace: " + strings.Join(patternNames(), ", ") + "; all of these by default"},
				{Name: "names", Type: "boolean", Tells: transform.Smaller, Default: false, Doc: "also replace capitalised words that are in the lists of invented names; this finds people outside the row, but also replaces words such as Will, May and Price"},
				{Name: "unfound", Type: "keep|redact", Tells: transform.Smaller, Default: "keep", Doc: "keep or redact a text in which nothing was found"},
			},
			Families:  []catalog.Family{catalog.Text},
			Discloses: transform.Unchanged,
			Learns:    "They find this person's row by the words that stay in the text. For every other person, they read the whole text, except the parts that the treatment found.",
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "scrub", Params: names, Reads: reads}, Subject: "1", Row: ada, In: "Ada Mueller's order: MÜLLER wrote from ada@acme.io", Out: "Kyle Perkins's order: PERKINS wrote from kyle.perkins.ths3z6ga3yy@example.net"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "scrub"}, In: "call +1 212 867 5309 on 2/29/2024, ref 20481234", Out: "call +1-851-555-0104 on 10/15/2024, ref 15276220"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "scrub", Params: transform.Params{"names": true}}, In: "Maria was here", Out: "Lara was here"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "scrub"}, In: "the woman from flat 3 whose dog barks", Out: "the woman from flat 3 whose dog barks", Note: "nothing here looks like personal data"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "scrub", Params: transform.Params{"unfound": "redact"}}, In: "the woman from flat 3", Out: literal.Redacted},
			},
		},
		Reads: scrubReads,
		Whole: planScrub,
	}
}

// scrubReads lists the columns in mentions, with their results.
func scrubReads(u transform.Use) ([]transform.Wanted, error) {
	list, err := wordList(u.Params, "mentions")
	var wanted []transform.Wanted
	for _, name := range list {
		wanted = append(wanted, transform.Wanted{Name: name, Treated: true, Param: "mentions"})
	}
	return wanted, err
}

func wordList(p transform.Params, name string) (list []string, err error) {
	v, given := p[name]
	if !given {
		return nil, nil
	}
	all, ok := v.([]any)
	for _, v := range all {
		s, isText := v.(string)
		ok = ok && isText && s != "" && !slices.Contains(list, s)
		list = append(list, s)
	}
	if !ok {
		return nil, &transform.ParamError{Param: name, Text: "must be a list of different names: [given_name, family_name]"}
	}
	return list, nil
}

// planScrub plans the treatment on a column. It promises no uniqueness, because different texts may have equal results.
// It promises equality only if no columns are mentioned. Otherwise equal texts in different rows may have different
// results.
func planScrub(by treatment.Planner, c transform.Column, u transform.Use, a *treatment.Args) (treatment.Blueprint, error) {
	on, err := patternsOf(u.Params)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	for i := range u.Reads {
		if r := &u.Reads[i]; r.Use != nil && r.Use.Treatment == "keep" {
			return treatment.Blueprint{}, &transform.ParamError{Param: "mentions", Text: "column " + r.Name + " is kept, so its value would be replaced by itself; treat the column, or remove it from mentions"}
		}
	}
	if len(u.Reads) == 0 && len(on) == 0 {
		return treatment.Blueprint{}, &transform.ParamError{Param: "patterns", Text: "is empty, and mentions names no column; use keep"}
	}
	names, ok := a.Value("names").(bool)
	if !ok {
		a.Fail("names", "must be true or false")
	}
	redact := a.Word("unfound", "keep", "redact") == "redact"
	if err := a.Problem(); err != nil {
		return treatment.Blueprint{}, err
	}
	t := transform.Traits{Equality: len(u.Reads) == 0, Space: 1, Needs: treatment.Needs(by, u), Discloses: transform.Unchanged}
	return treatment.Blueprint{Traits: t, Words: func() []string { return wordsOf(by, u, names) }, Build: func(k transform.Keys) transform.Transform {
		s := newScrubber(by, u, treatment.NewReading(by, u, k), k, on)
		s.redact = redact
		s.redacted = []byte(literal.RedactedOf(c.Type))
		s.room, s.inBytes, s.padded = c.Type.MaxLen, c.Type.Base == "name", c.Type.Padded
		if names {
			s.names = newNameSet(s.scan.Folding())
		}
		return s
	}}, nil
}

// wordsOf returns the words that scrub puts into texts: results of the mentioned columns, names, and marks.
func wordsOf(by treatment.Planner, u transform.Use, names bool) []string {
	all := []string{literal.Redacted}
	for kind := range recognise.Patterns {
		all = append(all, string(appendMark(nil, kind)))
	}
	add := func(c transform.Column, u transform.Use) {
		if b, err := by.Plan(c, u); err == nil && b.Words != nil {
			all = append(all, b.Words()...)
		}
	}
	for i := range u.Reads {
		if r := &u.Reads[i]; r.Use != nil {
			add(r.Column(), *r.Use)
		}
	}
	if names {
		for _, family := range []bool{false, true} {
			text, use := nameUse(family)
			add(transform.Column{Type: text}, use)
		}
	}
	return all
}

// newScrubber returns a scrubber for these kinds, for texts of any length.
func newScrubber(by treatment.Planner, u transform.Use, reads columnReader, k transform.Keys, on []recognise.Kind) *scrubber {
	s := &scrubber{reads: reads, pieces: newPieces(by, k), redacted: []byte(literal.Redacted), dates: slices.Contains(on, recognise.Date)}
	s.scan = recognise.New(on, s)
	s.mentions.fold = s.scan.Folding()
	for i := range u.Reads {
		r := &u.Reads[i]
		s.mentions.columns = append(s.mentions.columns, mentioned{whole: placeNames(r), dated: isDated(r)})
	}
	return s
}

// patternsOf returns the kinds of the parameter patterns.
func patternsOf(p transform.Params) (on []recognise.Kind, err error) {
	if _, given := p["patterns"]; !given {
		return recognise.Kinds(), nil
	}
	list, err := wordList(p, "patterns")
	known := patternNames()
	for _, name := range list {
		at := slices.Index(known, name)
		if at < 0 {
			return nil, &transform.ParamError{Param: "patterns", Text: "there is no pattern " + name + spell.Mean(name, known) + "; there are " + strings.Join(known, ", ")}
		}
		on = append(on, recognise.Kind(at))
	}
	return on, err
}

// patternNames returns the words of the parameter patterns, by kind.
func patternNames() (names []string) {
	for _, k := range recognise.Kinds() {
		names = append(names, k.String())
	}
	return names
}
