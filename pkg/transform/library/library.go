// Package library lists the treatments. It checks them on columns and compiles them, also for arrays, ranges and
// conditions.
package library

import (
	"slices"
	"sync"

	"github.com/masker-project/masker/pkg/catalog"
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

// Group is one family of treatments. The documentation of treatments has a section for each.
type Group struct {
	Title string
	Specs []*transform.Spec
}

// group is a Group with the definitions of its treatments.
type group struct {
	title       string
	definitions []*treatment.Definition
}

// catalogue holds every treatment by family, in the order of docs/treatments.md, and by name. It never changes after it
// is built.
type catalogue struct {
	groups []group
	byName map[string]*treatment.Definition
}

// treatments returns the catalogue. The catalogue is built only once, at the first use, because the definitions hold
// all their documentation and a plan looks up treatments several times for each column.
var treatments = sync.OnceValue(func() catalogue {
	c := catalogue{byName: make(map[string]*treatment.Definition), groups: []group{
		{"Plain", plainTreatments()},
		{"Masking", maskingTreatments()},
		{"Tokens", tokenTreatments()},
		{"Invented values", fake.Definitions()},
		{"Values made of parts", structuredTreatments()},
		{"Free text", []*treatment.Definition{scrub.Definition()}},
		{"The row", []*treatment.Definition{expr.Definition()}},
		{"Programs of your own", []*treatment.Definition{command.Definition()}},
		{"Learned from the column", []*treatment.Definition{sample.Definition()}},
	}}
	for _, g := range c.groups {
		for _, d := range g.definitions {
			if makesText(&d.Spec) {
				d.Params = append(slices.Clone(d.Params), treatment.MaxLengthParam())
			}
			c.byName[d.Name] = d
		}
	}
	return c
})

// makesText reports whether a treatment makes texts that differ from the value. The treatment sample does not, because
// it draws texts of the column.
func makesText(s *transform.Spec) bool {
	return s.Takes(catalog.Text) && !s.Anything && !s.Alone
}

func plainTreatments() []*treatment.Definition {
	return []*treatment.Definition{
		plain.Keep(),
		plain.Null(),
		plain.Constant(),
		plain.Redact(),
	}
}

func maskingTreatments() []*treatment.Definition {
	return []*treatment.Definition{
		mask.Mask(),
		mask.Truncate(),
		mask.Number(),
		mask.Age(),
		mask.Date(),
		mask.Postcode(),
		mask.IP(),
		mask.Geo(),
		noise.Noise(),
		noise.Shift(),
		mask.Regex(),
		mask.Map(),
	}
}

func tokenTreatments() []*treatment.Definition {
	values := []*treatment.Definition{
		token.Token(),
		token.Permute(),
		token.PAN(),
		token.IBAN(),
		token.BIC(),
		token.SSN(),
		token.NationalID(),
	}
	return append(append(values, token.Devices()...), token.Reversible())
}

func structuredTreatments() []*treatment.Definition {
	return []*treatment.Definition{
		structured.JSON(),
		structured.Hstore(),
		structured.Fields(),
		structured.XML(),
		structured.CSV(),
		placeholder.Definition(),
	}
}

// Groups returns the treatments by family, in the order of the reference.
func Groups() []Group {
	var groups []Group
	for _, g := range treatments().groups {
		group := Group{Title: g.title}
		for _, d := range g.definitions {
			group.Specs = append(group.Specs, &d.Spec)
		}
		groups = append(groups, group)
	}
	return groups
}

// All returns every treatment, in the order in which docs/treatments.md lists them.
func All() []*transform.Spec {
	var all []*transform.Spec
	for _, g := range Groups() {
		all = append(all, g.Specs...)
	}
	return all
}

// Lookup returns the treatment with a name. It returns false if there is none.
func Lookup(name string) (*transform.Spec, bool) {
	d, ok := find(name)
	if !ok {
		return nil, false
	}
	return &d.Spec, true
}

func find(name string) (*treatment.Definition, bool) {
	d, ok := treatments().byName[name]
	return d, ok
}
