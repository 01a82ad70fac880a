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

// Undecided is everything nobody decided on, and the edits to the rule files that would decide it
// until a reviewer looks.
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
}

// MissingObjects is a kind of objects without a decision, and the ones there are.
type MissingObjects struct {
	Kind  string
	Names []string
}

// Edit inserts text into a rule file. Col 0 means whole lines below Line, else Text, which may be
// several lines, goes before that column (in characters, from 1) of Line.
type Edit struct {
	File  string
	Line  int
	Col   int
	Text  string
	Under string // what the text belongs to: "public.customers, columns"
	Was   string // the line as it is, where Col is set
}

// Error lists what is undecided; Snippet says what to paste.
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

// shortList names the first few.
func shortList(names []string) string {
	const few = 5
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:few], ", ") + fmt.Sprintf(" and %d more", len(names)-few)
}

// Snippet is what to paste where, for people: whole lines, each group under the place it belongs to.
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

// Apply makes the edits to one file's text. The result decides everything, with reasons a reviewer
// must still look at.
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

// insertAll inserts edits of one line, from the right so that columns stay true.
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

// undecided gathers what has no decision; nil where all is decided.
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
				u.Columns = append(u.Columns, Missing{c.at.table, c.cat.Name, c.cat.Type.Name})
			}
		}
	}
	have := b.present()
	for _, kind := range b.missingObjects() {
		u.Objects = append(u.Objects, MissingObjects{kind, have[kind]})
	}
	if len(u.Columns)+len(u.Objects) == 0 {
		return nil
	}
	problems, findings := len(b.problems), len(b.findings)
	u.Edits = b.edits(b.suggest(missing), u.Objects)
	b.problems, b.findings = b.problems[:problems], b.findings[:findings] // what trying candidates added
	return u
}

// proposal is a decision for the snippet: c's rule as YAML text, and what a reviewer should know.
type proposal struct {
	c    *columnState
	rule string
	note string
}

// edits turns proposals into text at the right places of the rule files.
func (b *builder) edits(ps []proposal, objects []MissingObjects) []Edit {
	var out []Edit
	newTables := ""
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
			newTables += tableText(at, t.cat.Name, ps[:n])
		}
		ps = ps[n:]
	}
	if newTables != "" {
		out = append(out, b.edit(at, head+newTables, "tables"))
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

// wrap breaks what goes into a line into several, where the line would grow too long to read, or for the
// reader of rule files. What is there already is left as it is. The edits are in order.
func wrap(edits []Edit) {
	var last *Edit // on the same line
	col := 0       // where the text before the edit ends, as the line becomes
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

// addTable is where a new table goes, and what must stand before it where no file has tables yet.
func (b *builder) addTable() (ruleset.Insertion, string) {
	if b.set.AddTable != nil {
		return *b.set.AddTable, ""
	}
	return b.end(), "tables:\n"
}

// end is the end of the first rule file.
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
		b.WriteString(ruleset.Entry(indent, ruleset.YAMLKey(p.c.cat.Name), p.rule, p.note))
	}
	return b.String()
}

func flowText(ps []proposal) string {
	var b strings.Builder
	for _, p := range ps {
		fmt.Fprintf(&b, "%s: %s, ", ruleset.YAMLKey(p.c.cat.Name), p.rule)
	}
	return b.String()
}

// tableEdit adds columns to a table that has rules.
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

// objectsEdit proposes to drop what is undecided: nothing of it arrives.
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
