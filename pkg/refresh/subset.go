package refresh

import (
	"context"
	"errors"
	"math"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/subset"
)

// Select selects the rows of the plan's subset. Its searches compare keys of rows. The selection that it returns holds
// positions of rows, and no value that was read from a row. If the plan has no subset, Select returns nil.
func Select(ctx context.Context, p *plan.Plan, db *catalog.Database, from Snapshot, keys *keyring.Keys) (s *subset.Selection, err error) {
	if p.Subset == nil {
		return nil, nil
	}
	err = search(ctx, from, func(f Finder, find subset.Find) error {
		s, err = selected(ctx, p, db, f, keys, false)
		if err != nil {
			return err
		}
		return s.Run(find)
	})
	return s, err
}

// Explain selects the rows of the plan's subset, and describes the selection. If row is not nil, the explanation also
// says why this row is in the subset.
func Explain(ctx context.Context, p *plan.Plan, db *catalog.Database, from Snapshot, keys *keyring.Keys, row *subset.Root) (s *subset.Selection, e subset.Explanation, err error) {
	if p.Subset == nil {
		return nil, e, errors.New("the flow has no subset; it copies all rows")
	}
	err = search(ctx, from, func(f Finder, find subset.Find) error {
		s, err = selected(ctx, p, db, f, keys, row != nil)
		if err == nil {
			err = s.Run(find)
		}
		if err != nil {
			return err
		}
		e = s.Explain()
		if row == nil {
			return nil
		}
		chain, err := s.Trace(*row, find)
		for _, o := range chain {
			e.Chain = append(e.Chain, o.Edge.String())
		}
		return err
	})
	return s, e, err
}

// search opens a finder of the snapshot, calls work with it, and closes it.
func search(ctx context.Context, from Snapshot, work func(Finder, subset.Find) error) error {
	finding, ok := from.(Finds)
	if !ok {
		return errors.New("the flow has a subset, and this snapshot cannot search for rows; remove the subset, or use another source")
	}
	f, err := finding.Finder(ctx)
	if err != nil {
		return err
	}
	err = work(f, func(s catalog.Search, found func(catalog.Found) error) error { return f.Find(ctx, s, found) })
	if err = errors.Join(err, f.Close()); err != nil {
		return explained(from, err)
	}
	return nil
}

// selected resolves the plan's subset. It does not run the selection.
func selected(ctx context.Context, p *plan.Plan, db *catalog.Database, f Finder, keys *keyring.Keys, pairs bool) (*subset.Selection, error) {
	var asking error
	in := input(p, db)
	in.Pairs = pairs
	in.Seed = func(n catalog.Name) int64 {
		return int64(keys.Stream("subset of "+n.String(), 0).Below(math.MaxInt64))
	}
	in.Indexed = func(n catalog.Name, columns []string) bool {
		indexed, err := f.Indexed(ctx, n, columns)
		asking = errors.Join(asking, err)
		return indexed
	}
	s, err := subset.New(*p.Subset, in)
	return s, errors.Join(err, asking)
}

// CheckSubset returns an error if the plan's subset does not fit the schema. It reads no row.
func CheckSubset(p *plan.Plan, db *catalog.Database) error {
	if p.Subset == nil {
		return nil
	}
	_, err := subset.New(*p.Subset, input(p, db))
	return err
}

// input returns the data that are needed to resolve the plan's subset. Seeds depend on the key, and indexes depend on
// the source, so the input has constants in their place. That is enough to check the subset.
func input(p *plan.Plan, db *catalog.Database) subset.Input {
	return subset.Input{
		Database: db, References: references(p),
		Skipped: func(n catalog.Name) bool { t := p.Table(n); return t == nil || t.Skip },
		Seed:    func(catalog.Name) int64 { return 0 },
		Indexed: func(catalog.Name, []string) bool { return false },
	}
}

// references returns the references that a subset follows. A subset does not follow references inside documents.
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
			Name: name, Child: r.Child, ChildColumns: r.ChildColumns, By: r.By, Value: r.Value, Parent: r.Parent, ParentColumns: r.ParentColumns, Period: r.Period,
		})
	}
	return list
}

// reduce gives each route the rows that the selection has of the route's table.
func (o *Options) reduce(take []*route) error {
	if (o.Plan.Subset == nil) != (o.Selection == nil) {
		return errors.New("refresh: a plan with a subset needs its selection, and only such a plan")
	}
	for _, r := range take {
		if o.Selection != nil {
			r.rows = o.Selection.Rows(r.leaf.Name)
		}
	}
	return nil
}

// estimate returns the estimated number of rows and bytes that a route reads.
func (r *route) estimate() (rows, bytes int64) {
	size := r.leaf.Size
	if r.rows == nil {
		return size.Rows, size.Bytes
	}
	return int64(r.rows.Len()), size.Part(r.rows).Bytes
}
