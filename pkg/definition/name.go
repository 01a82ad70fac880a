package definition

import (
	"strings"

	"github.com/masker-project/masker/pkg/sqltext"
)

// name reads a name, and finds out whether it is a word of the language, a function, a relation, a type or a column.
func (w *walker) name() {
	if t := w.at(0); t.Kind == sqltext.Word && !w.at(1).Is(".") && w.keyword(t.Value) {
		return
	}
	from := w.i
	before := w.at(-1)
	parts := w.path()
	if w.at(0).Is(".") && w.at(1).Kind == sqltext.Operator { // an operator with its schema, as public.<, or all columns, as t.*
		w.i++
		if w.at(0).Value == "*" {
			w.i++
		}
		return
	}
	top := w.top()
	alias := top.relations && top.expect == none && (before.Is(")") && from != w.operator || before.Is("ordinality"))
	switch {
	case top.expect == writing || top.expect == reading && !w.at(0).Is("("):
		w.readRelation(parts, top.expect)
		top.expect = none
	case w.at(0).Is("(") && (alias || before.Is("references")):
	case w.at(0).Is("("):
		top.expect = none
		w.call(parts)
	case w.program && w.at(0).Kind == sqltext.String && !(parts[0].Kind == sqltext.Word && beforeStrings[parts[0].Value]):
		w.i = from
		w.typeName()
	default:
		w.mention(parts)
	}
}

// beforeStrings are words that may come before a string and are not types.
var beforeStrings = words(`notice exception warning info log debug escape uescape zone precision varying like ilike similar return next
	query if elsif while perform raise assert by between values set sqlstate`)

// mention notes the type or function that a name may mean. The name is neither called nor a relation. The last part of
// the name may be a function: PostgreSQL reads x.f as f(x) if x has no field f.
func (w *walker) mention(parts []token) {
	if n := (node{ofType, last(parts)}); len(w.s.provided[n]) > 0 {
		w.d.use(n, "uses type")
	}
	computed := w.program && len(parts) > 1 && w.d.arguments[parts[0].Value]
	for i := 1; i < len(parts); i++ {
		ofSchema := i == 1 && w.s.schemas[parts[0].Value] && w.s.names[parts[1].Value]
		w.field(parts[i].Value, ofSchema, computed)
	}
}

// field judges a name after a dot. It must be the name of a column or field. After the name of a schema, it must be the
// name of an object. PostgreSQL reads x.f as f(x) if x has no field f. If x is computed, masker does not know the type
// of x. Then f may be a function of an unknown extension.
func (w *walker) field(name string, ofSchema, computed bool) {
	if n := (node{function, name}); len(w.s.provided[n]) > 0 {
		w.d.use(n, "calls")
	}
	known := numbered(name) || w.s.columns[name] || w.local[name] || types[name] || ofSchema
	if !w.s.functions[name] && (!known || refusedField(name) || computed && w.s.strangers) {
		w.refuse("reads the field " + visible([]token{{Kind: sqltext.Quoted, Value: name}}) + ", which may be a function that masker does not know")
	}
}

// numbered reports whether PostgreSQL gives this name to a column of ROW or VALUES, such as f1 or column1.
func numbered(name string) bool {
	digits := strings.TrimPrefix(strings.TrimPrefix(name, "column"), "f")
	return len(digits) < len(name) && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// call notes the function that a call uses, or the reason why the call is reaching.
func (w *walker) call(parts []token) {
	name := last(parts)
	ours := node{function, name}
	known := len(w.s.provided[ours]) > 0
	catalog := len(parts) > 1 && parts[0].Value == "pg_catalog"
	if known && !catalog {
		w.d.use(ours, "calls")
	}
	asType := node{ofType, name}
	if !catalog && len(w.s.provided[asType]) > 0 {
		w.d.use(asType, "uses type")
		known = true
	}
	switch {
	case len(parts) == 1 && (known || w.s.functions[name]):
	case catalog && len(parts) == 2 && w.s.functions[name] && !(w.s.fromOther[name] && !reviewed[name]):
	case !catalog && len(parts) == 2 && (known || w.s.fromOther[name]):
	default:
		w.refuse("calls " + visible(parts) + ", which is not a function that masker knows")
	}
}

func (w *walker) readRelation(parts []token, access nodeKind) {
	name := last(parts)
	if len(parts) == 1 && w.knowsQuery(name) {
		return
	}
	n := node{access, name}
	system := len(parts) == 1 && strings.HasPrefix(name, "pg_") || len(parts) > 1 && (parts[0].Value == "pg_catalog" || parts[0].Value == "information_schema")
	if len(parts) > 2 || system || len(w.s.provided[n]) == 0 {
		w.refuse("reads " + visible(parts) + ", which is not a table that masker knows")
		return
	}
	w.d.use(n, map[nodeKind]string{reading: "reads", writing: "writes to"}[access])
	if w.d.kind == "VIEW" {
		w.s.links[node{writing, name}] = append(w.s.links[node{writing, name}], node{writing, w.d.tag})
	}
}

// typeName reads the name of a type, after :: or CAST(… AS. Its modifiers are read like an expression.
func (w *walker) typeName() {
	w.skip("setof")
	parts := w.path()
	name := last(parts)
	switch {
	case w.at(0).Is("%"): // the type of a column or of a row
		return
	case len(parts) == 0:
		w.refuse("has SQL that cannot be read")
		return
	case parts[0].Kind == sqltext.Word && len(parts) == 1:
		for w.at(0).Is("precision", "varying", "without", "with", "zone", "year", "month", "day", "hour", "minute", "second", "to") || w.at(0).Is("time") && w.at(1).Is("zone") {
			w.i++
		}
	}
	n := node{ofType, name}
	if len(w.s.provided[n]) > 0 && parts[0].Value != "pg_catalog" {
		w.d.use(n, "uses type")
		return
	}
	if !types[name] && !extensionTypes[name] || len(parts) > 2 || len(parts) == 2 && parts[0].Value != "pg_catalog" && !extensionTypes[name] {
		before := w.d.part
		w.d.part = max(before, never) // no entry makes the type, so an extension does
		w.refuse("uses type " + visible(parts) + ", which masker does not know")
		w.d.part = before
	}
}

// types are types of pg_catalog whose input functions only read the text of a value, or look up a name.
var types = words(`bit bool boolean box bpchar bytea char character cid cidr circle date datemultirange daterange dec decimal double
		float float4 float8 inet int int2 int2vector int4 int4multirange int4range int8 int8multirange int8range integer bigint
		smallint interval json jsonb jsonpath line lseg macaddr macaddr8 money name national nchar numeric nummultirange numrange
		oid oidvector path pg_lsn pg_snapshot point polygon real record refcursor regclass regcollation regconfig regdictionary
		regnamespace regoper regoperator regproc regprocedure regrole regtype text tid time timestamp timestamptz timetz trigger
		tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot unknown uuid varbit varchar void xid xid8 xml
		anyelement anyarray anycompatible anycompatiblearray anyenum anyrange cstring internal`)

// extensionTypes are the types of the trusted extensions.
var extensionTypes = words("citext hstore ltree lquery ltxtquery cube earth seg ean13 isbn isbn13 ismn ismn13 issn issn13 upc query_int")
