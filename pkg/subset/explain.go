package subset

import (
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
)

// Explanation says how many rows of each table a subset has, and which edges brought these rows. It holds no value of a
// row.
type Explanation struct {
	Tables []TableShare `json:"tables"`
	Chain  []string     `json:"chain,omitempty"` // why the subset has the row that the caller asked about: edges, from the row back to a root
}

// TableShare is the part of a table that a subset has.
type TableShare struct {
	Table catalog.Name `json:"table"`
	Whole bool         `json:"whole"` // the subset has the whole table. Rows is an estimate then
	Rows  int64        `json:"rows"`
	Of    int64        `json:"of"`    // estimated number of rows in the source
	Bytes int64        `json:"bytes"` // estimated size of the selected rows and of their entries in indexes
	By    []Way        `json:"by"`    // the edges to this table that were searched
}

// Way says what an edge brought to a table.
type Way struct {
	Edge     string        `json:"edge"`
	From     *catalog.Name `json:"from,omitempty"` // the table from which the edge leads; nil for a root
	Rows     int           `json:"rows"`           // rows that this edge brought first. A row that another edge brought before does not count
	Searches int           `json:"searches"`
	Scans    bool          `json:"scans"` // no index finds the rows, so every search reads the whole table
}

// Explain describes the subset. The caller has called Run before. The tables are in the order of the catalog, without
// the tables that the rules skip.
func (s *Selection) Explain() Explanation {
	e := Explanation{Tables: []TableShare{}}
	index := map[*table]int{}
	for _, l := range s.order {
		i, ok := index[l.table]
		if !ok {
			i = len(e.Tables)
			index[l.table] = i
			e.Tables = append(e.Tables, TableShare{Table: l.table.cat.Name, Whole: l.table.whole, By: []Way{}})
		}
		all := s.in.Database.Table(l.name).Size
		part := all.Part(s.Rows(l.name))
		t := &e.Tables[i]
		t.Rows += max(part.Rows, 0)
		t.Of += max(all.Rows, part.Rows, 0)
		t.Bytes += part.Bytes + part.IndexBytes
	}
	for _, edge := range s.Edges() {
		w := Way{Edge: edge.String(), Rows: edge.Rows, Searches: edge.Searches, Scans: edge.from != nil && !edge.indexed}
		if edge.from != nil {
			w.From = &edge.from.cat.Name
		}
		t := &e.Tables[index[edge.table]]
		t.By = append(t.By, w)
	}
	return e
}

// Trace finds one row by the key that r names, and returns the chain of this row, as Chain does. Trace returns an error
// if the row is not in the subset. Trace works only if Input.Pairs was true.
func (s *Selection) Trace(r Root, find Find) ([]Origin, error) {
	t, err := s.find("row", r.Table)
	if err == nil && t.cat.Column(r.Column) == nil {
		err = fmt.Errorf("row: %s has no column %s", r.Table, catalog.Quote(r.Column))
	}
	if err != nil {
		return nil, fmt.Errorf("subset: %w", err)
	}
	if t.whole {
		return nil, fmt.Errorf("subset: row: the subset has all rows of %s, so no other row brought this one", r.Table)
	}
	var rows []Row
	err = find(catalog.Search{Table: r.Table, Where: r.condition()}, func(f catalog.Found) error {
		rows = append(rows, Row{f.Table, f.At})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, fmt.Errorf("subset: row: %d rows of %s have this key; name exactly one", len(rows), r.Table)
	}
	chain := s.Chain(rows[0])
	if len(chain) == 0 {
		return nil, fmt.Errorf("subset: row: the row of %s is not in the subset", r.Table)
	}
	return chain, nil
}
