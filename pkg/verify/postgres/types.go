package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/catalog"
)

// typeRow is a type as pg_type and related catalogs describe it.
type typeRow struct {
	OID          uint32
	Schema, Name string
	Format       string
	Kind         string // the column typtype of pg_type
	Elem         uint32 // element type of a true array, otherwise 0
	Base         uint32 // base type of a domain, otherwise 0
	Inner        uint32 // subtype of a range, range of a multirange, otherwise 0
	Send         bool   // the type has a binary form
	Extension    string
	FieldNames   []string
	FieldTypes   []uint32
}

// typeSet has the types of all columns, and the types of which these types consist.
type typeSet map[uint32]*typeRow

func readTypes(ctx context.Context, conn *pgx.Conn) (typeSet, error) {
	rows, err := collect[typeRow](ctx, conn, `WITH RECURSIVE used(oid) AS (
			SELECT DISTINCT a.atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
			WHERE a.attnum > 0 AND NOT a.attisdropped AND `+storesRows+`
			UNION
			SELECT p.oid FROM used u JOIN pg_type t ON t.oid = u.oid CROSS JOIN LATERAL (
				SELECT t.typbasetype UNION ALL SELECT t.typelem
				UNION ALL SELECT a.atttypid FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
				UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid
				UNION ALL SELECT r.rngtypid FROM pg_range r WHERE r.rngmultitypid = t.oid) p(oid)
			WHERE p.oid <> 0)
		SELECT t.oid, n.nspname::text, t.typname::text, format_type(t.oid, NULL), t.typtype::text,
			CASE WHEN (SELECT e.typarray FROM pg_type e WHERE e.oid = t.typelem) = t.oid THEN t.typelem ELSE 0::oid END, t.typbasetype,
			COALESCE((SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid), (SELECT r.rngtypid FROM pg_range r WHERE r.rngmultitypid = t.oid), 0::oid),
			t.typsend::oid <> 0,
			COALESCE((SELECT x.extname::text FROM pg_depend m JOIN pg_extension x ON x.oid = m.refobjid WHERE m.classid = 'pg_type'::regclass
				AND m.objid = t.oid AND m.refclassid = 'pg_extension'::regclass AND m.deptype = 'e' LIMIT 1), ''),
			ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
			ARRAY(SELECT a.atttypid FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
		FROM used u JOIN pg_type t ON t.oid = u.oid JOIN pg_namespace n ON n.oid = t.typnamespace`)
	if err != nil {
		return nil, err
	}
	set := make(typeSet, len(rows))
	for i := range rows {
		set[rows[i].OID] = &rows[i]
	}
	return set, nil
}

// resolve describes a type by what a reader of its values needs: its family, its parts, and whether it has a binary
// form.
func (s typeSet) resolve(oid uint32, format string) catalog.Type {
	typ := catalog.Type{OID: oid, Name: format, Binary: true}
	t := s[oid]
	for t != nil && t.Kind == "d" {
		if typ.Domain == "" {
			typ.Domain = t.Format
		}
		typ.Binary = typ.Binary && t.Send
		t = s[t.Base]
	}
	if t == nil { // readTypes follows every reference, so this cannot happen
		typ.Family, typ.Binary = catalog.Other, false
		return typ
	}
	typ.Base, typ.BaseOID, typ.Family = t.Name, t.OID, t.family()
	typ.Binary = typ.Binary && t.Send
	part := t.Inner
	if typ.Family == catalog.Array {
		part = t.Elem
	}
	if p := s[part]; p != nil {
		elem := s.resolve(part, p.Format)
		typ.Elem, typ.Binary = &elem, typ.Binary && elem.Binary
	}
	for i, name := range t.FieldNames {
		f := s[t.FieldTypes[i]]
		if f == nil {
			continue
		}
		field := catalog.Field{Name: name, Type: s.resolve(f.OID, f.Format)}
		typ.Fields, typ.Binary = append(typ.Fields, field), typ.Binary && field.Type.Binary
	}
	return typ
}

func (t *typeRow) family() catalog.Family {
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
	if f, ok := families[t.Name]; ok {
		return f
	}
	return catalog.Other
}

// families has the families of PostgreSQL's own types. A type that is not in the map has the family Other.
var families = map[string]catalog.Family{
	"text": catalog.Text, "varchar": catalog.Text, "bpchar": catalog.Text, "name": catalog.Text,
	"int2": catalog.Integer, "int4": catalog.Integer, "int8": catalog.Integer,
	"numeric": catalog.Numeric, "money": catalog.Money, "float4": catalog.Float, "float8": catalog.Float, "bool": catalog.Boolean,
	"uuid": catalog.UUID, "bytea": catalog.Bytes, "json": catalog.JSON, "jsonb": catalog.JSON, "xml": catalog.XML,
	"date": catalog.Date, "timestamp": catalog.Timestamp, "timestamptz": catalog.TimestampTZ,
	"time": catalog.Time, "timetz": catalog.Time, "interval": catalog.Interval,
	"inet": catalog.Inet, "cidr": catalog.Inet, "macaddr": catalog.MAC, "macaddr8": catalog.MAC,
	"bit": catalog.Bits, "varbit": catalog.Bits, "tsvector": catalog.TSVector,
	"point": catalog.Geometric, "line": catalog.Geometric, "lseg": catalog.Geometric, "box": catalog.Geometric,
	"path": catalog.Geometric, "polygon": catalog.Geometric, "circle": catalog.Geometric,
}
