package source

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// keys reads primary keys, unique constraints and unique indexes. It leaves out invalid indexes, which a failed CREATE
// INDEX CONCURRENTLY leaves behind, because pg_dump does not dump them.
func (r *reader) keys(tables map[uint32]*catalog.Table) {
	list := rows[struct {
		Table         uint32
		Name          string
		Primary       bool
		Columns       []string
		Partial, Expr bool
		NullsEqual    bool
	}](r, `SELECT i.indrelid, x.relname::text, i.indisprimary,
			COALESCE((SELECT array_agg(a.attname::text ORDER BY k.pos, a.attnum) FROM (
					SELECT min(u.pos) AS pos, u.num FROM (
						SELECT ord AS pos, num FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS y(num, ord) WHERE ord <= i.indnkeyatts AND num > 0
						UNION ALL
						SELECT 1000, y.refobjsubid FROM pg_depend y WHERE i.indexprs IS NOT NULL AND y.classid = 'pg_class'::regclass
							AND y.objid = i.indexrelid AND y.refclassid = 'pg_class'::regclass AND y.refobjid = i.indrelid AND y.refobjsubid > 0
					) u GROUP BY u.num) k
				JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num), '{}'),
			i.indpred IS NOT NULL, i.indexprs IS NOT NULL, COALESCE((to_jsonb(i)->>'indnullsnotdistinct')::bool, false)
		FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
		JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE i.indisunique AND (i.indisvalid OR c.relkind = 'p') AND c.relkind IN ('r', 'p') AND `+userRelation+`
		ORDER BY i.indrelid, i.indisprimary DESC, x.relname`)
	for _, k := range list {
		if t := tables[k.Table]; t != nil {
			t.Keys = append(t.Keys, catalog.Key{
				Name: k.Name, Primary: k.Primary, Columns: k.Columns, Partial: k.Partial, Expr: k.Expr, NullsNotDistinct: k.NullsEqual,
			})
		}
	}
}

// checks reads the CHECK and EXCLUDE constraints of tables. It adds the CHECK constraints of the domains of each column.
func (r *reader) checks(tables map[uint32]*catalog.Table, types *typeSet) {
	list := rows[struct {
		Table   uint32
		Name    string
		Exclude bool
		Columns []string
		Expr    string
	}](r, `SELECT k.conrelid, k.conname::text, k.contype = 'x',
			COALESCE((SELECT array_agg(a.attname::text ORDER BY y.ord) FROM unnest(k.conkey) WITH ORDINALITY AS y(num, ord)
				JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = y.num), '{}'),
			COALESCE(CASE WHEN k.contype = 'x' THEN pg_get_constraintdef(k.oid) ELSE pg_get_expr(k.conbin, k.conrelid) END, '')
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE k.contype IN ('c', 'x') AND c.relkind IN ('r', 'p') AND `+userRelation+` ORDER BY k.conrelid, k.conname`)
	for _, k := range list {
		t := tables[k.Table]
		switch {
		case t == nil:
		case k.Exclude:
			t.Exclusions = append(t.Exclusions, catalog.Check{Name: k.Name, Columns: k.Columns, Expr: k.Expr})
		default:
			t.Checks = append(t.Checks, catalog.Check{Name: k.Name, Columns: k.Columns, Expr: k.Expr})
		}
	}
	for _, t := range tables {
		for _, c := range t.Columns {
			types.domainChecks(c.Type.OID, func(name, expr string) {
				t.Checks = append(t.Checks, catalog.Check{Name: name, Columns: []string{c.Name}, Expr: expr})
			})
		}
	}
}

// foreignKeys reads foreign keys, but not the copies that PostgreSQL keeps for each partition.
func (r *reader) foreignKeys(d *catalog.Database) {
	list := rows[struct {
		Name                            string
		ChildSchema, Child              string
		ChildColumns                    []string
		ParentSchema, Parent            string
		ParentColumns                   []string
		Deferrable, NotValid, MatchFull bool
	}](r, `SELECT k.conname::text, n.nspname::text, c.relname::text,
			ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS y(num, ord)
				JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = y.num ORDER BY y.ord),
			pn.nspname::text, p.relname::text,
			ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS y(num, ord)
				JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = y.num ORDER BY y.ord),
			k.condeferrable, NOT k.convalidated, k.confmatchtype = 'f'
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
		WHERE k.contype = 'f' AND k.conparentid = 0 AND `+userRelation)
	d.ForeignKeys = make([]catalog.ForeignKey, 0, len(list))
	for _, k := range list {
		d.ForeignKeys = append(d.ForeignKeys, catalog.ForeignKey{
			Name:  k.Name,
			Child: catalog.Name{Schema: k.ChildSchema, Name: k.Child}, ChildColumns: k.ChildColumns,
			Parent: catalog.Name{Schema: k.ParentSchema, Name: k.Parent}, ParentColumns: k.ParentColumns,
			Deferrable: k.Deferrable, NotValid: k.NotValid, MatchFull: k.MatchFull,
		})
	}
	slices.SortFunc(d.ForeignKeys, func(a, b catalog.ForeignKey) int {
		if c := a.Child.Compare(b.Child); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}
