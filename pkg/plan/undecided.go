package plan

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

// Undecided is the error for columns and kinds of objects without a decision. It lists all of them, and
// holds edits to the rule files that propose a decision for each.
type Undecided struct {
	Columns []Missing
	Objects []MissingObjects
	Edits   []Edit
}

// Missing is a column without a decision.
type Missing struct {
	Table  catalog.Name
	Column string
	Type   string
	Rule   string // a rule that fits the column, as YAML. "" if the column will follow another column as soon as the other column has a rule
}

// MissingObjects is a kind of objects without a decision, and the names of the objects.
type MissingObjects struct {
	Kind  string
	Names []string
}

// Edit inserts Text into a rule file. If Col is 0, Text consists of whole lines that are inserted below Line.
// Otherwise Text is inserted before character Col of Line, counted from 1. Text may hold line breaks.
type Edit struct {
	File  string
	Line  int
	Col   int
	Text  string
	Under string // the part of the rules that the text belongs to: "public.customers, columns"
	Was   string // the line before the edit, if Col is set
}

// Error lists what is undecided. Snippet returns the lines to paste.
func (u *Undecided) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; nothing was read", u.count())
	for _, m := range u.Columns {
		fmt.Fprintf(&b, "\n  %s (%s)", visible.Text(cell{m.Table, m.Column}.String()), visible.Text(m.Type))
	}
	for _, o := range u.Objects {
		fmt.Fprintf(&b, "\n  objects.%s: %s", o.Kind, visible.Text(shortList(o.Names)))
	}
	return b.String()
}

func (u *Undecided) count() string {
	var parts []string
	if n := len(u.Columns); n > 0 {
		parts = append(parts, spell.Count(n, "column"))
	}
	if n := len(u.Objects); n > 0 {
		parts = append(parts, spell.Count(n, "kind")+" of objects")
	}
	verb := " have no decision"
	if len(u.Columns)+len(u.Objects) == 1 {
		verb = " has no decision"
	}
	return strings.Join(parts, " and ") + verb
}

// shortList joins the first few names, and says how many more there are.
func shortList(names []string) string {
	const few = 5
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:few], ", ") + fmt.Sprintf(" and %d more", len(names)-few)
}

// Snippet returns the edits as a text that a person can paste. The text consists of whole lines. A comment above each
// group of lines says where to paste them.
func (u *Undecided) Snippet() string {
	var b strings.Builder
	for i := 0; i < len(u.Edits); i++ {
		e := u.Edits[i]
		if e.Col == 0 {
			fmt.Fprintf(&b, "# %s, below line %d (%s):\n%s", visible.Text(e.File), e.Line, visible.Text(e.Under), e.Text)
			continue
		}
		last := i
		for last+1 < len(u.Edits) && u.Edits[last+1].File == e.File && u.Edits[last+1].Line == e.Line && u.Edits[last+1].Col > 0 {
			last++
		}
		fmt.Fprintf(&b, "# %s, line %d becomes (%s):\n%s\n", visible.Text(e.File), e.Line, visible.Text(e.Under), insertAll(e.Was, u.Edits[i:last+1]))
		i = last
	}
	return b.String()
}

// Apply makes the edits to the text of one file and returns the new text. Afterwards every column has a
// decision. A reviewer must still look at each.
func (u *Undecided) Apply(file string, src []byte) []byte {
	lines := strings.Split(strings.TrimSuffix(string(src), "\n"), "\n")
	below := map[int]string{}
	within := map[int][]Edit{}
	for _, e := range u.Edits {
		switch {
		case e.File != file:
		case e.Col == 0:
			below[e.Line] += e.Text
		default:
			within[e.Line] = append(within[e.Line], e)
		}
	}
	var b strings.Builder
	for i, line := range lines {
		b.WriteString(insertAll(line, within[i+1]))
		b.WriteByte('\n')
		b.WriteString(below[i+1])
	}
	return []byte(b.String())
}

// insertAll makes all edits of one line. It starts with the last edit of the line, so that Col of the other edits
// stays correct.
func insertAll(line string, edits []Edit) string {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return b.Col - a.Col })
	rs := []rune(line)
	for _, e := range edits {
		at := min(e.Col-1, len(rs))
		rs = slices.Concat(rs[:at], []rune(e.Text), rs[at:])
	}
	return string(rs)
}

// undecided returns everything without a decision, or nil if everything is decided.
func (b *builder) undecided() *Undecided {
	u := &Undecided{}
	var missing []*columnState
	for _, t := range b.tables {
		if t.skip != "" {
			continue
		}
		for _, c := range t.columns {
			if !c.decided() {
				missing = append(missing, c)
				u.Columns = append(u.Columns, Missing{Table: c.at.table, Column: c.cat.Name, Type: c.cat.Type.Name})
			}
		}
	}
	have := Present(b.db)
	for _, kind := range b.missingObjects() {
		u.Objects = append(u.Objects, MissingObjects{kind, have[kind]})
	}
	if len(u.Columns)+len(u.Objects) == 0 {
		return nil
	}
	problems, findings := len(b.problems), len(b.findings)
	proposals := b.suggest(missing)
	b.fitTogether(proposals)
	rules := make(map[*columnState]string, len(proposals))
	for _, p := range proposals {
		rules[p.c] = ruleText(p.rule)
	}
	for i, c := range missing {
		u.Columns[i].Rule = rules[c]
	}
	u.Edits = b.edits(proposals, u.Objects)
	b.problems, b.findings = b.problems[:problems], b.findings[:findings] // remove what trying candidates added
	return u
}

// proposal is a decision for the snippet: a rule for column c, and a YAML comment for the reviewer.
type proposal struct {
	c       *columnState
	rule    ruleset.Rule
	comment string
	others  []candidate // the candidates that come after the rule
}

// edits turns proposals into edits at the right positions of the rule files.
func (b *builder) edits(ps []proposal, objects []MissingObjects) []Edit {
	var out []Edit
	var newTables strings.Builder
	at, head := b.addTable()
	for len(ps) > 0 {
		t := b.byName[ps[0].c.at.table]
		n := slices.IndexFunc(ps, func(p proposal) bool { return p.c.at.table != t.cat.Name })
		if n < 0 {
			n = len(ps)
		}
		if t.rules != nil {
			out = append(out, b.tableEdit(t.rules, ps[:n]))
		} else {
			newTables.WriteString(tableText(at, t.cat.Name, ps[:n]))
		}
		ps = ps[n:]
	}
	if newTables.Len() > 0 {
		out = append(out, b.edit(at, head+newTables.String(), "tables"))
	}
	if len(objects) > 0 {
		out = append(out, b.objectsEdit(objects))
	}
	slices.SortStableFunc(out, func(x, y Edit) int {
		return ruleset.Pos{File: x.File, Line: x.Line, Col: x.Col}.Compare(ruleset.Pos{File: y.File, Line: y.Line, Col: y.Col})
	})
	wrap(out)
	return out
}

// wrap adds line breaks to edits inside a line, if the line would become longer than ruleset.Width. The parser of
// rule files refuses very long lines. wrap does not break text that is already in the file. The edits must be sorted.
func wrap(edits []Edit) {
	var last *Edit // the edit before this one
	col := 0       // the column at which the text before the edit ends, after the edits so far
	for i := range edits {
		e := &edits[i]
		if e.Col == 0 {
			continue
		}
		was := []rune(e.Was)
		from := 0
		if last != nil && last.File == e.File && last.Line == e.Line {
			from = last.Col - 1
		} else {
			col = 0
		}
		col += e.Col - 1 - from
		to := len(was)
		if i+1 < len(edits) && edits[i+1].File == e.File && edits[i+1].Line == e.Line {
			to = edits[i+1].Col - 1
		}
		next := "\n" + e.Was[:len(e.Was)-len(strings.TrimLeft(e.Was, " \t"))] + "    "
		e.Text, col = ruleset.Wrap(e.Text, col, next)
		if col+to-(e.Col-1) > ruleset.Width && strings.HasSuffix(e.Text, ", ") {
			e.Text, col = strings.TrimSuffix(e.Text, " ")+next, utf8.RuneCountInString(next)-1
		}
		last = e
	}
}

func (b *builder) edit(p ruleset.Insertion, text, under string) Edit {
	e := Edit{File: p.File, Line: p.Line, Col: p.Col, Text: text, Under: under}
	if p.Col > 0 {
		e.Was = b.set.Line(p.File, p.Line)
		if p.Empty {
			e.Text = strings.TrimSuffix(e.Text, ", ")
		}
	}
	return e
}

// addTable returns the position for the rules of a new table. If no file has tables yet, head is the line to write
// before these rules.
func (b *builder) addTable() (at ruleset.Insertion, head string) {
	if b.set.AddTable != nil {
		return *b.set.AddTable, ""
	}
	return b.end(), "tables:\n"
}

// end returns the position after the last line with text of the first rule file.
func (b *builder) end() ruleset.Insertion {
	file := b.set.Files[0].Name
	last := 1
	for line := 1; line <= b.set.Lines(file); line++ {
		if strings.TrimSpace(b.set.Line(file, line)) != "" {
			last = line
		}
	}
	return ruleset.Insertion{File: file, Line: last, Indent: 2}
}

func tableText(p ruleset.Insertion, name catalog.Name, ps []proposal) string {
	if p.Col > 0 {
		return fmt.Sprintf("%s: {columns: {%s}}, ", ruleset.YAMLText(name.String()), strings.TrimSuffix(flowText(ps), ", "))
	}
	pad := strings.Repeat(" ", p.Indent)
	key := ruleset.YAMLText(name.String())
	return pad + key + ":\n" + pad + "  columns:\n" + blockText(p.Indent+4, ps)
}

func blockText(indent int, ps []proposal) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(ruleset.Entry(indent, ruleset.YAMLKey(p.c.cat.Name), ruleText(p.rule), p.comment))
	}
	return b.String()
}

func flowText(ps []proposal) string {
	var b strings.Builder
	for _, p := range ps {
		fmt.Fprintf(&b, "%s: %s, ", ruleset.YAMLKey(p.c.cat.Name), ruleText(p.rule))
	}
	return b.String()
}

// tableEdit adds columns to a table that has rules already.
func (b *builder) tableEdit(rt *ruleset.Table, ps []proposal) Edit {
	under := rt.Name.String() + ", columns"
	if p := rt.AddColumn; p != nil {
		if p.Col > 0 {
			return b.edit(*p, flowText(ps), under)
		}
		return b.edit(*p, blockText(p.Indent, ps), under)
	}
	p := rt.AddKey
	if p.Col > 0 {
		return b.edit(p, "columns: {"+strings.TrimSuffix(flowText(ps), ", ")+"}, ", under)
	}
	return b.edit(p, strings.Repeat(" ", p.Indent)+"columns:\n"+blockText(p.Indent+2, ps), under)
}

// objectsEdit proposes to drop every undecided kind of objects.
func (b *builder) objectsEdit(objects []MissingObjects) Edit {
	at, head := b.end(), "objects:\n"
	if b.set.AddObject != nil {
		at, head = *b.set.AddObject, ""
	}
	text := head
	for _, o := range objects {
		if at.Col > 0 {
			text += o.Kind + ": drop, "
			continue
		}
		text += ruleset.Entry(at.Indent, o.Kind, "drop", "REVIEW: "+shortList(o.Names))
	}
	return b.edit(at, text, "objects")
}
