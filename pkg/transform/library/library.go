// Package library is the list of treatments there are. It checks them on columns and compiles them, arrays, ranges and
// conditions included.
package library

import (
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/command"
	"github.com/masker-project/masker/pkg/transform/internal/expr"
	"github.com/masker-project/masker/pkg/transform/internal/fake"
	"github.com/masker-project/masker/pkg/transform/internal/mask"
	"github.com/masker-project/masker/pkg/transform/internal/noise"
	"github.com/masker-project/masker/pkg/transform/internal/placeholder"
	"github.com/masker-project/masker/pkg/transform/internal/plain"
	"github.com/masker-project/masker/pkg/transform/internal/scrub"
	"github.com/masker-project/masker/pkg/transform/internal/structured"
	"github.com/masker-project/masker/pkg/transform/internal/token"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/sample"
)

// Group is a family of treatments, as the reference lists it.
type Group struct {
	Title string
	Specs []*transform.Spec
}

// family is a Group whose definitions are not built yet.
type family struct {
	title   string
	entries func() []treatment.Entry
}

// families are all treatments there are, in the order of the reference.
func families() []family {
	return []family{
		{"Plain", plainEntries},
		{"Masking", maskingEntries},
		{"Tokens", tokenEntries},
		{"Invented values", fake.Entries},
		{"Values made of parts", structuredEntries},
		{"Free text", one("scrub", scrub.Definition)},
		{"The row", one("expr", expr.Definition)},
		{"Programs of your own", one("command", command.Definition)},
		{"Learned from the column", one("sample", sample.Definition)},
	}
}

// one is a family of one treatment.
func one(name string, definition func() *treatment.Definition) func() []treatment.Entry {
	return func() []treatment.Entry { return []treatment.Entry{{Name: name, Definition: definition}} }
}

func plainEntries() []treatment.Entry {
	return []treatment.Entry{
		{Name: "keep", Definition: plain.Keep},
		{Name: "null", Definition: plain.Null},
		{Name: "constant", Definition: plain.Constant},
		{Name: "redact", Definition: plain.Redact},
	}
}

func maskingEntries() []treatment.Entry {
	return []treatment.Entry{
		{Name: "mask", Definition: mask.Mask},
		{Name: "truncate", Definition: mask.Truncate},
		{Name: "generalize.number", Definition: mask.Number},
		{Name: "generalize.age", Definition: mask.Age},
		{Name: "generalize.date", Definition: mask.Date},
		{Name: "generalize.postcode", Definition: mask.Postcode},
		{Name: "generalize.ip", Definition: mask.IP},
		{Name: "generalize.geo", Definition: mask.Geo},
		{Name: "noise", Definition: noise.Noise},
		{Name: "shift", Definition: noise.Shift},
		{Name: "regex", Definition: mask.Regex},
		{Name: "map", Definition: mask.Map},
	}
}

func tokenEntries() []treatment.Entry {
	values := []treatment.Entry{
		{Name: "token", Definition: token.Token},
		{Name: "permute", Definition: token.Permute},
		{Name: "pan", Definition: token.PAN},
		{Name: "iban", Definition: token.IBAN},
		{Name: "bic", Definition: token.BIC},
		{Name: "ssn", Definition: token.SSN},
		{Name: "national_id", Definition: token.NationalID},
	}
	return append(append(values, token.Devices()...), treatment.Entry{Name: "reversible", Definition: token.Reversible})
}

func structuredEntries() []treatment.Entry {
	return []treatment.Entry{
		{Name: "json", Definition: structured.JSON},
		{Name: "hstore", Definition: structured.Hstore},
		{Name: "fields", Definition: structured.Fields},
		{Name: "xml", Definition: structured.XML},
		{Name: "csv", Definition: structured.CSV},
		{Name: "placeholder", Definition: placeholder.Definition},
	}
}

// Groups are the treatments by family, in the order of the reference.
func Groups() []Group {
	var groups []Group
	for _, f := range families() {
		g := Group{Title: f.title}
		for _, e := range f.entries() {
			g.Specs = append(g.Specs, &e.Definition().Spec)
		}
		groups = append(groups, g)
	}
	return groups
}

// All is every treatment there is, in the order of the reference.
func All() []*transform.Spec {
	var all []*transform.Spec
	for _, g := range Groups() {
		all = append(all, g.Specs...)
	}
	return all
}

// Lookup finds a treatment by its name.
func Lookup(name string) (*transform.Spec, bool) {
	d, ok := find(name)
	if !ok {
		return nil, false
	}
	return &d.Spec, true
}

func find(name string) (*treatment.Definition, bool) {
	for _, f := range families() {
		for _, e := range f.entries() {
			if e.Name == name {
				return e.Definition(), true
			}
		}
	}
	return nil, false
}
