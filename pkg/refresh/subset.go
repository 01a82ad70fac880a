package refresh

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/subset"
)

// choose selects the rows of the plan's subset. It returns nil if the plan has none.
func choose(ctx context.Context, o Options) (s *subset.Selection, err error) {
	if o.Plan.Subset == nil {
		return nil, nil
	}
	finding, ok := o.Snapshot.(Finds)
	if !ok {
		return nil, errors.New("the flow has a subset, and this snapshot cannot search for rows; remove the subset, or use another source")
	}
	o.Observer.Phase("subset")
	f, err := finding.Finder(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	var asking error
	s, err = subset.New(*o.Plan.Subset, subset.Input{
		Database: o.Catalog, References: references(o.Plan),
		Skipped: func(n catalog.Name) bool { t := o.Plan.Table(n); return t == nil || t.Skip },
		Seed: func(n catalog.Name) int64 {
			return int64(o.Keys.Stream("subset of "+n.String(), 0).Below(math.MaxInt64))
		},
		Indexed: func(n catalog.Name, columns []string) bool {
			indexed, err := f.Indexed(ctx, n, columns)
			asking = errors.Join(asking, err)
			return indexed
		},
	})
	if err := errors.Join(err, asking); err != nil {
		return nil, err
	}
	for search, ok := s.Next(); ok; search, ok = s.Next() {
		if err := f.Find(ctx, search, s.Add); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// references returns the references that a subset follows. It does not follow values inside documents.
func references(p *plan.Plan) (list []subset.Reference) {
	for _, r := range p.References {
		if r.Kind == plan.Embedded {
			continue
		}
		name := r.Constraint
		if name == "" {
			name = r.Declared
		}
		list = append(list, subset.Reference{
			Name: name, Child: r.Child, ChildColumns: r.ChildColumns, By: r.By, Value: r.Value, Parent: r.Parent, ParentColumns: r.ParentColumns,
		})
	}
	return list
}

// reduce gives the routes the rows that a selection has of their tables.
func reduce(take []*route, s *subset.Selection) error {
	for _, r := range take {
		if s != nil {
			r.rows = s.Rows(r.leaf.Name)
		}
		if r.leaf.ExtConfig != "" && r.rows != nil {
			return fmt.Errorf("%s: a subset cannot have a part of a configuration table of an extension; skip the table, or make all of it a root", r.leaf.Name)
		}
	}
	return nil
}

// estimate returns about how many rows and bytes a route reads.
func (r *route) estimate() (rows, bytes int64) {
	size := r.leaf.Size
	if r.rows == nil {
		return size.Rows, size.Bytes
	}
	n := int64(r.rows.Len())
	return n, int64(float64(size.Bytes) / float64(max(size.Rows, n, 1)) * float64(n))
}
