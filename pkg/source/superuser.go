package source

import "github.com/masker-project/masker/pkg/catalog"

// functionSettings reads the settings that functions change. The target finds out which of these settings its role may
// change.
func (r *reader) functionSettings(objects []catalog.Object) {
	sets := map[uint32][]string{}
	for _, f := range rows[struct {
		OID  uint32
		Sets []string
	}](r, `SELECT oid, ARRAY(SELECT split_part(c, '=', 1) FROM unnest(proconfig) c ORDER BY 1) FROM pg_proc WHERE proconfig IS NOT NULL AND oid >= 16384`) {
		sets[f.OID] = f.Sets
	}
	for i, o := range objects {
		if o.Kind == catalog.KindFunction || o.Kind == catalog.KindProcedure {
			objects[i].Sets = sets[o.OID]
		}
	}
}

// superuserQuery reads the objects that only a superuser can make, besides casts and operator classes: objects that can
// run code on the server's machine, and objects that the planner trusts. It also reads functions with settings, because
// only a superuser may change some of them. masker appends it to leavableQuery. The name of an object comes from
// pg_identify_object, without pg_catalog.
const superuserQuery = `
	UNION ALL SELECT s.class, s.oid, i.type, '', '', replace(i.identity, 'pg_catalog.', ''), '', '', '', 0, 0, false, s.super, '{}'
	FROM (
		SELECT 'pg_proc'::regclass::oid AS class, p.oid, p.prokind = 'a' OR NOT l.lanpltrusted OR p.proleakproof OR p.prosupport <> 0 AS super FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
			WHERE CASE WHEN p.prokind = 'a' THEN EXISTS (SELECT FROM pg_aggregate a WHERE a.aggfnoid = p.oid AND 'internal'::regtype IN (a.aggtranstype, a.aggmtranstype))
				ELSE NOT l.lanpltrusted OR p.proleakproof OR p.prosupport <> 0 OR EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c NOT LIKE 'search_path=%') END
		UNION ALL SELECT 'pg_type'::regclass, t.oid, true FROM pg_type t WHERE t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
			OR NOT t.typisdefined OR EXISTS (SELECT FROM pg_range g WHERE g.rngtypid = t.oid AND g.rngcanonical <> 0)
		UNION ALL SELECT 'pg_language'::regclass, oid, true FROM pg_language
		UNION ALL SELECT 'pg_am'::regclass, oid, true FROM pg_am
		UNION ALL SELECT 'pg_ts_parser'::regclass, oid, true FROM pg_ts_parser
		UNION ALL SELECT 'pg_ts_template'::regclass, oid, true FROM pg_ts_template
		UNION ALL SELECT 'pg_transform'::regclass, oid, true FROM pg_transform
		UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, true FROM pg_foreign_data_wrapper
	) s CROSS JOIN LATERAL pg_identify_object(s.class, s.oid, 0) i
	WHERE s.oid >= 16384 AND NOT EXISTS (SELECT FROM member WHERE classid = s.class AND objid = s.oid)
		AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.classid = s.class AND p.objid = s.oid AND p.deptype = 'i') -- the functions of a range come with it
		AND COALESCE(i.schema, '') !~ '^pg_'`
