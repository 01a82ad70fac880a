package refresh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

// Preview is the first rows of a table as they would arrive.
type Preview struct {
	Columns []PreviewColumn
	Rows    [][]*string // one text for each column; nil for NULL, and for every value of a column that is not shown
}

// PreviewColumn is a column of a Preview.
type PreviewColumn struct {
	Name   string
	Hidden string // why its values are not shown, or ""
}

// ShowRows reads the first rows of one table, at most as many as the argument rows says, and treats them as the plan
// says. It writes nothing. If showKept is false, ShowRows leaves out the values of columns with the label unchanged,
// because they show values of the source. The values of sampled columns are always left out, because learning a column
// spends privacy. ShowRows uses only the options Permit, Plan, Selection, Catalog, Snapshot, Keys, MaxRow and Programs.
// Like Run, it refuses to read without a permit for exactly this plan.
func ShowRows(ctx context.Context, o Options, table catalog.Name, rows int, showKept bool) (p Preview, err error) {
	if err := o.Permit.Check(o.Plan.Digest()); err != nil {
		return p, err
	}
	all, _, err := routes(o.Plan, o.Catalog, true)
	if err != nil {
		return p, err
	}
	take := slices.DeleteFunc(all, func(r *route) bool { return r.layout.Table != table })
	if len(take) == 0 {
		return p, fmt.Errorf("%s: the plan moves no rows of this table", table)
	}
	if err := o.reduce(take); err != nil {
		return p, err
	}
	for _, c := range take[0].layout.Columns {
		p.Columns = append(p.Columns, PreviewColumn{c.Name, hides(c.Discloses, c.Use, showKept)})
	}
	programs := newPrograms(ctx, o.Programs)
	defer func() { err = errors.Join(err, programs.close()) }()
	for _, r := range take { // a partitioned table has one route for each partition
		s := &shower{o: &o, route: r, preview: &p, most: rows}
		if err := s.show(ctx, programs); err != nil || len(p.Rows) >= rows {
			return p, err
		}
	}
	return p, nil
}

// hides returns the reason why the values of a column are not shown, or "" if they are shown.
func hides(d transform.Disclosure, u transform.Use, showKept bool) string {
	switch {
	case u.Is("sample"):
		return "sampled in the run"
	case d == transform.Unchanged && !showKept:
		return "the source's value"
	}
	return ""
}

// shower reads and treats the rows of one table that stores rows itself: an ordinary table or a partition.
type shower struct {
	o       *Options
	route   *route
	preview *Preview
	most    int
}

func (s *shower) show(ctx context.Context, programs *programs) error {
	l := s.route.layout
	for i := range l.Columns {
		if l.Columns[i].Use.Is("sample") { // the column is not learned, so its values are not shown
			l.Columns[i].Use = transform.Use{Treatment: "null"}
		}
	}
	s.route.shuffled = false
	want := []catalog.Want{s.route.want()}
	if err := joinable(s.o.Snapshot, want[0]); err != nil {
		return err
	}
	row, err := rewrite.Compile(l, rewrite.Options{Keys: ring{s.o.Keys}, MaxRow: s.o.MaxRow, Programs: programs})
	if err != nil {
		return err
	}
	cut, err := s.o.Snapshot.Cut(ctx, want, catalog.Sizes{Workers: 1})
	if err != nil {
		return err
	}
	reader, err := s.o.Snapshot.Open(ctx, want, cut.Handle)
	if err != nil {
		return err
	}
	for _, e := range cut.Extents {
		if err = s.extent(ctx, reader, e, row); err != nil || len(s.preview.Rows) >= s.most {
			break
		}
	}
	return errors.Join(explained(s.o.Snapshot, err), reader.Close())
}

// extent treats rows of one extent until the preview has enough rows.
func (s *shower) extent(ctx context.Context, reader Reader, e catalog.Extent, row *rewrite.Row) error {
	blocks, err := reader.Read(ctx, e)
	if err != nil {
		return err
	}
	row.Begin()
	for len(s.preview.Rows) < s.most {
		raw, err := blocks.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		raw = firstRows(raw, s.most-len(s.preview.Rows))
		out, err := row.Append(nil, raw)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Table, err)
		}
		if err := s.split(out); err != nil {
			return err
		}
	}
	return nil
}

// firstRows returns the first n rows of a block of COPY text.
func firstRows(block []byte, n int) []byte {
	end := 0
	for range n {
		i := bytes.IndexByte(block[end:], '\n')
		if i < 0 {
			return block
		}
		end += i + 1
	}
	return block[:end]
}

// split adds treated rows to the preview.
func (s *shower) split(block []byte) error {
	columns := len(s.preview.Columns)
	splitter, spans := wire.NewSplitter(wire.Text, columns, columns), make([]wire.Span, columns)
	for len(block) > 0 {
		n, err := splitter.Split(spans, block)
		if err != nil {
			return err
		}
		cells := make([]*string, columns)
		for i, span := range spans {
			if span.Null || s.preview.Columns[i].Hidden != "" {
				continue
			}
			value, err := wire.AppendUnescaped(nil, block[span.Start:span.End])
			if err != nil {
				return err
			}
			text := string(value)
			cells[i] = &text
		}
		s.preview.Rows = append(s.preview.Rows, cells)
		block = block[n:]
	}
	return nil
}
