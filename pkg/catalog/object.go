package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// ObjectKind is a kind of object that rules can leave out of the target.
type ObjectKind string

// The kinds. All but the last three are named schema.name or schema.table.name.
const (
	KindIndex          ObjectKind = "index"
	KindCheck          ObjectKind = "check"
	KindDomainCheck    ObjectKind = "domain check"
	KindPrimaryKey     ObjectKind = "primary key"
	KindUnique         ObjectKind = "unique constraint"
	KindExclusion      ObjectKind = "exclusion constraint"
	KindForeignKey     ObjectKind = "foreign key"
	KindTrigger        ObjectKind = "trigger"
	KindMatView        ObjectKind = "materialized view"
	KindStatistics     ObjectKind = "statistics object"
	KindCast           ObjectKind = "cast"
	KindOperatorFamily ObjectKind = "operator family"
	KindOperatorClass  ObjectKind = "operator class"
)

// Object is an object that rules can leave out of the target. It is never part of the shape.
type Object struct {
	Kind     ObjectKind
	Name     string // as rules write it: public.t.t_check, cast (character varying as jsonb)
	Own      string // its name without schema and table; "" for casts, operator families, operator classes and objects that only a superuser can make
	Table    *Name  // table of an index, a constraint or a trigger; the domain of a domain's CHECK; nil for others
	Class    uint32 // OID of the catalog that its row is in
	OID      uint32 // OID of that row in the source
	Of       string // label of the object that this one is a part of or is inherited from, "" if there is none
	Local    bool   // an inherited CHECK that its table declares too, so that it stays without the parent's
	Reads    []ColumnName
	NeededBy []string // labels of the objects that cannot be made without it

	Superuser bool     // only a superuser can make it
	Sets      []string // settings that a function changes
}

// Label returns the kind and the name. For an object without a kind, it returns only the name.
func (o Object) Label() string {
	if o.Kind == "" || strings.HasPrefix(o.Name, string(o.Kind)+" ") {
		return o.Name
	}
	return string(o.Kind) + " " + o.Name
}

// Line returns the line of a rule file that leaves the object out.
func (o Object) Line() string {
	return "objects: {leave_out: {" + o.entry() + "}}"
}

func (o Object) entry() string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(o.Name) + `": "the reason"`
}

// Protects reports whether the database uses objects of this kind to check or to change new rows. If rules leave out
// such an object, the target does not check or change its new rows.
func (k ObjectKind) Protects() bool {
	switch k {
	case KindCheck, KindDomainCheck, KindPrimaryKey, KindUnique, KindExclusion, KindForeignKey, KindTrigger:
		return true
	}
	return false
}

// Named returns the objects with that name. More than one is possible: a table can have a constraint and a trigger of
// one name.
func (d *Database) Named(name string) []Object {
	var out []Object
	for _, o := range d.Objects {
		if o.Name == name {
			out = append(out, o)
		}
	}
	return out
}

// WithParts returns the objects with these names, and all objects that do not exist without them, such as the indexes
// and triggers of partitions, inherited constraints, and the index of a constraint.
func (d *Database) WithParts(names []string) []Object {
	gone := map[string]bool{}
	var out []Object
	add := func(o Object) {
		if !gone[o.Label()] {
			gone[o.Label()] = true
			out = append(out, o)
		}
	}
	for _, o := range d.Objects {
		if slices.Contains(names, o.Name) {
			add(o)
		}
	}
	for before := -1; before != len(out); {
		before = len(out)
		for _, o := range d.Objects {
			if gone[o.Of] && !o.Local {
				add(o)
			}
		}
	}
	return out
}

// ParseObjectName reads the name of an object as a rule writes it, and returns it in the form of Object.Name.
func ParseObjectName(s string) (string, error) {
	s = strings.TrimSpace(s)
	words := strings.Fields(s)
	lower := strings.ToLower(strings.Join(words, " "))
	switch {
	case strings.HasPrefix(lower, "cast"):
		if name, ok := castName(strings.Join(words, " ")); ok {
			return name, nil
		}
	case strings.HasPrefix(lower, string(KindOperatorFamily)+" "), strings.HasPrefix(lower, string(KindOperatorClass)+" "):
		if len(words) == 5 && strings.EqualFold(words[3], "using") {
			name, err := ParseName(words[2])
			method, methodErr := ParseIdents(words[4])
			if err == nil && methodErr == nil && len(method) == 1 {
				return OperatorName(ObjectKind(strings.ToLower(words[0]+" "+words[1])), name, method[0]), nil
			}
		}
		return "", fmt.Errorf("%q: want operator class schema.name using method", s)
	}
	if name, ok := identifiedName(strings.Join(words, " ")); ok {
		return name, nil
	}
	parts, err := ParseIdents(s)
	if err != nil {
		return "", err
	}
	if len(parts) != 2 && len(parts) != 3 {
		return "", fmt.Errorf("%q: want schema.name, schema.table.name or cast (type as type)", s)
	}
	for i, p := range parts {
		parts[i] = Quote(p)
	}
	return strings.Join(parts, "."), nil
}

// castName reads "cast (type as type)". The words are separated by one blank each.
func castName(s string) (string, bool) {
	rest := strings.TrimSpace(s[len("cast"):])
	inner, open := strings.CutPrefix(rest, "(")
	inner, closed := strings.CutSuffix(inner, ")")
	at := strings.Index(strings.ToLower(inner), " as ")
	if !open || !closed || at < 0 {
		return "", false
	}
	return CastName(strings.TrimSpace(inner[:at]), strings.TrimSpace(inner[at+len(" as "):])), true
}

// CastName returns the name of a cast. The types are as format_type prints them.
func CastName(from, to string) string { return "cast (" + from + " as " + to + ")" }

// OperatorName returns the name of an operator family or an operator class.
func OperatorName(kind ObjectKind, name Name, method string) string {
	return string(kind) + " " + name.String() + " using " + Quote(method)
}
