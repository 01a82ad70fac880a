package source

import "github.com/masker-project/masker/pkg/catalog"

// mostListed is the number of positions that a statement lists for one range of pages. A range has whole blocks, so up
// to one block of rows may be added.
const mostListed = 10_000

// reduce replaces the sizes of a table with estimated sizes of its selected rows.
func (m *measure) reduce(selected *catalog.Rows) {
	m.Heap, m.Total = selected.Part(m.Heap, m.Rows), selected.Part(m.Total, m.Rows)
}

// subsetExtents divides the selected rows of a Want into extents. All extents have about the same number of rows. An
// extent consists of ranges of pages. The statement that reads a range lists the positions of its rows, so a range has
// about mostListed rows at most. In measurements, this was always faster than reading the whole range and dropping the
// other rows, even for a large share of selected rows.
func subsetExtents(want int, m measure, pieces int64, w catalog.Want) []catalog.Extent {
	ranges := max(pieces, int64(w.Rows.Len()+mostListed-1)/mostListed)
	if w.Stripes {
		ranges = max(ranges, m.stripes())
	}
	pages := pagesOf(w.Rows, max(ranges, 1))
	ranges = int64(len(pages))
	pieces = min(pieces, ranges)
	list := make([]catalog.Extent, 0, pieces)
	for i := range pieces {
		list = append(list, catalog.Extent{
			Want: want, Table: m.name(), Index: int(i), Of: int(pieces), Bytes: m.Total / pieces, Long: w.Stripes && m.long(),
			Pages: pages[ranges*i/pieces : ranges*(i+1)/pieces],
		})
	}
	return list
}

// pagesOf divides a table into at most n ranges with about the same number of selected rows. The last range has no end.
func pagesOf(rows *catalog.Rows, n int64) []catalog.Pages {
	list := []catalog.Pages{{}}
	each, i := (int64(rows.Len())+n-1)/n, int64(0)
	for p := range rows.All() {
		last := &list[len(list)-1]
		if i >= each && p.Block() > last.From {
			last.To = p.Block()
			list, i = append(list, catalog.Pages{From: p.Block()}), 0
		}
		i++
	}
	return list
}
