package show

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/verify"
)

// Figures says in one line how much was verified.
func Figures(r *verify.Report) string {
	text := spell.Count(len(r.Tables), "table") + " compared"
	if r.Level != verify.Strict {
		return text
	}
	where := spell.Count(len(r.Targets), "place")
	if len(r.Columns) == 0 { // there is no source, or the rules treat no column
		text += "; detectors looked at " + where + ", and no value of the source was looked for"
	} else {
		probed, places, _ := r.Values()
		text += fmt.Sprintf("; %s values of %s looked for in %s", spell.Number(probed), spell.Count(places, "column"), where)
	}
	if r.Sampling > 0 {
		text += fmt.Sprintf(", one value in %s", spell.Number(1<<r.Sampling))
	}
	if len(r.Waived) > 0 {
		text += fmt.Sprintf("; %s waived", spell.Count(len(r.Waived), "finding"))
	}
	return text
}

// most is a share in percent. If more of the values of a direct identifier were not looked for, Gaps reports the
// column.
const most = 20

// Gaps describes the columns with direct identifiers of which too many values were not looked for. The columns with the
// largest gaps come first.
func Gaps(r *verify.Report) []string {
	var list []verify.Coverage
	for _, c := range r.Columns {
		if verify.Identifies(c.Class) && share(c) > most {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b verify.Coverage) int { return int(share(b) - share(a)) })
	var texts []string
	for _, c := range list {
		texts = append(texts, fmt.Sprintf("%s: %d %% of %s values were not looked for (%s)", place(c.Source), share(c), spell.Number(c.Probed+total(c.Not)), reasons(c.Not)))
	}
	return texts
}

// share returns the part of the values that were not looked for, in percent.
func share(c verify.Coverage) int64 {
	not := total(c.Not)
	if c.Probed+not == 0 {
		return 0
	}
	return 100 * not / (c.Probed + not)
}

func total(not map[verify.Reason]int64) (n int64) {
	for _, v := range not {
		n += v
	}
	return n
}

// Not describes the values that were not looked for, and the cells and relations that were not looked at. Each line is
// about one column or relation.
func Not(r *verify.Report) []string {
	var texts []string
	for _, c := range r.Columns {
		if not := reasons(c.Not); not != "" {
			texts = append(texts, fmt.Sprintf("values of %s: %s", place(c.Source), not))
		}
		if c.Unjudged != "" {
			texts = append(texts, fmt.Sprintf("results of %s were not compared with their own values: %s", place(c.Source), visible.Text(string(c.Unjudged))))
		}
	}
	for _, t := range r.Targets {
		if not := reasons(t.Not); not != "" {
			texts = append(texts, fmt.Sprintf("cells of %s: %s", place(t.Target), not))
		}
	}
	return append(texts, unread(r)...)
}

// unread describes the relations that could not be read.
func unread(r *verify.Report) (texts []string) {
	for _, u := range r.Unread {
		texts = append(texts, fmt.Sprintf("rows of %s: not looked at, %s", visible.Text(u.Relation.String()), visible.Text(u.Why)))
	}
	return texts
}

// reasons lists the reasons with their figures, sorted by name.
func reasons(not map[verify.Reason]int64) string {
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(not)) {
		if not[why] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", visible.Text(string(why)), spell.Number(not[why])))
		}
	}
	return strings.Join(parts, ", ")
}

// Coverage writes a table of what was looked for, with a line for each column of the source.
func Coverage(w io.Writer, r *verify.Report) error {
	if len(r.Columns) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "COLUMN\tVALUES\tLOOKED FOR\tNOT\tWHY NOT")
	for _, c := range r.Columns {
		not := total(c.Not)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", place(c.Source), spell.Number(c.Probed+not), spell.Number(c.Probed), spell.Number(not), reasons(c.Not))
	}
	return t.Flush()
}

// Text writes what was verified and what was not: waived hits, notices, gaps, relations that were not read, figures and
// coverage. It leaves out the hits that no waiver accepts.
func Text(w io.Writer, r *verify.Report) error {
	var b strings.Builder
	for _, text := range Hits(r.Waived) {
		fmt.Fprintf(&b, "waived: %s\n", text)
	}
	for _, text := range Hits(r.Noticed) {
		fmt.Fprintf(&b, "noticed: %s\n", text)
	}
	for _, text := range Gaps(r) {
		fmt.Fprintf(&b, "finding: %s\n", text)
	}
	for _, text := range unread(r) {
		fmt.Fprintf(&b, "not verified: %s\n", text)
	}
	fmt.Fprintf(&b, "verified: %s\n", Figures(r))
	if err := Coverage(&b, r); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}
