package source

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// typeRow holds what pg_type and related catalogs say about one type.
type typeRow struct {
	OID          uint32
	Schema, Name string
	Format       string // the name in SQL; qualified unless the type is one of PostgreSQL's own
	Kind         string // typtype: b, c, d, e, p, r, m
	Internal     bool   // typcategory Z
	Elem         uint32 // the element type of a true array, else 0
	Domain       uint32 // the base type of a domain, else 0
	DomainMod    int32
	NotNull      bool
	SendReceive  bool // the type has functions for binary output and input
	Extension    string
	Labels       []string
	Inner        uint32   // the subtype of a range or the range type of a multirange, else 0
	FieldNames   []string // names of a composite type's fields, in order
	FieldTypes   []uint32 // types of the fields
	FieldMods    []int32  // typmods of the fields
	FieldFormats []string // types of the fields with their typmods, as in SQL
	Checks       []string // names of a domain's CHECK constraints
	CheckExprs   []string // expressions of the CHECK constraints
	CheckInvalid []bool   // which of them are NOT VALID
}

// typeSet has every type that user tables use, directly or inside another type.
type typeSet struct {
	byOID  map[uint32]*typeRow
	binary map[uint32]bool
}

// types reads the types of all columns, and the types that these are made of.
func (r *reader) types() *typeSet {
	list := rows[typeRow](r, `WITH RECURSIVE used(oid) AS (
			SELECT DISTINCT a.atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND `+userRelation+`
			UNION
			SELECT x.oid FROM used u JOIN pg_type t ON t.oid = u.oid CROSS JOIN LATERAL (
				SELECT t.typbasetype UNION ALL SELECT t.typelem
				UNION ALL SELECT a.atttypid FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
				UNION ALL SELECT g.rngsubtype FROM pg_range g WHERE g.rngtypid = t.oid
				UNION ALL SELECT g.rngtypid FROM pg_range g WHERE g.rngmultitypid = t.oid) x(oid)
			WHERE x.oid <> 0)
		SELECT t.oid, n.nspname::text, t.typname::text, format_type(t.oid, NULL), t.typtype::text, t.typcategory = 'Z',
			CASE WHEN (SELECT e.typarray FROM pg_type e WHERE e.oid = t.typelem) = t.oid THEN t.typelem ELSE 0::oid END,
			t.typbasetype, t.typtypmod, t.typnotnull, t.typsend::oid <> 0 AND t.typreceive::oid <> 0,
			COALESCE((SELECT x.extname::text FROM pg_depend m JOIN pg_extension x ON x.oid = m.refobjid WHERE m.classid = 'pg_type'::regclass
				AND m.objid = t.oid AND m.refclassid = 'pg_extension'::regclass AND m.deptype = 'e' LIMIT 1), ''),
			ARRAY(SELECT l.enumlabel::text FROM pg_enum l WHERE l.enumtypid = t.oid ORDER BY l.enumsortorder),
			COALESCE((SELECT g.rngsubtype FROM pg_range g WHERE g.rngtypid = t.oid), (SELECT g.rngtypid FROM pg_range g WHERE g.rngmultitypid = t.oid), 0::oid),
			f.names, f.types, f.mods, f.formats,
			ARRAY(SELECT k.conname::text FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname),
			ARRAY(SELECT pg_get_expr(k.conbin, 0) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname),
			ARRAY(SELECT NOT k.convalidated FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname)
		FROM used u JOIN pg_type t ON t.oid = u.oid JOIN pg_namespace n ON n.oid = t.typnamespace
		CROSS JOIN LATERAL (SELECT COALESCE(array_agg(a.attname::text ORDER BY a.attnum), '{}') AS names,
				COALESCE(array_agg(a.atttypid ORDER BY a.attnum), '{}') AS types, COALESCE(array_agg(a.atttypmod ORDER BY a.attnum), '{}') AS mods,
				COALESCE(array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum), '{}') AS formats
			FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) f`)
	set := &typeSet{byOID: make(map[uint32]*typeRow, len(list)), binary: make(map[uint32]bool, len(list))}
	for i := range list {
		set.byOID[list[i].OID] = &list[i]
	}
	return set
}

// resolve returns the description of a column's type. It follows domains down to their base type, which treatments and
// the package wire work on.
func (s *typeSet) resolve(oid uint32, mod int32, format, collation string) catalog.Type {
	typ := catalog.Type{OID: oid, Name: format, Binary: s.isBinary(oid)}
	typ.CaseInsensitive, typ.LooseCollation = folding(collation)
	t := s.byOID[oid]
	for t != nil && t.Kind == "d" {
		if typ.Domain == "" {
			typ.Domain = t.Format
		}
		typ.NotNull = typ.NotNull || t.NotNull
		mod, oid = t.DomainMod, t.Domain
		t = s.byOID[oid]
	}
	typ.BaseOID = oid
	if t == nil { // cannot happen in one snapshot; masker copies an unknown type as text and does not look into its values
		typ.Family, typ.Binary = catalog.Other, false
		return typ
	}
	typ.Base, typ.Family = t.Name, family(t)
	switch typ.Family {
	case catalog.Array:
		elem := s.resolve(t.Elem, mod, s.elemFormat(typ, t, format), collation)
		typ.Elem = &elem
	case catalog.Range, catalog.Multirange:
		if inner := s.byOID[t.Inner]; inner != nil {
			elem := s.resolve(t.Inner, -1, inner.Format, "")
			typ.Elem = &elem
		}
	case catalog.Composite:
		s.fields(&typ, t)
	case catalog.Enum:
		typ.Labels = t.Labels
	default:
		limits(&typ, mod)
	}
	return typ
}

// fields resolves the fields of a composite type. The recursion ends, because in PostgreSQL no type can contain itself,
// also not inside an array, a range or a domain.
func (s *typeSet) fields(typ *catalog.Type, t *typeRow) {
	for i, name := range t.FieldNames {
		typ.Fields = append(typ.Fields, catalog.Field{
			Name: name, Type: s.resolve(t.FieldTypes[i], t.FieldMods[i], t.FieldFormats[i], ""),
		})
	}
}

// elemFormat returns the name of an array's element type in SQL. It is the array's name without the brackets, which
// keeps the typmod. The name of a domain over an array does not contain the element type. For a domain over an array,
// elemFormat returns the element type's name without a typmod.
func (s *typeSet) elemFormat(typ catalog.Type, t *typeRow, format string) string {
	if name, ok := strings.CutSuffix(format, "[]"); ok && typ.Domain == "" {
		return name
	}
	if e := s.byOID[t.Elem]; e != nil {
		return e.Format
	}
	return ""
}

// family returns the type family of a type. It recognises PostgreSQL's own types by their names. A user's type of the
// same name in another schema is Other.
func family(t *typeRow) catalog.Family {
	switch {
	case t.Elem != 0:
		return catalog.Array
	case t.Kind == "e":
		return catalog.Enum
	case t.Kind == "c":
		return catalog.Composite
	case t.Kind == "r":
		return catalog.Range
	case t.Kind == "m":
		return catalog.Multirange
	case t.Extension == "citext" && t.Name == "citext":
		return catalog.Text
	case t.Extension == "hstore" && t.Name == "hstore":
		return catalog.Hstore
	case t.Schema != "pg_catalog":
		return catalog.Other
	}
	return builtin(t.Name)
}

// builtin returns the type family of one of PostgreSQL's own types.
func builtin(name string) catalog.Family {
	switch name {
	case "text", "varchar", "bpchar", "name":
		return catalog.Text
	case "int2", "int4", "int8":
		return catalog.Integer
	case "numeric":
		return catalog.Numeric
	case "float4", "float8":
		return catalog.Float
	case "bool":
		return catalog.Boolean
	case "uuid":
		return catalog.UUID
	case "date":
		return catalog.Date
	case "timestamp":
		return catalog.Timestamp
	case "timestamptz":
		return catalog.TimestampTZ
	case "json", "jsonb":
		return catalog.JSON
	case "bytea":
		return catalog.Bytes
	case "inet", "cidr":
		return catalog.Inet
	case "xml":
		return catalog.XML
	case "time", "timetz":
		return catalog.Time
	case "interval":
		return catalog.Interval
	case "macaddr", "macaddr8":
		return catalog.MAC
	case "bit", "varbit":
		return catalog.Bits
	case "money":
		return catalog.Money
	case "point", "line", "lseg", "box", "path", "polygon", "circle":
		return catalog.Geometric
	case "tsvector":
		return catalog.TSVector
	}
	return catalog.Other
}

// folding says what the equality of a nondeterministic collation ignores. Its argument holds the collation's locale and
// rules, or "" for a deterministic collation. masker follows a collation that ignores the case of letters and nothing
// else. A loose collation ignores more than case, such as accents or punctuation, or less, such as only how a letter is
// composed.
func folding(collation string) (caseInsensitive, loose bool) {
	has := func(options ...string) bool {
		return slices.ContainsFunc(options, func(o string) bool { return strings.Contains(strings.ToLower(collation), o) })
	}
	switch {
	case collation == "":
		return false, false
	case has("ks-level1", "colstrength=primary"):
		return !has("-kc", "colcaselevel=yes"), true
	case has("ks-level2", "colstrength=secondary"):
		return true, has("ka-shifted", "colalternate=shifted", "-kc", "colcaselevel=yes", "&")
	}
	return false, true
}

// limits sets the limits of a type from its typmod, which each type encodes in its own way, and from its name.
func limits(typ *catalog.Type, mod int32) {
	switch typ.Base {
	case "varchar", "bpchar":
		if mod >= 4 {
			typ.MaxLen = int(mod) - 4 // VARHDRSZ of PostgreSQL
		}
		typ.Padded = typ.Base == "bpchar"
	case "bit", "varbit":
		typ.MaxLen = max(int(mod), 0)
	case "name":
		typ.MaxLen = 63
	case "citext":
		typ.CaseInsensitive = true
	case "numeric":
		if mod >= 4 { // as in PostgreSQL's numeric.c: the precision is in the upper 16 bits, the signed scale in the lower 11
			m := mod - 4
			typ.Precision, typ.Scale = int(m>>16)&0xffff, int((m&0x7ff)^1024)-1024
		}
	case "timestamp", "timestamptz", "time", "timetz":
		if mod >= 0 {
			typ.Precision = int(mod)
		}
	case "int2":
		typ.Bits = 16
	case "int4":
		typ.Bits = 32
	case "int8":
		typ.Bits = 64
	}
}

// isBinary reports whether binary COPY copies the type unchanged to another database. The type and all its parts need
// functions for binary output and input, and their bytes must mean the same in the other database.
func (s *typeSet) isBinary(oid uint32) bool {
	if known, ok := s.binary[oid]; ok {
		return known
	}
	s.binary[oid] = true // ends the recursion even if a type contained itself, although PostgreSQL makes no such type
	ok := s.binaryParts(s.byOID[oid])
	s.binary[oid] = ok
	return ok
}

// binaryParts does the work of isBinary without the cache.
func (s *typeSet) binaryParts(t *typeRow) bool {
	if t == nil || !t.SendReceive || t.Kind == "p" {
		return false
	}
	if t.Schema == "pg_catalog" {
		switch {
		case strings.HasPrefix(t.Name, "reg"): // an OID, which is another number in the other database
			return false
		case t.Name == "money": // the number of its decimals depends on lc_monetary
			return false
		case t.Internal && t.Name != "char": // pg_node_tree and similar types have input functions that always fail
			return false
		}
	}
	for _, part := range append([]uint32{t.Domain, t.Elem, t.Inner}, t.FieldTypes...) {
		if part != 0 && !s.isBinary(part) {
			return false
		}
	}
	return true
}

// domainChecks calls the function found for each CHECK constraint of a type that is a domain, and of the domains
// below it.
func (s *typeSet) domainChecks(oid uint32, found func(name, expr string, notValid bool)) {
	for t := s.byOID[oid]; t != nil && t.Kind == "d"; t = s.byOID[t.Domain] {
		for i, name := range t.Checks {
			found(name, t.CheckExprs[i], t.CheckInvalid[i])
		}
	}
}

// containedChecks calls the function found for each CHECK constraint of a domain inside an array, a composite type or a
// range. The name consists of the domain's name, a dot and the constraint's name, as leave_out: in the rules writes it.
func (s *typeSet) containedChecks(oid uint32, found func(name, expr string, notValid bool)) {
	seen := map[uint32]bool{}
	var inside func(oid uint32, contained bool)
	inside = func(oid uint32, contained bool) {
		t := s.byOID[oid]
		if t == nil || contained && seen[oid] {
			return
		}
		seen[oid] = contained
		if contained && t.Kind == "d" {
			for i, name := range t.Checks {
				found(catalog.Name{Schema: t.Schema, Name: t.Name}.Column(name), t.CheckExprs[i], t.CheckInvalid[i])
			}
		}
		inside(t.Domain, contained)
		for _, part := range append([]uint32{t.Elem, t.Inner}, t.FieldTypes...) {
			inside(part, true)
		}
	}
	inside(oid, false)
}
