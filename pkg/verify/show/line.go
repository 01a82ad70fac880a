package show

import (
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/verify"
)

// Line is what a report tells of one or more hits.
type Line struct {
	Text string
	Next string // what to do
}

// Lines returns a line for each hit. If values of several columns are in one place in one form, these hits share a
// line. The line begins with the hit that has the most values.
func Lines(r *verify.Report, hits []verify.Hit) []Line {
	var lines []Line
	for _, group := range groups(hits) {
		lines = append(lines, Line{textOf(group), nextOf(r, group)})
	}
	return lines
}

// groups puts hits of Found together that have a place and a form in common. Any other hit, and a hit that a waiver
// accepts in part, is a group of its own. The groups are in the order of their first hits.
func groups(hits []verify.Hit) (list [][]verify.Hit) {
	type key struct {
		target verify.Place
		form   verify.Form
	}
	at := map[key]int{}
	for _, h := range hits {
		k := key{h.Target, h.Form}
		i, known := at[k]
		if !known || h.Finding != verify.Found || h.Waived > 0 {
			list = append(list, []verify.Hit{h})
			if h.Finding == verify.Found && h.Waived == 0 {
				at[k] = len(list) - 1
			}
			continue
		}
		list[i] = append(list[i], h)
		if first := &list[i][0]; h.Values > first.Values {
			*first, list[i][len(list[i])-1] = h, *first
		}
	}
	return list
}

// mostNamed is the largest number of further columns that a line names.
const mostNamed = 5

func textOf(group []verify.Hit) string {
	others := group[1:]
	if len(others) == 0 {
		return Hit(group[0])
	}
	var texts []string
	for _, h := range others[:min(len(others), mostNamed)] {
		texts = append(texts, count(h)+" of the "+spell.Number(h.Of)+" of "+place(h.Source))
	}
	if n := len(others) - mostNamed; n > 0 {
		texts = append(texts, "values of "+spell.Count(n, "more column"))
	}
	return Hit(group[0]) + "; also " + strings.Join(texts, ", ")
}

func nextOf(r *verify.Report, group []verify.Hit) string {
	next := Next(r, group[0])
	if len(group) > 1 && group[0].Target.Table.Name != "" {
		next += ", with one waiver for each column that the values come from"
	}
	return next
}
