package source

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// searchSQL writes the query of a search. The query returns three columns for each row that it finds: the OID of the
// table, the ctid of the row, and whether the row is excluded. If From.Pairs is set, a fourth column is the ctid of the
// row from which this row was found.
type searchSQL struct {
	catalog.Search
	from  func(catalog.Name) string                      // a table as FROM needs it
	equal func(table catalog.Name, column string) string // the operator that compares the column
}

// query returns the whole query. The positions of rows are constants in the query. So the planner knows the number of
// rows from which the search starts, and the server reads these rows in the order of the table.
func (s searchSQL) query() string {
	if s.From == nil {
		query := "SELECT t.o, t.r, t.x FROM " + s.candidates() + " t"
		if len(s.Order) > 0 {
			query += " ORDER BY " + s.order()
		}
		if s.Limit > 0 {
			query += " LIMIT " + strconv.Itoa(s.Limit)
		}
		return query
	}
	list, outer := "t.o, t.r, t.x", "o, r, x"
	if s.From.Pairs {
		list, outer = list+", f.r AS f", outer+", f"
	}
	var on []string
	for i, c := range s.Columns {
		operator := s.equal(s.Table, c)
		if s.Overlap && i == len(s.Columns)-1 {
			operator = "&&"
		}
		on = append(on, fmt.Sprintf("t.k%d %s f.k%d", i, operator, i))
	}
	from := fmt.Sprintf("%s f JOIN %s t ON %s", s.starts(), s.candidates(), strings.Join(on, " AND "))
	if s.Limit == 0 {
		return "SELECT " + list + " FROM " + from
	}
	return fmt.Sprintf("SELECT %s FROM (SELECT %s, dense_rank() OVER (PARTITION BY %s ORDER BY %s) AS n FROM %s) q WHERE n <= %d",
		outer, list, numbered("f.k", len(s.Columns)), s.order(), from, s.Limit)
}

// order returns the names, in the query, of the columns that order the rows of the table.
func (s searchSQL) order() string { return numbered("t.s", len(s.Order)) }

// numbered returns prefix0, prefix1 and so on.
func numbered(prefix string, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = prefix + strconv.Itoa(i)
	}
	return strings.Join(list, ", ")
}

// candidates returns a subquery with the rows of the table that may be found. The conditions of the search are in this
// subquery, because it reads no other table. So each column name in a condition means a column of this table.
func (s searchSQL) candidates() string {
	list := []string{"tableoid AS o", "ctid AS r"}
	conditions := []string{}
	switch {
	case s.Excluded == "":
		list = append(list, "false AS x")
	case s.Tell:
		list = append(list, "("+s.Excluded+") IS TRUE AS x")
	default:
		list = append(list, "false AS x")
		conditions = append(conditions, "("+s.Excluded+") IS NOT TRUE")
	}
	list = append(list, named(s.Columns, "k")...)
	list = append(list, named(s.Order, "s")...)
	if s.Where != "" {
		conditions = append(conditions, "("+s.Where+")")
	}
	if s.Is.Column != "" {
		conditions = append(conditions, isSQL(s.Is))
	}
	if s.Sample.Percent > 0 {
		conditions = append(conditions, sampleSQL(s.Sample))
	}
	return fmt.Sprintf("(SELECT %s FROM %s%s)", strings.Join(list, ", "), s.from(s.Table), whereSQL(conditions))
}

// starts returns a subquery with the keys from which the search starts. It has each key once. If From.Pairs is set, it
// has the key of each row instead, and the row's ctid.
func (s searchSQL) starts() string {
	list, distinct := named(s.From.Columns, "k"), "DISTINCT "
	if s.From.Pairs {
		list, distinct = append(list, "ctid AS r"), ""
	}
	var conditions []string
	if !s.From.All {
		conditions = append(conditions, "ctid = ANY ("+positions(s.From.Rows)+")")
	}
	if s.From.Is.Column != "" {
		conditions = append(conditions, isSQL(s.From.Is))
	}
	return fmt.Sprintf("(SELECT %s%s FROM ONLY %s%s)", distinct, strings.Join(list, ", "), s.From.Table, whereSQL(conditions))
}

func whereSQL(conditions []string) string {
	if len(conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conditions, " AND ")
}

// named gives columns the names PREFIX0, PREFIX1 and so on.
func named(columns []string, prefix string) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = fmt.Sprintf("%s AS %s%d", catalog.Quote(c), prefix, i)
	}
	return list
}

func isSQL(i catalog.Is) string {
	return catalog.Quote(i.Column) + "::text = " + catalog.Literal(i.Value)
}

// sampleSQL returns the condition that chooses the rows of a sample. It takes 31 bits of a seeded hash as a number, and
// compares the number with the wanted share of 2^31.
func sampleSQL(s catalog.Sample) string {
	return fmt.Sprintf(`(hashtextextended(ROW(%s)::text COLLATE "C", %d) & 2147483647) < %d`,
		strings.Join(catalog.QuoteAll(s.Columns), ", "), s.Seed, int64(s.Percent/100*(1<<31)))
}

// positions returns an SQL array of positions.
func positions(rows []catalog.Position) string {
	out := make([]byte, 0, 16*len(rows)+16)
	out = append(out, "'{"...)
	for i, p := range rows {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `"(`...)
		out = strconv.AppendUint(out, uint64(p.Block()), 10)
		out = append(out, ',')
		out = strconv.AppendUint(out, uint64(p.Line()), 10)
		out = append(out, `)"`...)
	}
	return string(append(out, "}'::tid[]"...))
}
