package ruleset

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
)

// VirtualKey is a reference that the schema does not declare.
type VirtualKey struct {
	Pos  Pos
	From Ref
	Path string   // the path of the value inside From's column, or "" if the column itself is the reference
	By   *Ident   // the type column of From's table, which chooses one entry of To for each row; nil if the key has none
	To   []Target // in the order of the file
	Else *Rule    // the rule for rows whose By names none of To, or nil
}

// Ref names columns of one table.
type Ref struct {
	Table   catalog.Name
	Columns []Ident
	Pos     Pos
}

// Target is what a virtual key references for rows whose By column holds Value.
type Target struct {
	Value string // "" if the virtual key has no By
	Ref
}

func virtualKeys() []string { return []string{"from", "to", "by", "else"} }

func (m *merger) readVirtualKeys(r *reader, p pair) {
	for _, n := range r.list(p.value, "virtual_keys") {
		before := len(*r.problems)
		k := r.virtualKey(n)
		if len(*r.problems) == before {
			m.set.Virtual = append(m.set.Virtual, k)
		}
	}
}

func (r *reader) virtualKey(n ast.Node) *VirtualKey {
	k := &VirtualKey{Pos: r.pos(n)}
	for _, e := range r.pairs(n, "a virtual key") {
		switch e.key {
		case "from":
			k.From, k.Path = r.ref(e.value, "from")
		case "to":
			k.To = r.targets(e.value)
		case "by":
			if id, ok := r.ident(e.value, "by"); ok {
				k.By = &id
			}
		case "else":
			if rule, ok := r.rule(e, false); ok {
				k.Else = &rule
			}
		default:
			r.fail(e.pos, "unknown key %q of a virtual key%s", e.key, spell.Mean(e.key, virtualKeys()))
		}
	}
	r.checkKey(k)
	return k
}

// checkKey checks that the parts of a virtual key fit together.
func (r *reader) checkKey(k *VirtualKey) {
	if len(k.From.Columns) == 0 || len(k.To) == 0 {
		r.fail(k.Pos, "a virtual key needs from and to: {from: public.events.user_id, to: public.users.id}")
		return
	}
	byValue := k.To[0].Value != ""
	switch {
	case byValue && k.By == nil:
		r.fail(k.To[0].Pos, "a virtual key with several targets needs `by: column`, the column that holds %q", k.To[0].Value)
	case !byValue && k.By != nil:
		r.fail(k.By.Pos, "by chooses between targets: to: {User: public.users.id, Company: public.companies.id}")
	case byValue && k.Path != "":
		r.fail(k.By.Pos, "by cannot choose the target of a reference inside a document")
	case !byValue && k.Else != nil:
		r.fail(k.Else.Pos, "else is for rows whose type column names none of the targets, and there is no by; remove else")
	case k.Path != "" && len(k.From.Columns) > 1:
		r.fail(k.From.Pos, "a reference inside a document has one column")
	}
	for _, t := range k.To {
		if len(t.Columns) != len(k.From.Columns) {
			r.fail(t.Pos, "from names %d columns and to %d", len(k.From.Columns), len(t.Columns))
		}
	}
}

func (r *reader) targets(n ast.Node) []Target {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		ref, path := r.ref(n, "to")
		if path != "" {
			r.fail(ref.Pos, "a reference ends at a column, not inside a document")
		}
		return []Target{{Ref: ref}}
	}
	var out []Target
	for _, p := range r.pairs(n, "to") {
		ref, path := r.ref(p.value, "to")
		if path != "" {
			r.fail(ref.Pos, "a reference ends at a column, not inside a document")
		}
		if p.key == "" {
			r.fail(p.pos, "the type column's value is empty")
		}
		out = append(out, Target{p.key, ref})
	}
	return out
}

// ref reads schema.table.column, a list of them, or schema.table.column "$.path".
func (r *reader) ref(n ast.Node, what string) (Ref, string) {
	ref := Ref{Pos: r.pos(n)}
	list, several := n.(*ast.SequenceNode)
	if !several {
		id, table, path, ok := r.refText(n, what)
		if ok {
			ref.Table, ref.Columns = table, []Ident{id}
		}
		return ref, path
	}
	for _, e := range list.Values {
		id, table, path, ok := r.refText(e, what)
		switch {
		case !ok:
			return Ref{Pos: ref.Pos}, ""
		case path != "":
			r.fail(id.Pos, "a reference inside a document has one column")
		case len(ref.Columns) > 0 && table != ref.Table:
			r.fail(id.Pos, "all columns of a key belong to one table; %s is not %s", table, ref.Table)
		}
		ref.Table, ref.Columns = table, append(ref.Columns, id)
	}
	return ref, ""
}

func (r *reader) refText(n ast.Node, what string) (id Ident, table catalog.Name, path string, ok bool) {
	text, ok := r.text(n, what)
	if !ok {
		return id, table, "", false
	}
	name, path := splitPath(text)
	parts, err := catalog.ParseIdents(name)
	if err != nil || len(parts) != 3 {
		r.fail(r.pos(n), "%s is schema.table.column, quoted as SQL would: public.users.id", what)
		return id, table, "", false
	}
	if path != "" && !strings.HasPrefix(path, "$") {
		r.fail(r.pos(n), `a path into a document begins with $: %s "$.user.id"`, name)
		return id, table, "", false
	}
	id = Ident{Name: parts[2], Pos: r.pos(n), Text: text}
	return id, catalog.Name{Schema: parts[0], Name: parts[1]}, path, true
}

// splitPath splits a reference at the first space outside quotes. It removes quotes around the path.
func splitPath(s string) (name, path string) {
	s = strings.TrimSpace(s)
	quoted := false
	for i, c := range s {
		if c == '"' {
			quoted = !quoted
		}
		if c != ' ' || quoted {
			continue
		}
		path = strings.TrimSpace(s[i:])
		if len(path) > 1 && path[0] == '"' && path[len(path)-1] == '"' {
			path = path[1 : len(path)-1]
		}
		return s[:i], path
	}
	return s, ""
}
