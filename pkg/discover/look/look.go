// Package look surveys a database with a sample of its values. The ledger has a record before the first row is read.
//
// Nobody has to approve the look, because no value leaves the memory of masker's machine. The survey holds counts.
package look

import (
	"context"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/survey"
	"github.com/masker-project/masker/pkg/discover/values"
	"github.com/masker-project/masker/pkg/ledger"
)

// Rows is the default for the number of rows of each table that are looked at. Of a larger table, the sample has about
// this number of rows.
const Rows = 1000

// Look is one look at the rows of a database.
type Look struct {
	Ledger *ledger.Ledger
	Flow   string // the flow whose rules are judged, or ""
	Actor  ledger.Actor
	Source ledger.Party
	Rows   int // about how many rows of each table
	Year   int // the present year: a birth date is in the past
}

// Survey records the look, and then surveys the database.
func (l Look) Survey(ctx context.Context, db *catalog.Database, from survey.Sampler) (*survey.Survey, error) {
	s, err := survey.ByNames(db)
	if err != nil {
		return nil, err
	}
	record := ledger.Discovered{Flow: l.Flow, Actor: l.Actor, Source: l.Source, Tables: s.Tables(), Rows: l.Rows}
	if err := l.Ledger.Discover(record); err != nil {
		return nil, err
	}
	return s, s.Sample(ctx, db, from, values.New(survey.Lists(), l.Year), l.Rows)
}
