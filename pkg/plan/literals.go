package plan

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/recognise"
)

// literalData is the code of the finding for a definition that seems to quote personal data. No treatment applies to
// definitions, because they are copied with the schema. The finding names the object and the kind of data, never the literal.
const literalData = "literal-looks-like-data"

// literals looks for personal data in every definition, with the recognisers of scrub.
func (b *builder) literals() {
	r := recognise.New(recognise.Kinds(), nil)
	quoted := regexp.MustCompile(`'(?:[^']|'')*'`)
	type object struct {
		kind, column, name string
		of                 catalog.Name
	}
	found := make(map[object][]string)
	for _, d := range b.db.Definitions {
		if b.isBehind(d) {
			continue
		}
		at := object{d.Kind, d.Column, d.Name, d.Object}
		for _, k := range dataKinds(r, quoted, d) {
			if !slices.Contains(found[at], k) {
				found[at] = append(found[at], k)
			}
		}
	}
	var order []object
	for at, kinds := range found {
		if len(kinds) > 0 {
			order = append(order, at)
		}
	}
	slices.SortFunc(order, func(x, y object) int {
		return cmp.Or(x.of.Compare(y.of), cmp.Compare(x.column, y.column), cmp.Compare(x.kind, y.kind), cmp.Compare(x.name, y.name))
	})
	for _, at := range order {
		what := at.kind
		if at.name != "" {
			what += " " + catalog.Quote(at.name)
		}
		of := at.of
		b.findings = append(b.findings, Finding{
			Code: literalData, Table: &of, Column: at.column,
			Text: "the " + what + " holds something that looks like personal data (" + strings.Join(found[at], ", ") +
				"), and is copied with the schema unchanged; change it in the source, or waive this finding",
		})
	}
}

// dataKinds returns the kinds of personal data found in a definition. SQL holds many numbers that look like telephone
// numbers and national numbers, so dataKinds looks for these two kinds only in literals and in prose. It looks for
// the other kinds everywhere.
func dataKinds(r *recognise.Scanner, quoted *regexp.Regexp, d catalog.Definition) []string {
	everywhere := []recognise.Kind{recognise.Email, recognise.PAN, recognise.IBAN}
	inProse := append(slices.Clone(everywhere), recognise.Phone, recognise.NationalID)
	if d.Plain {
		return among(r.Kinds(d.Text), inProse)
	}
	kinds := among(r.Kinds(d.Text), everywhere)
	for _, literal := range quoted.FindAllString(d.Text, -1) {
		kinds = append(kinds, among(r.Kinds(strings.Trim(literal, "'")), inProse)...)
	}
	return kinds
}

// among returns the names of the kinds that are in both lists.
func among(found, wanted []recognise.Kind) (names []string) {
	for _, k := range found {
		if slices.Contains(wanted, k) {
			names = append(names, k.String())
		}
	}
	return names
}
