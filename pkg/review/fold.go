package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
)

const (
	foldOnTable = 3  // the most findings of one kind on one table that are shown one by one
	foldOfKind  = 10 // the most lines for findings of one kind
	foldNames   = 3  // names that a folded finding lists
)

// foldedNote follows a list that is folded.
const foldedNote = "--format json shows each of these findings"

// kind holds what the findings that are folded into one have in common.
type kind struct {
	code, flow string
	level      Level
	waiver     Waiver // the waiver without its position
}

func kindOf(f Finding) kind {
	k := kind{code: f.Code, flow: f.Flow, level: f.Level}
	if f.Waiver != nil {
		k.waiver = Waiver{Owner: f.Waiver.Owner, Why: f.Waiver.Why, Until: f.Waiver.Until}
	}
	return k
}

// Fold shortens a list of findings for people. Many findings of one kind on one table become one finding. Findings of
// one kind on many tables become one finding too. The text of such a finding has the number of findings, the names of
// the first tables or columns, and the text of the first finding. The other findings keep their order. Programs get the
// whole list, as JSON or SARIF.
func Fold(fs []Finding) []Finding {
	list := folding{fs: slices.Clone(fs), gone: make([]bool, len(fs))}
	kinds := map[kind][]int{}
	for i, f := range fs {
		kinds[kindOf(f)] = append(kinds[kindOf(f)], i)
	}
	for _, all := range kinds {
		list.kind(all)
	}
	var out []Finding
	for i, f := range list.fs {
		if !list.gone[i] {
			out = append(out, f)
		}
	}
	return out
}

// folding is a list of findings. If gone is true for an index, the finding at this index is left out.
type folding struct {
	fs   []Finding
	gone []bool
}

// kind folds the findings of one kind. The argument all lists the indexes of these findings.
func (l *folding) kind(all []int) {
	tables := map[catalog.Name][]int{}
	for _, i := range all {
		name := tableOfFinding(l.fs[i])
		tables[name] = append(tables[name], i)
	}
	lines := 0
	for _, some := range tables {
		if lines++; len(some) <= foldOnTable {
			lines += len(some) - 1
		}
	}
	if lines > foldOfKind {
		l.replace(all, len(tables))
		return
	}
	for name, some := range tables {
		if len(some) > foldOnTable && name != (catalog.Name{}) {
			l.replace(some, 1)
		}
	}
}

func tableOfFinding(f Finding) catalog.Name {
	if f.Table == nil {
		return catalog.Name{}
	}
	return *f.Table
}

// replace puts one finding in the place of the first of some findings, and removes the others.
func (l *folding) replace(some []int, tables int) {
	var names []string
	for _, i := range some {
		f := l.fs[i]
		name := catalog.Quote(f.Column)
		switch {
		case f.Table == nil:
			continue
		case tables > 1 || f.Column == "":
			name = f.Table.String()
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	first := &l.fs[some[0]]
	text := spell.Count(len(some), "finding")
	switch {
	case tables > 1:
		text += " on " + spell.Count(len(names), "table") + " (" + firstOf(names) + ")"
	case len(names) > 0:
		text += " on " + first.Table.String() + " (" + firstOf(names) + ")"
	}
	first.Text = fmt.Sprintf("%s, the first: %s", text, first.Text)
	for _, i := range some[1:] {
		l.gone[i] = true
	}
}

// firstOf joins the first few names of a list, and says how many more there are.
func firstOf(names []string) string {
	if len(names) <= foldNames+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:foldNames], ", "), len(names)-foldNames)
}
