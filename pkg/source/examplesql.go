package source

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// mostPaths is the largest number of paths, or of values, that are looked for in one column. A
// column whose documents have identifiers as keys has any number of paths.
const mostPaths = 500

// lookSQL writes the query of a Look. The query returns the OID of the table, the ctid of the row, and what the row
// shows.
type lookSQL struct {
	catalog.Look
	table    *catalog.Table
	from     string // the table as FROM needs it
	children string // the table Child as FROM needs it
	equal    func(table catalog.Name, column string) string
}

func (l lookSQL) query() string {
	switch l.Kind {
	case catalog.Nulls:
		return l.first("", "k0 IS NULL", "")
	case catalog.Filled:
		return l.first("", "k0 IS NOT NULL", "")
	case catalog.Least:
		return l.first(", k0", "k0 IS NOT NULL", l.plain(l.Columns[0], "k0")+", ")
	case catalog.Greatest:
		return l.first(", k0", "k0 IS NOT NULL", l.plain(l.Columns[0], "k0")+" DESC, ")
	case catalog.Shortest:
		return l.first(", length(k0::text)", "k0 IS NOT NULL", "length(k0::text), ")
	case catalog.Longest:
		return l.first(", length(k0::text)", "k0 IS NOT NULL", "length(k0::text) DESC, ")
	case catalog.EachOf:
		keys := numbered("k", len(l.Columns))
		where := ""
		if len(l.Columns) == 1 {
			where = " WHERE k0 IS NOT NULL"
		}
		return l.each(keys, "(SELECT * FROM "+l.rows()+" b"+where+")", keys)
	case catalog.Paths:
		return l.each("path", l.walk(), `path COLLATE "C"`)
	case catalog.Children:
		return l.each("v", l.counted(), "v")
	}
	return l.first("", "true", "")
}

// first returns the query for the first rows that meet a condition. The argument by is the first sort key, and the key
// of the rows is the second.
func (l lookSQL) first(show, where, by string) string {
	return fmt.Sprintf("SELECT o, r%s FROM %s b WHERE %s ORDER BY %s%s LIMIT %d", show, l.rows(), where, by, l.order(), l.Most)
}

// each returns the query for the first rows of each group of rows: at most l.Most rows of a group,
// and at most mostPaths groups. It leaves out groups with fewer than l.Common rows.
func (l lookSQL) each(show, from, by string) string {
	count, common := "", ""
	if l.Common > 1 {
		count = ", count(*) OVER (PARTITION BY " + show + ") AS together"
		common = " AND together >= " + strconv.Itoa(l.Common)
	}
	return fmt.Sprintf("SELECT o, r, %s FROM (SELECT *, row_number() OVER (PARTITION BY %s ORDER BY %s) AS n, dense_rank() OVER (ORDER BY %s) AS thing%s FROM %s g) q WHERE n <= %d AND thing <= %d%s ORDER BY %s, n",
		show, show, l.order(), by, count, from, l.Most, mostPaths, common, by)
}

// rows returns a subquery with the rows that are looked at. Its columns are o (the OID of the table), r (the ctid), k0,
// k1 and so on (the columns of the Look), and s0, s1 and so on (the sort keys).
func (l lookSQL) rows() string {
	list := []string{"t.tableoid AS o", "t.ctid AS r"}
	for i, c := range l.Columns {
		list = append(list, fmt.Sprintf("t.%s AS k%d", catalog.Quote(c), i))
	}
	for i, c := range l.Order {
		list = append(list, fmt.Sprintf("%s AS s%d", l.plain(c, "t."+catalog.Quote(c)), i))
	}
	if len(l.Order) == 0 {
		list = append(list, `t::text COLLATE "C" AS s0`)
	}
	limit := ""
	if l.Rows > 0 {
		limit = fmt.Sprintf(" ORDER BY %s LIMIT %d", l.order(), l.Rows)
	}
	return "(SELECT " + strings.Join(list, ", ") + " FROM " + l.from + " t" + limit + ")"
}

// order returns the columns of the subquery that order the rows.
func (l lookSQL) order() string { return numbered("s", max(len(l.Order), 1)) }

// plain returns an expression for a column of the table. A text is compared byte by byte.
func (l lookSQL) plain(column, expression string) string {
	return collated(l.table, column, expression)
}

// collated adds the collation "C" to an expression for a column of a text type.
func collated(t *catalog.Table, column, expression string) string {
	if c := t.Column(column); c != nil && c.Type.Family == catalog.Text {
		return expression + ` COLLATE "C"`
	}
	return expression
}

// walk returns a subquery with each path of the documents of each row.
func (l lookSQL) walk() string {
	kind := "jsonb"
	if c := l.table.Column(l.Columns[0]); c != nil && c.Type.Base == "json" {
		kind = "json"
	}
	order := l.order()
	return fmt.Sprintf(`(SELECT DISTINCT o, r, path, %[1]s FROM (
		WITH RECURSIVE walk AS (
			SELECT o, r, %[1]s, '$' AS path, k0::%[2]s AS j FROM %[3]s b WHERE k0 IS NOT NULL
			UNION ALL
			SELECT o, r, %[1]s, path || step, value FROM walk, LATERAL (
				SELECT '.' || key AS step, value FROM %[2]s_each(CASE %[2]s_typeof(j) WHEN 'object' THEN j ELSE '{}' END)
				UNION ALL
				SELECT '[]', value FROM %[2]s_array_elements(CASE %[2]s_typeof(j) WHEN 'array' THEN j ELSE '[]' END)
			) e
		) SELECT * FROM walk) w)`, order, kind, l.rows())
}

// counted returns a subquery with the rows. For each row, the subquery says whether no row, one row
// or several rows reference the row.
func (l lookSQL) counted() string {
	var on, keys, filled []string
	for i, c := range l.ChildColumns {
		name := catalog.Quote(c)
		on = append(on, fmt.Sprintf("b.k%d %s c.k%d", i, l.equal(l.Table, l.Columns[i]), i))
		keys = append(keys, fmt.Sprintf("%s AS k%d", name, i))
		filled = append(filled, name+" IS NOT NULL")
	}
	return fmt.Sprintf(`(SELECT b.*, CASE WHEN c.n IS NULL THEN 'none' WHEN c.n = 1 THEN 'one' ELSE 'many' END AS v
		FROM %s b LEFT JOIN (SELECT %s, count(*) AS n FROM %s WHERE %s GROUP BY %s) c ON %s)`,
		l.rows(), strings.Join(keys, ", "), l.children, strings.Join(filled, " AND "), ordinals(len(keys)), strings.Join(on, " AND "))
}

// ordinals returns 1, 2 and so on, as GROUP BY needs them.
func ordinals(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = strconv.Itoa(i + 1)
	}
	return strings.Join(list, ", ")
}

// selectedSQL returns the query for the cells of single rows of a table.
func selectedSQL(t *catalog.Table, s catalog.Selected) string {
	list, order := []string{"t.tableoid AS o", "t.ctid AS r"}, []string{}
	show := "o, r"
	for i, c := range s.Columns {
		list = append(list, fmt.Sprintf("t.%s AS c%d", catalog.Quote(c), i))
		show += fmt.Sprintf(", c%d", i)
	}
	for i, c := range s.Order {
		list = append(list, fmt.Sprintf("t.%s AS s%d", catalog.Quote(c), i))
		order = append(order, collated(t, c, fmt.Sprintf("s%d", i)))
	}
	if len(s.Order) == 0 {
		list = append(list, `t::text COLLATE "C" AS s0`)
		order = append(order, "s0")
	}
	var parts []string
	for _, leaf := range slices.SortedFunc(maps.Keys(s.Rows), catalog.Name.Compare) {
		parts = append(parts, fmt.Sprintf("SELECT %s FROM ONLY %s t WHERE t.ctid = ANY (%s)", strings.Join(list, ", "), leaf, positions(s.Rows[leaf])))
	}
	return fmt.Sprintf("SELECT %s FROM (%s) q ORDER BY %s", show, strings.Join(parts, " UNION ALL "), strings.Join(order, ", "))
}
