package plan

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/guess"
	"github.com/masker-project/masker/pkg/ruleset"
)

// numberedKeys finds the surrogate key that a column references by its name alone: topic_id is the key of a table, or
// there is a table topics whose key is id. Many databases declare no foreign keys.
type numberedKeys map[string]*columnState

// numberedKeys returns the surrogate keys of all tables that are not about personal data. If several keys have a name,
// the name finds none of them.
func (b *builder) numberedKeys() numberedKeys {
	keys := numberedKeys{}
	for _, t := range b.tables {
		c := b.surrogateOf(t)
		if c == nil {
			continue
		}
		names := tableForms(t.cat.Name.Name)
		if own := strings.ToLower(c.cat.Name); stemOf(own) != "" {
			names = append(names, own)
		}
		for _, name := range names {
			if other, have := keys[name]; have && other != c {
				keys[name] = nil
			} else {
				keys[name] = c
			}
		}
	}
	return keys
}

// surrogateOf returns the only column of a table's primary key, if it is a surrogate key and looks like no personal data.
func (b *builder) surrogateOf(t *tableState) *columnState {
	for _, k := range t.cat.Keys {
		if !k.Primary || len(k.Columns) != 1 {
			continue
		}
		if c := t.column(k.Columns[0]); c != nil && guess.Surrogate(t.cat, c.cat) && !b.maybePersonal(c.at.table, c.cat.Name) {
			return c
		}
	}
	return nil
}

// of returns the key that a column references by its name, or nil. The key has the type of the column, and no rule
// treats it. The name of a number has to say that it is a key.
func (keys numberedKeys) of(c *columnState) *columnState {
	name, f := strings.ToLower(c.cat.Name), c.cat.Type.Family
	stem := stemOf(name)
	if f != catalog.UUID && (f != catalog.Integer || stem == name) {
		return nil
	}
	for _, n := range []string{name, stem} {
		key := keys[n]
		if key != nil && key.at.table != c.at.table && key.cat.Type.Family == f && (key.rule == nil || key.rule.Kind == ruleset.Keep) {
			return key
		}
	}
	return nil
}

// stemOf returns what a name such as topic_id or fk_topic says without its word for a key. It returns "" if it is only
// this word.
func stemOf(name string) string {
	for _, end := range []string{"_id", "_uuid", "_fk", "id"} {
		if rest, ok := strings.CutSuffix(name, end); ok {
			return rest
		}
	}
	for _, start := range []string{"fk_", "id_"} {
		if rest, ok := strings.CutPrefix(name, start); ok {
			return rest
		}
	}
	return name
}

// tableForms returns the names under which columns of other tables reference a table: its name and its singular, each
// with and without the prefix that all tables of an application may have.
func tableForms(table string) []string {
	name := strings.ToLower(table)
	forms := []string{name}
	if _, rest, ok := strings.Cut(name, "_"); ok {
		forms = append(forms, rest)
	}
	for _, f := range slices.Clone(forms) {
		switch {
		case strings.HasSuffix(f, "ies"):
			forms = append(forms, strings.TrimSuffix(f, "ies")+"y")
		case strings.HasSuffix(f, "s"):
			forms = append(forms, strings.TrimSuffix(f, "s"), strings.TrimSuffix(f, "es"))
		}
	}
	return forms
}
