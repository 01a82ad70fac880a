package source

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// indexRow is an index as the server lists it.
type indexRow struct {
	Table      uint32
	Name       string
	Unique     bool
	Primary    bool
	Computes   bool // at least one member is an expression
	Columns    []string
	Members    []string
	Predicate  string
	Operators  []string // of an EXCLUDE constraint, or of a key WITHOUT OVERLAPS (PostgreSQL 18+)
	NullsEqual bool
}

// indexes reads primary keys, unique constraints, unique indexes, EXCLUDE constraints, and indexes with an expression
// or a predicate. It leaves out the invalid indexes of ordinary tables, which a failed CREATE INDEX CONCURRENTLY leaves
// behind, because pg_dump does not dump them. The index of a partitioned table is invalid until each partition has its
// part of the index, and pg_dump dumps it.
func (r *reader) indexes(d *catalog.Database, tables map[uint32]*catalog.Table) {
	list := rows[indexRow](r, `SELECT i.indrelid, x.relname::text, i.indisunique, i.indisprimary, i.indexprs IS NOT NULL,
			CASE WHEN i.indnatts = 1 AND i.indexprs IS NULL THEN ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0])
			ELSE COALESCE((SELECT array_agg(a.attname::text ORDER BY k.pos, a.attnum) FROM (
					SELECT min(u.pos) AS pos, u.num FROM (
						SELECT ord AS pos, num FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS y(num, ord) WHERE ord <= i.indnkeyatts AND num > 0
						UNION ALL
						SELECT 1000, y.refobjsubid FROM pg_depend y WHERE i.indexprs IS NOT NULL AND y.classid = 'pg_class'::regclass
							AND y.objid = i.indexrelid AND y.refclassid = 'pg_class'::regclass AND y.refobjid = i.indrelid AND y.refobjsubid > 0
						GROUP BY y.refobjsubid
						HAVING count(*) > 1 OR y.refobjsubid <> ALL ((i.indkey::int2[])[i.indnkeyatts:]) -- only expressions depend on it again, not INCLUDE
					) u GROUP BY u.num) k
				JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num), '{}') END,
			CASE WHEN i.indexprs IS NOT NULL OR i.indisexclusion OR NOT i.indisunique
				THEN ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, false) FROM generate_series(1, i.indnkeyatts::int) k) ELSE '{}' END,
			COALESCE(pg_get_expr(i.indpred, i.indrelid), ''),
			CASE WHEN x.relam = 403 AND NOT i.indisexclusion THEN '{}' ELSE COALESCE((SELECT array_agg(o.oprname::text ORDER BY u.ord) FROM pg_constraint e
				CROSS JOIN unnest(e.conexclop) WITH ORDINALITY AS u(op, ord) JOIN pg_operator o ON o.oid = u.op
				WHERE e.conrelid = i.indrelid AND e.conindid = i.indexrelid), '{}') END,
			`+since(d, 150000, "i.indnullsnotdistinct")+`
		FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
		JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE (i.indisunique OR i.indisexclusion OR i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
			AND (i.indisvalid OR c.relkind = 'p') AND c.relkind IN ('r', 'p') AND `+userRelation+`
		ORDER BY i.indrelid, i.indisprimary DESC, x.relname`)
	for _, i := range list {
		t := tables[i.Table]
		if t == nil {
			continue
		}
		if len(i.Operators) > 0 {
			t.Exclusions = append(t.Exclusions, catalog.Index{Name: i.Name, Members: i.Members, Operators: i.Operators, Predicate: i.Predicate})
		}
		switch {
		case i.Unique:
			k := catalog.Key{Name: i.Name, Primary: i.Primary, Columns: i.Columns, Predicate: i.Predicate, NullsNotDistinct: i.NullsEqual}
			if i.Computes {
				k.Members = i.Members
			}
			t.Keys = append(t.Keys, k)
		case len(i.Operators) == 0:
			t.Indexes = append(t.Indexes, catalog.Index{Name: i.Name, Members: i.Members, Predicate: i.Predicate})
		}
	}
}

// extendedStatistics reads the extended statistics that have expressions, because ANALYZE computes these expressions.
// PostgreSQL has them since version 14.
func (r *reader) extendedStatistics(d *catalog.Database, tables map[uint32]*catalog.Table) {
	if d.Version < 140000 {
		return
	}
	list := rows[struct {
		Table        uint32
		Schema, Name string
		Members      []string
	}](r, `SELECT s.stxrelid, n.nspname::text, s.stxname::text, pg_get_statisticsobjdef_expressions(s.oid)
		FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxexprs IS NOT NULL ORDER BY 1, 2, 3`)
	for _, s := range list {
		if t := tables[s.Table]; t != nil {
			t.Statistics = append(t.Statistics, catalog.Index{Name: catalog.Name{Schema: s.Schema, Name: s.Name}.String(), Members: s.Members})
		}
	}
}

// checks reads the CHECK constraints of tables. It adds the CHECK constraints of the domains of each column. Those of
// domains inside arrays, composite types and ranges go to Contained.
func (r *reader) checks(tables map[uint32]*catalog.Table, types *typeSet) {
	list := rows[struct {
		Table    uint32
		Name     string
		Columns  []string
		Expr     string
		NotValid bool
	}](r, `SELECT k.conrelid, k.conname::text,
			COALESCE((SELECT array_agg(a.attname::text ORDER BY y.ord) FROM unnest(k.conkey) WITH ORDINALITY AS y(num, ord)
				JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = y.num), '{}'),
			COALESCE(pg_get_expr(k.conbin, k.conrelid), ''), NOT k.convalidated
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE k.contype = 'c' AND c.relkind IN ('r', 'p') AND `+userRelation+` ORDER BY k.conrelid, k.conname`)
	for _, k := range list {
		if t := tables[k.Table]; t != nil {
			t.Checks = append(t.Checks, catalog.Check{Name: k.Name, Columns: k.Columns, Expr: k.Expr, NotValid: k.NotValid})
		}
	}
	for _, t := range tables {
		for _, c := range t.Columns {
			types.domainChecks(c.Type.OID, func(name, expr string, notValid bool) {
				t.Checks = append(t.Checks, catalog.Check{Name: name, Columns: []string{c.Name}, Expr: expr, NotValid: notValid})
			})
			types.containedChecks(c.Type.OID, func(name, expr string, notValid bool) {
				t.Contained = append(t.Contained, catalog.Check{Name: name, Columns: []string{c.Name}, Expr: expr, NotValid: notValid})
			})
		}
	}
}

// since returns a column that PostgreSQL has since a version, and "false" for older servers. If the
// query read such a column through JSON, it would take twice as long.
func since(d *catalog.Database, version int, column string) string {
	if d.Version < version {
		return "false"
	}
	return column
}

// foreignKeys reads foreign keys. It leaves out the copies that PostgreSQL keeps for each partition.
func (r *reader) foreignKeys(d *catalog.Database) {
	list := rows[struct {
		Name                            string
		ChildSchema, Child              string
		ChildColumns                    []string
		ParentSchema, Parent            string
		ParentColumns                   []string
		Deferrable, NotValid, MatchFull bool
		Period, MixedCollations         bool
	}](r, `SELECT k.conname::text, n.nspname::text, c.relname::text,
			ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS y(num, ord)
				JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = y.num ORDER BY y.ord),
			pn.nspname::text, p.relname::text,
			ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS y(num, ord)
				JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = y.num ORDER BY y.ord),
			k.condeferrable, NOT k.convalidated, k.confmatchtype = 'f',
			`+since(d, 180000, "k.conperiod")+`,
			EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS y(child, parent)
				JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = y.child JOIN pg_collation ac ON ac.oid = a.attcollation
				JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = y.parent JOIN pg_collation bc ON bc.oid = b.attcollation
				WHERE ac.oid <> bc.oid AND NOT (ac.collisdeterministic AND bc.collisdeterministic))
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
		WHERE k.contype = 'f' AND k.conparentid = 0 AND `+userRelation)
	d.ForeignKeys = make([]catalog.ForeignKey, 0, len(list))
	for _, k := range list {
		d.ForeignKeys = append(d.ForeignKeys, catalog.ForeignKey{
			Name:  k.Name,
			Child: catalog.Name{Schema: k.ChildSchema, Name: k.Child}, ChildColumns: k.ChildColumns,
			Parent: catalog.Name{Schema: k.ParentSchema, Name: k.Parent}, ParentColumns: k.ParentColumns,
			Deferrable: k.Deferrable, NotValid: k.NotValid, MatchFull: k.MatchFull, Period: k.Period, MixedCollations: k.MixedCollations,
		})
	}
	slices.SortFunc(d.ForeignKeys, func(a, b catalog.ForeignKey) int {
		if c := a.Child.Compare(b.Child); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}
