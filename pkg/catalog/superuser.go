package catalog

import (
	"slices"
	"strings"
)

// The kinds of objects that only a superuser can make, besides casts and operator classes. A function can also be in
// this list because of the settings that it changes. The name of an object of these kinds is the kind, followed by the
// name that pg_identify_object prints, without pg_catalog: function public.f(integer), transform for integer on
// language sql.
const (
	KindFunction     ObjectKind = "function"
	KindProcedure    ObjectKind = "procedure"
	KindAggregate    ObjectKind = "aggregate"
	KindLanguage     ObjectKind = "language"
	KindAccessMethod ObjectKind = "access method"
	KindParser       ObjectKind = "text search parser"
	KindTemplate     ObjectKind = "text search template"
	KindTransform    ObjectKind = "transform"

	KindType    ObjectKind = "type"                 // a base type, a range with a canonical function, or a type that is only declared
	KindWrapper ObjectKind = "foreign-data wrapper" // made only if foreign servers are kept
)

// Leavable reports whether rules can leave out objects of the kind. Rules cannot leave out a base type, because
// functions and tables need it. They cannot leave out a wrapper, because the decision on foreign servers already says
// whether wrappers are made.
func (k ObjectKind) Leavable() bool { return k != KindType && k != KindWrapper }

// identified returns the kinds whose name in a rule begins with the kind and goes on as pg_identify_object prints it.
func identified() []ObjectKind {
	return []ObjectKind{
		KindFunction, KindProcedure, KindAggregate, KindLanguage, KindAccessMethod, KindParser, KindTemplate, KindTransform,
	}
}

// identifiedName reads a name that begins with one of these kinds. The words are separated by one blank each.
func identifiedName(s string) (string, bool) {
	for _, kind := range identified() {
		head := string(kind) + " "
		if len(s) > len(head) && strings.EqualFold(s[:len(head)], head) {
			return IdentifiedName(kind, strings.NewReplacer("pg_catalog.", "", ", ", ",", " (", "(", "( ", "(", " )", ")").Replace(s[len(head):])), true
		}
	}
	return "", false
}

// IdentifiedName returns the name of an object that only a superuser can make.
func IdentifiedName(kind ObjectKind, identity string) string { return string(kind) + " " + identity }

// linesOf returns the line of a rule file that leaves out several objects. It skips objects that rules cannot leave
// out.
func linesOf(objects []Object) string {
	var entries []string
	for _, o := range objects {
		if o.Kind.Leavable() && !slices.Contains(entries, o.entry()) {
			entries = append(entries, o.entry())
		}
	}
	return "objects: {leave_out: {" + strings.Join(entries, ", ") + "}}"
}

// Leave returns the line of a rule file that leaves out the objects, with everything that needs one of them. An object
// is not in the line if a table needs it, or something else that rules cannot leave out. For each of these objects, stuck
// has the label of what needs it.
func (d *Database) Leave(objects []Object) (line string, stuck map[string]string) {
	labelled := map[string]Object{}
	for _, o := range d.Objects {
		labelled[o.Label()] = o
	}
	stuck = map[string]string{}
	var all []Object
	for _, o := range objects {
		if !o.Kind.Leavable() {
			continue
		}
		needed, obstacle := withUsers(o, labelled)
		if obstacle != "" {
			stuck[o.Label()] = obstacle
			continue
		}
		all = append(all, needed...)
	}
	if len(all) == 0 {
		return "", stuck
	}
	return linesOf(all), stuck
}

// withUsers returns an object and all objects that need it, directly or not. It also returns the label of a user that
// rules cannot leave out, or "" if there is none.
func withUsers(o Object, labelled map[string]Object) (all []Object, obstacle string) {
	all = []Object{o}
	seen := map[string]bool{o.Label(): true}
	for i := 0; i < len(all); i++ { // the list grows
		for _, label := range all[i].NeededBy {
			user, ok := labelled[label]
			if !ok || !user.Kind.Leavable() {
				return nil, label
			}
			if !seen[label] {
				seen[label] = true
				all = append(all, user)
			}
		}
	}
	return all, ""
}
