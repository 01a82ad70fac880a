package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/definition"
)

// literalData is the code of the finding for a definition that seems to quote personal data. No treatment applies to
// definitions, because they are copied with the schema. The finding names the object and the kind of data, never the
// literal.
const literalData = "literal-looks-like-data"

// quotes returns a finding for each part of a definition that seems to quote personal data.
func quotes(list []definition.Definition) (findings []Finding) {
	for _, d := range list {
		for _, at := range d.Data {
			findings = append(findings, Finding{
				Code: literalData, Table: &catalog.Name{Schema: at.Schema, Name: at.Object}, Column: at.Column,
				Text: "the " + at.What + " holds something that looks like personal data (" + strings.Join(at.Kinds, ", ") +
					"), and is copied with the schema unchanged; change it in the source, or waive this finding",
			})
		}
	}
	slices.SortStableFunc(findings, func(x, y Finding) int {
		return cmp.Or(x.Table.Compare(*y.Table), cmp.Compare(x.Column, y.Column), cmp.Compare(x.Text, y.Text))
	})
	return slices.CompactFunc(findings, func(x, y Finding) bool {
		return *x.Table == *y.Table && x.Column == y.Column && x.Text == y.Text
	})
}
