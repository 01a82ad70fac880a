package source

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// sequences reads sequences and the columns that each sequence feeds. A sequence feeds the column that owns it (serial,
// identity), and the columns whose defaults name it. Sequences that an extension makes are left out, unless the
// extension declares them as configuration.
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
	roots := map[catalog.Name]catalog.Name{}
	for _, t := range tables {
		roots[t.Name] = t.Decider()
	}
	for _, s := range list {
		seq := catalog.Sequence{Name: catalog.Name{Schema: s.Schema, Name: s.Name}, Increment: s.Increment, Min: s.Min, Max: s.Max}
		var fed []catalog.ColumnName
		feed := func(table uint32, column string) {
			t := tables[table]
			if t == nil {
				return
			}
			if c := t.Column(column); c != nil && c.Sequence == nil {
				name := seq.Name
				c.Sequence = &name
			}
			fed = append(fed, catalog.ColumnName{Table: t.Name, Column: column})
		}
		feed(s.Owner, s.OwnerColumn)
		for i := range s.Fed {
			feed(s.Fed[i], s.FedColumns[i])
		}
		setFeeds(&seq, fed, roots)
		d.Sequences = append(d.Sequences, seq)
	}
}

// setFeeds sets the columns that a sequence feeds. The first becomes seq.Table and seq.Column, the others go to
// seq.Also. A column of a partition is left out of seq.Also if the root's column is in fed, because the root includes
// the partition.
func setFeeds(seq *catalog.Sequence, fed []catalog.ColumnName, roots map[catalog.Name]catalog.Name) {
	seen := map[catalog.ColumnName]bool{}
	for _, f := range fed {
		seen[f] = true
	}
	for _, f := range fed {
		root := roots[f.Table]
		switch {
		case seq.Table == nil:
			table := f.Table
			seq.Table, seq.Column = &table, f.Column
		case f == (catalog.ColumnName{Table: *seq.Table, Column: seq.Column}):
		case root != f.Table && seen[catalog.ColumnName{Table: root, Column: f.Column}]:
		default:
			seq.Also = append(seq.Also, f)
		}
	}
}

// objects reads objects that are not tables, but that need a decision or must never be copied. It does not read the
// options of servers, user mappings and subscriptions, because they can contain credentials.
func (r *reader) objects(d *catalog.Database) {
	r.extensions(d)
	d.ForeignServers = rows[catalog.ForeignServer](r, `SELECT s.srvname::text, w.fdwname::text, COALESCE(s.srvtype, ''), COALESCE(s.srvversion, '')
		FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw ORDER BY s.srvname`)
	d.ForeignTables = rows[catalog.Name](r, `SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'f' AND `+userRelation+` ORDER BY n.nspname, c.relname`)
	d.EventTriggers = r.names(`SELECT t.evtname::text FROM pg_event_trigger t WHERE NOT EXISTS (SELECT FROM pg_depend m
		WHERE m.classid = 'pg_event_trigger'::regclass AND m.objid = t.oid AND m.deptype = 'e') ORDER BY t.evtname`)
	d.Publications = r.names(`SELECT pubname::text FROM pg_publication ORDER BY pubname`)
	d.Subscriptions = r.names(`SELECT subname::text FROM pg_subscription
		WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY subname`)
	for _, n := range rows[struct {
		Mappings, LargeObjects int64
		Denied                 uint32
	}](r, `SELECT (SELECT count(*) FROM pg_user_mappings), (SELECT count(*) FROM pg_largeobject_metadata),
			COALESCE((SELECT min(oid) FROM pg_largeobject_metadata l WHERE NOT `+readableLargeObject(d.Version)+`), 0)`) {
		d.UserMappings = int(n.Mappings)
		d.LargeObjects = catalog.LargeObjects{Count: n.LargeObjects, Any: n.LargeObjects > 0, Denied: n.Denied}
	}
	r.policies(d)
}

// readableLargeObject returns a condition on pg_largeobject_metadata l. It is true if the session's role may read the
// large object. Membership in pg_read_all_data is not enough for that.
func readableLargeObject(version int) string {
	if version >= 180000 {
		return `has_largeobject_privilege(l.oid, 'SELECT')`
	}
	return `(current_setting('lo_compat_privileges')::bool OR pg_has_role(l.lomowner, 'USAGE')
		OR EXISTS (SELECT FROM aclexplode(l.lomacl) a WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE'))))`
}

// extensions reads the installed extensions, and whether an object of the database needs them. The members of an
// extension are the objects that CREATE EXTENSION makes, and the array types, row types and view rules that belong to
// these objects.
func (r *reader) extensions(d *catalog.Database) {
	d.Extensions = nil
	for _, e := range rows[struct {
		Name, Version, Schema string
		Needed, Servers       bool
	}](r, extensionUse+`
		SELECT e.extname::text, e.extversion, n.nspname::text,
			EXISTS (SELECT FROM use u WHERE u.ext = e.oid AND u.classid <> 'pg_foreign_server'::regclass),
			EXISTS (SELECT FROM use u WHERE u.ext = e.oid AND u.classid = 'pg_foreign_server'::regclass)
		FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY e.extname`) {
		d.Extensions = append(d.Extensions, catalog.Extension{Name: e.Name, Version: e.Version, Schema: e.Schema, Needed: e.Needed, Servers: e.Servers})
	}
}

// extensionUse finds the objects outside of an extension that use one of its members, and the extensions that need it.
const extensionUse = `WITH direct AS (
			SELECT refobjid AS ext, classid, objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'),
		member AS (
			SELECT * FROM direct UNION
			SELECT m.ext, d.classid, d.objid FROM direct m JOIN pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid AND d.deptype = 'i'),
		use AS (
			SELECT m.ext, d.classid, d.objid
			FROM member m JOIN pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid AND d.deptype = 'n'
			WHERE NOT EXISTS (SELECT FROM member o WHERE o.classid = d.classid AND o.objid = d.objid)
				AND NOT EXISTS (SELECT FROM pg_depend p JOIN member o ON o.classid = p.refclassid AND o.objid = p.refobjid
					WHERE p.classid = d.classid AND p.objid = d.objid AND p.deptype IN ('i', 'a'))
			UNION SELECT refobjid, classid, objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'n')`

// extensionUsers says of each extension which objects need it. A rule of a view counts as the view.
const extensionUsers = extensionUse + `
		SELECT DISTINCT e.extname::text, o.class, o.oid, i.type, i.identity
		FROM use u JOIN pg_extension e ON e.oid = u.ext LEFT JOIN pg_rewrite v ON u.classid = 'pg_rewrite'::regclass AND v.oid = u.objid
		CROSS JOIN LATERAL (SELECT CASE WHEN v.oid IS NULL THEN u.classid ELSE 'pg_class'::regclass::oid END, COALESCE(v.ev_class, u.objid)) o(class, oid)
		CROSS JOIN LATERAL pg_identify_object(o.class, o.oid, 0) i WHERE i.identity IS NOT NULL ORDER BY 1, 4, 5`

// policies reads row security policies and the roles that they name, without PUBLIC.
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
