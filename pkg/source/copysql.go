package source

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// The server parses all statements of a message before it executes the first one. So a message has at most
// rangesInMessage ranges. If an extent needs columns of other tables, one statement reads rangesJoined ranges, because
// each statement may read a whole referenced table.
const (
	rangesInMessage = 64
	rangesSelected  = 4 // for a subset, because a statement lists up to mostListed positions
	rangesJoined    = 4 // small, because the server may sort the rows of one statement, and the shuffle mixes only about 4 MiB of rows
)

// copySQL returns the messages that read one extent, in reading order. A message consists of one or several COPY
// statements. The function from returns a table as FROM needs it.
func copySQL(w catalog.Want, e catalog.Extent, filter string, from func(catalog.Name) string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if len(e.Pages) == 0 {
			yield(statement(w, e, nil, filter, from))
			return
		}
		together := 1
		if len(w.Extras) > 0 {
			together = rangesJoined
		}
		inMessage := rangesInMessage
		if w.Rows != nil {
			inMessage = rangesSelected
		}
		for message := range slices.Chunk(e.Pages, inMessage) {
			var statements []string
			for pages := range slices.Chunk(message, together) {
				statements = append(statements, statement(w, e, pages, filter, from))
			}
			if !yield(strings.Join(statements, "; ")) {
				return
			}
		}
	}
}

// statement returns a COPY statement for some pages of an extent. If there are no pages, the statement reads the whole
// table.
func statement(w catalog.Want, e catalog.Extent, pages []catalog.Pages, filter string, from func(catalog.Name) string) string {
	format := "text"
	if inBinary(w) {
		format = "binary"
	}
	list := strings.Join(catalog.QuoteAll(w.Columns), ", ")
	query := selectSQL(list, w.Rows, e, pages, filter)
	switch {
	case len(w.Extras) > 0:
		query = joinSQL(w, selectSQL("*", w.Rows, e, pages, filter), from)
	case len(pages) == 0 && len(w.Columns) > 0 && w.Rows == nil && filter == "" && e.Seed == 0: // COPY of a table needs no query, and reads ONLY that table
		return fmt.Sprintf("COPY %s (%s) TO STDOUT (FORMAT %s)", w.Table, list, format)
	}
	return fmt.Sprintf("COPY (%s) TO STDOUT (FORMAT %s)", query, format)
}

// selectSQL returns a query for the rows of some pages, or of the whole table if there are no pages. If the extent has
// a seed, the server sorts the rows of each range. While it sorts them, the rows hold only pointers to the values that
// are stored out of line. For a subset, the query returns only the selected rows of the pages.
func selectSQL(list string, selected *catalog.Rows, e catalog.Extent, pages []catalog.Pages, filter string) string {
	from, order := fmt.Sprintf("SELECT %s FROM ONLY %s", list, e.Table), ""
	if e.Seed != 0 {
		order = fmt.Sprintf(" ORDER BY pg_catalog.hashtextextended(ctid::text, %d)", e.Seed)
	}
	if len(pages) == 0 && selected != nil {
		pages = []catalog.Pages{{}}
	}
	if len(pages) == 0 {
		if filter != "" {
			from += " " + filter
		}
		return from + order
	}
	ranges := make([]string, len(pages))
	for i, p := range pages {
		if selected != nil {
			ranges[i] = from + " WHERE ctid = ANY (" + positions(slices.Collect(selected.Between(p))) + ")" + order
			continue
		}
		ranges[i] = fmt.Sprintf("%s WHERE ctid >= '(%d,0)'", from, p.From)
		if p.To > 0 {
			ranges[i] += fmt.Sprintf(" AND ctid < '(%d,0)'", p.To)
		}
		ranges[i] += order
	}
	if len(ranges) == 1 {
		return ranges[0]
	}
	return "(" + strings.Join(ranges, ") UNION ALL (") + ")"
}

// inBinary reports whether a Want is read in binary. Rows without columns are always read as text, as empty lines.
func inBinary(w catalog.Want) bool { return w.Binary && len(w.Columns) > 0 }

// joinSQL returns a query that adds columns of referenced rows to the rows of another query. The other query becomes a
// subquery, so that its filter applies only to its own table. Each key is unique, so LEFT JOIN neither adds nor removes
// rows.
func joinSQL(w catalog.Want, rows string, from func(catalog.Name) string) string {
	alias := map[string]string{"": "r"}
	joined := "(" + rows + ") AS r"
	for i, j := range w.Joins {
		alias[j.Path] = fmt.Sprintf("p%d", i+1)
		before, column := split(j.Path)
		joined += fmt.Sprintf(" LEFT JOIN %s AS %s ON %s.%s = %s.%s", from(j.Parent), alias[j.Path],
			alias[j.Path], catalog.Quote(j.Key), alias[before], column)
	}
	var list []string
	for _, c := range w.Columns {
		list = append(list, "r."+catalog.Quote(c))
	}
	for _, x := range w.Extras {
		list = append(list, alias[x.Path]+"."+catalog.Quote(x.Column))
	}
	return fmt.Sprintf("SELECT %s FROM %s", strings.Join(list, ", "), joined)
}

// split divides a path into its last column, still quoted, and the part before this column.
func split(path string) (before, column string) {
	quoted := false
	for i := len(path) - 1; i >= 0; i-- {
		switch {
		case path[i] == '"':
			quoted = !quoted
		case path[i] == '.' && !quoted:
			return path[:i], path[i+1:]
		}
	}
	return "", path
}
