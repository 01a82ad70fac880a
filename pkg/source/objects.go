package source

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// sequences reads sequences and the column each feeds: by ownership (serial, identity), or because the
// column's default names it. Those an extension makes itself are left out unless it declares their value as configuration.
func (r *reader) sequences(d *catalog.Database, tables map[uint32]*catalog.Table) {
	list := rows[struct {
		Schema, Name        string
		Increment, Min, Max int64
		Owner               uint32
		OwnerColumn         string
		Fed                 []uint32
		FedColumns          []string
	}](r, `WITH fed AS (
			SELECT f.refobjid AS seq, array_agg(a.attrelid ORDER BY a.attrelid, a.attnum) AS rel,
				array_agg(a.attname::text ORDER BY a.attrelid, a.attnum) AS col
			FROM pg_depend f JOIN pg_attrdef v ON v.oid = f.objid JOIN pg_attribute a ON a.attrelid = v.adrelid AND a.attnum = v.adnum
			WHERE f.classid = 'pg_attrdef'::regclass AND f.refclassid = 'pg_class'::regclass GROUP BY f.refobjid)
		SELECT n.nspname::text, c.relname::text, s.seqincrement, s.seqmin, s.seqmax,
			COALESCE(o.refobjid, 0::oid), COALESCE(a.attname::text, ''), COALESCE(f.rel, '{}'), COALESCE(f.col, '{}')
		FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.refclassid = 'pg_class'::regclass
			AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
		LEFT JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
		LEFT JOIN fed f ON f.seq = c.oid
		WHERE `+userRelation+` AND NOT EXISTS (SELECT FROM pg_depend m JOIN pg_extension x ON x.oid = m.refobjid
			WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid AND m.refclassid = 'pg_extension'::regclass
			AND m.deptype = 'e' AND NOT COALESCE(c.oid = ANY (x.extconfig), false))
		ORDER BY n.nspname, c.relname`)
	d.Sequences = make([]catalog.Sequence, 0, len(list))
	for _, s := range list {
		seq := catalog.Sequence{Name: catalog.Name{Schema: s.Schema, Name: s.Name}, Increment: s.Increment, Min: s.Min, Max: s.Max}
		feed := func(table uint32, column string) {
			t := tables[table]
			if t == nil {
				return
			}
			if c := t.Column(column); c != nil && c.Sequence == nil {
				name := seq.Name
				c.Sequence = &name
			}
			if seq.Table == nil {
				seq.Table, seq.Column = &t.Name, column
			}
		}
		feed(s.Owner, s.OwnerColumn)
		for i := range s.Fed {
			feed(s.Fed[i], s.FedColumns[i])
		}
		d.Sequences = append(d.Sequences, seq)
	}
}

// objects reads what is not a table but wants a decision or must never be copied. Options
// of servers, mappings and subscriptions hold credentials and are not selected.
func (r *reader) objects(d *catalog.Database) {
	d.Extensions = rows[catalog.Extension](r, `SELECT e.extname::text, e.extversion, n.nspname::text
		FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY e.extname`)
	d.ForeignServers = rows[catalog.ForeignServer](r, `SELECT s.srvname::text, w.fdwname::text, COALESCE(s.srvtype, ''), COALESCE(s.srvversion, '')
		FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw ORDER BY s.srvname`)
	d.ForeignTables = rows[catalog.Name](r, `SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'f' AND `+userRelation+` ORDER BY n.nspname, c.relname`)
	d.EventTriggers = r.names(`SELECT t.evtname::text FROM pg_event_trigger t WHERE NOT EXISTS (SELECT FROM pg_depend m
		WHERE m.classid = 'pg_event_trigger'::regclass AND m.objid = t.oid AND m.deptype = 'e') ORDER BY t.evtname`)
	d.Publications = r.names(`SELECT pubname::text FROM pg_publication ORDER BY pubname`)
	d.Subscriptions = r.names(`SELECT subname::text FROM pg_subscription
		WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY subname`)
	for _, n := range rows[struct{ Mappings, LargeObjects int64 }](r,
		`SELECT (SELECT count(*) FROM pg_user_mappings), (SELECT count(*) FROM pg_largeobject_metadata)`) {
		d.UserMappings = int(n.Mappings)
		d.LargeObjects = catalog.LargeObjects{Count: n.LargeObjects, Any: n.LargeObjects > 0}
	}
	r.policies(d)
}

// policies reads row security policies and the roles they name, PUBLIC (0) left out.
func (r *reader) policies(d *catalog.Database) {
	list := rows[struct {
		Name, Schema, Table string
		Roles               []string
	}](r, `SELECT p.polname::text, n.nspname::text, c.relname::text,
			ARRAY(SELECT a.rolname::text FROM pg_roles a WHERE a.oid = ANY (p.polroles) ORDER BY a.rolname)
		FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE `+userRelation+` ORDER BY n.nspname, c.relname, p.polname`)
	d.Policies = make([]catalog.Policy, 0, len(list))
	for _, p := range list {
		d.Policies = append(d.Policies, catalog.Policy{Name: p.Name, Table: catalog.Name{Schema: p.Schema, Name: p.Table}, Roles: p.Roles})
	}
}
