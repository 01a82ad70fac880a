package source

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// tableRow is a table as the server lists it, with OIDs for the parents and the root.
type tableRow struct {
	OID                   uint32
	Schema, Name          string
	Partitioned, Unlogged bool
	RowSecurity, ForceRLS bool
	Parents               []uint32
	Partition             bool
	Root                  uint32
	Strategy              string
	PartKey               []string
	PartExprs, Bound      string
	Default               bool
	ExtMember, ExtConfig  string
}

// tables reads ordinary and partitioned tables, without their columns, keys, checks and sizes.
func (r *reader) tables(d *catalog.Database) map[uint32]*catalog.Table {
	list := rows[tableRow](r, `SELECT c.oid, n.nspname::text, c.relname::text, c.relkind = 'p', c.relpersistence = 'u',
			c.relrowsecurity, c.relforcerowsecurity,
			ARRAY(SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno), c.relispartition,
			COALESCE(pg_partition_root(c.oid)::oid, 0::oid),
			COALESCE((SELECT CASE p.partstrat WHEN 'l' THEN 'list' WHEN 'r' THEN 'range' ELSE 'hash' END
				FROM pg_partitioned_table p WHERE p.partrelid = c.oid), ''),
			`+partitionKey+`,
			COALESCE((SELECT pg_get_expr(p.partexprs, p.partrelid) FROM pg_partitioned_table p WHERE p.partrelid = c.oid), ''),
			CASE WHEN c.relispartition AND c.relkind = 'r' AND NOT `+ownPartitionKey+` THEN COALESCE(pg_get_partition_constraintdef(c.oid), '') ELSE '' END,
			c.relispartition AND pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT',
			COALESCE(e.extname::text, ''),
			COALESCE((SELECT x.extname::text FROM pg_extension x WHERE c.oid = ANY (x.extconfig) LIMIT 1), '')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_depend m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid AND m.objsubid = 0
			AND m.refclassid = 'pg_extension'::regclass AND m.deptype = 'e'
		LEFT JOIN pg_extension e ON e.oid = m.refobjid
		WHERE c.relkind IN ('r', 'p') AND `+userRelation+` ORDER BY n.nspname, c.relname`)

	byOID := make(map[uint32]*catalog.Table, len(list))
	d.Tables = make([]*catalog.Table, 0, len(list))
	for _, t := range list {
		table := &catalog.Table{
			OID: t.OID, Name: catalog.Name{Schema: t.Schema, Name: t.Name},
			Partitioned: t.Partitioned, Unlogged: t.Unlogged, RowSecurity: t.RowSecurity, ForceRLS: t.ForceRLS,
			Strategy: t.Strategy, PartKey: t.PartKey, PartExprs: t.PartExprs, Bound: t.Bound, Default: t.Default, ExtMember: t.ExtMember, ExtConfig: t.ExtConfig,
			Columns: []catalog.Column{}, Keys: []catalog.Key{}, Checks: []catalog.Check{},
		}
		byOID[t.OID] = table
		d.Tables = append(d.Tables, table)
	}
	slices.SortFunc(d.Tables, func(a, b *catalog.Table) int { return a.Name.Compare(b.Name) })
	relate(list, byOID)
	return byOID
}

// relate sets the tables that each table is a partition of or inherits from.
func relate(list []tableRow, byOID map[uint32]*catalog.Table) {
	for _, t := range list {
		table := byOID[t.OID]
		for _, oid := range t.Parents {
			parent := byOID[oid]
			switch {
			case parent == nil: // a table can inherit from a foreign table
			case t.Partition:
				table.PartitionOf = &parent.Name
			default:
				table.Inherits = append(table.Inherits, parent.Name)
			}
		}
		if root := byOID[t.Root]; root != nil && t.Partition {
			table.Root = &root.Name
		}
	}
}

// ownPartitionKey tests whether the partition key of a table above a partition uses a function or an operator that is
// not built in. PostgreSQL inlines such a function when it prints the condition of the partition. The names in the
// function's body are then not found, because the search path of masker's sessions is empty.
const ownPartitionKey = `EXISTS (SELECT FROM pg_partition_ancestors(c.oid) a JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = a.relid
		WHERE o.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass) AND o.refobjid >= 16384)`

// partitionKey selects the columns that a partition key reads. Plain columns come first, in their order, then the
// columns of expressions. pg_depend records each column of the key as an internal part of the table.
const partitionKey = `COALESCE((SELECT array_agg(a.attname::text ORDER BY k.pos, a.attnum)
		FROM pg_partitioned_table p
		CROSS JOIN LATERAL (
			SELECT min(u.pos) AS pos, u.num FROM (
				SELECT ord AS pos, num FROM unnest(p.partattrs::int2[]) WITH ORDINALITY AS x(num, ord) WHERE num <> 0
				UNION ALL
				SELECT 1000, x.objsubid FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid
					AND x.objsubid > 0 AND x.refclassid = 'pg_class'::regclass AND x.refobjid = c.oid AND x.refobjsubid = 0 AND x.deptype = 'i'
			) u GROUP BY u.num) k
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num
		WHERE p.partrelid = c.oid), '{}')`

// columns reads the columns of all tables, in their order.
func (r *reader) columns(tables map[uint32]*catalog.Table, types *typeSet) {
	list := rows[struct {
		Table     uint32
		Num       int
		Name      string
		Type      uint32
		Mod       int32
		Format    string
		NotNull   bool
		Default   string
		Generated bool
		Identity  string
		Collation string
		Comment   string
	}](r, `SELECT a.attrelid, a.attnum::int, a.attname::text, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod), a.attnotnull,
			COALESCE(pg_get_expr(f.adbin, f.adrelid), ''), a.attgenerated <> '',
			CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' ELSE '' END,
			CASE WHEN l.collisdeterministic IS NOT FALSE THEN ''
				ELSE 'und ' || COALESCE(to_jsonb(l)->>'colllocale', to_jsonb(l)->>'colliculocale', to_jsonb(l)->>'collcollate', '')
					|| COALESCE(to_jsonb(l)->>'collicurules', '') END,
			COALESCE(left(d.description, 1000), '')
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
		LEFT JOIN pg_collation l ON l.oid = a.attcollation
		LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
		WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND `+userRelation+`
		ORDER BY a.attrelid, a.attnum`)
	for _, c := range list {
		t := tables[c.Table]
		if t == nil {
			continue
		}
		typ := types.resolve(c.Type, c.Mod, c.Format, c.Collation)
		t.Columns = append(t.Columns, catalog.Column{
			Name: c.Name, Num: c.Num, Type: typ, NotNull: c.NotNull || typ.NotNull,
			Default: c.Default, Generated: c.Generated, Identity: c.Identity, Comment: c.Comment,
		})
	}
}
