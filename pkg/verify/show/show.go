// Package show puts the report of a verification into words. It judges nothing and opens nothing. A report has no
// values, so its words have none.
package show

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/verify"
)

// Hit says in one sentence what was found, where, and how often.
func Hit(h verify.Hit) string {
	source := place(h.Source)
	switch h.Finding {
	case verify.Found:
		return fmt.Sprintf("%s: %s of the %s rare values of %s%s%s", place(h.Target), count(h), spell.Number(h.Of), source, form(h.Form), rows(h))
	case verify.Equal:
		return fmt.Sprintf("%s: %s of %s results are equal to their own values%s%s", source, count(h), spell.Number(h.Of), chance(h), rows(h))
	case verify.Shared:
		return fmt.Sprintf("%s: %s of %s results begin or end like their own values%s%s", source, count(h), spell.Number(h.Of), chance(h), rows(h))
	case verify.Recognised:
		return fmt.Sprintf("%s: %s of %s kept values are recognised as %s%s%s", place(h.Target), count(h), spell.Number(h.Of), visible.Text(h.Kind), chance(h), rows(h))
	case verify.Differs:
		if h.Source.Column != "" {
			return fmt.Sprintf("%s: %s values were written, and the new database has %s", place(h.Target), spell.Number(h.Of), spell.Number(h.Rows))
		}
		return fmt.Sprintf("%s: kept values are not those of the source", place(h.Target))
	case verify.Missing:
		return fmt.Sprintf("%s: %s rows were read from the source, and the new database has %s", place(h.Target), spell.Number(h.Of), spell.Number(h.Rows))
	case verify.Blind:
		return fmt.Sprintf("%s: %s of %s known values were not found again, so the verification itself does not work", place(h.Target), spell.Number(h.Values), spell.Number(h.Of))
	}
	return fmt.Sprintf("%s: %s", place(h.Target), visible.Text(string(h.Finding)))
}

// count returns the number of values, and says if it is an estimate.
func count(h verify.Hit) string {
	if h.About {
		return "about " + spell.Number(h.Values)
	}
	return spell.Number(h.Values)
}

func form(f verify.Form) string {
	if f == "" || f == verify.Plain {
		return ""
	}
	return ", " + visible.Text(string(f))
}

// rows says in how many rows the values are, the key of one of these rows, and how many values a waiver would accept.
func rows(h verify.Hit) string {
	text := ""
	if h.Rows > 0 {
		text = ", in " + spell.Count(int(h.Rows), "row")
	}
	if h.Key != "" {
		text += ", one with " + visible.Text(h.Key)
	}
	if h.Waived > 0 {
		text += "; a waiver accepts " + spell.Number(h.Waived)
	}
	return text
}

func chance(h verify.Hit) string {
	if h.Chance < 0.5 {
		return ""
	}
	return fmt.Sprintf(", and chance explains %.0f", h.Chance)
}

// place writes schema.table.column, and the path in the column after a space.
func place(p verify.Place) string {
	text := p.Table.String()
	switch {
	case p.Table.Name == "", p.Column == "" && names(p.Path, text): // the path says whose definition or comment it is
		text = ""
	case p.Column != "":
		text = p.Table.Column(p.Column)
	}
	return visible.Text(strings.TrimSpace(text + " " + p.Path))
}

// names reports whether a path such as "definition of function public.f(integer)" has the name of an object as a whole.
func names(path, object string) bool {
	_, rest, ok := strings.Cut(path, " "+object)
	return ok && (rest == "" || rest[0] == '(' || rest[0] == ' ')
}

// Hits returns the sentences of hits, in their order. Hits that share a line have one sentence.
func Hits(list []verify.Hit) []string {
	var texts []string
	for _, group := range groups(list) {
		texts = append(texts, textOf(group))
	}
	return texts
}

// Next says what to do about a hit: the rule to write, or the waiver.
func Next(r *verify.Report, h verify.Hit) string {
	switch h.Finding {
	case verify.Found:
		switch {
		case h.Target.Path == verify.Statistics:
			return fmt.Sprintf("if a hook empties the table, let the rules skip it instead; if the rules keep the column, write %s; %s", ruleFor(h, treat(r, h)), waiver(h))
		case h.Target.Column == "":
			return correct(h)
		}
		return reference(r, h) + fmt.Sprintf("if the rules keep it, write %s; %s", ruleFor(h, treat(r, h)), waiver(h))
	case verify.Recognised:
		return fmt.Sprintf("write %s; %s", ruleFor(h, "{class: …}"), waiver(h))
	case verify.Equal, verify.Shared:
		return fmt.Sprintf("give %s a treatment that changes every value; %s", place(h.Source), waiver(h))
	case verify.Differs, verify.Missing:
		return "look for a hook, a trigger or a rule of PostgreSQL that changes the table's rows"
	}
	return "report this as a bug of masker"
}

// reference proposes a virtual key if all values of a column without a class are in one other column. The schema may not
// declare that the first column references the other one. Otherwise reference returns "".
func reference(r *verify.Report, h verify.Hit) string {
	i := slices.IndexFunc(r.Columns, func(c verify.Coverage) bool { return c.Source == h.Source })
	if i < 0 || r.Columns[i].Class != "" || h.Form != verify.Plain || h.Values < h.Of || h.Of < 2 || h.Source.Path != "" || h.Target.Path != "" || h.Source == h.Target {
		return ""
	}
	return fmt.Sprintf("if %s references this column, remove its rule and write virtual_keys: [{from: %s, to: %s}]; ", place(h.Source), place(h.Source), place(h.Target))
}

// correct says what to do about values in a definition or comment. A waiver needs the name of the object. If the report
// has no name, as for an extension, correct proposes no waiver.
func correct(h verify.Hit) string {
	text := "correct it in the source"
	path := h.Target.Path
	if strings.HasPrefix(path, verify.Statistics+" of ") {
		return "treat the columns that it reads, or write its name under objects: {leave_out: …}; " + waiver(h)
	}
	switch kind, _ := strings.CutPrefix(path, "definition of "); {
	case strings.HasPrefix(path, "comment on "):
		text = "write objects: {comments: drop}, or " + text
	case slices.ContainsFunc([]string{"index ", "constraint ", "trigger ", "statistics object "}, func(word string) bool { return strings.HasPrefix(kind, word) }),
		strings.Contains(kind, "materialized view "):
		text = "write its name under objects: {leave_out: …}, or " + text
	}
	if h.Target.Table.Name == "" {
		return text
	}
	return text + "; " + waiver(h)
}

// treat returns the decision of the rules on the column from which the values come. For values that were found in
// another form, it returns the treatment null, which removes the value in every form. It also returns null if the
// decision needs parameters.
func treat(r *verify.Report, h verify.Hit) string {
	i := slices.IndexFunc(r.Columns, func(c verify.Coverage) bool { return c.Source == h.Source })
	if i < 0 || h.Form != "" && h.Form != verify.Plain {
		return "{treat: null}"
	}
	from := r.Columns[i]
	// The class of a fake's values may have the fake's name, even if the rules have no such class.
	invented, fake := strings.CutPrefix(from.Treatment, "fake.")
	switch {
	case from.Class != "" && (!fake || from.Class != invented):
		return "{class: " + visible.Text(from.Class) + "}"
	case wantsParameters(from.Treatment):
		return "{treat: null}"
	}
	return "{treat: " + visible.Text(from.Treatment) + "}"
}

// wantsParameters reports whether a rule with the treatment needs parameters, which a report does not have.
func wantsParameters(treatment string) bool {
	switch treatment {
	case "command", "constant", "csv", "expr", "fake.choice", "fake.integer", "fake.number", "fields", "hstore", "json", "map", "national_id", "noise", "regex", "reversible", "xml":
		return true
	}
	return strings.HasPrefix(treatment, "generalize.")
}

// ruleFor writes a decision on the target of a hit. A treatment for texts cannot treat a whole document. So if the path
// of the values is not known, ruleFor writes the treatment redact, which takes every document.
func ruleFor(h verify.Hit, decision string) string {
	if h.XML || h.Target.Path == verify.Unplaced {
		return rule(h.Target, "{treat: redact}") + ", or a rule for each path of the document"
	}
	return rule(h.Target, decision)
}

// rule writes a decision on a place as lines of a rule file have it.
func rule(p verify.Place, decision string) string {
	if strings.HasPrefix(p.Path, "$") {
		decision = fmt.Sprintf("{json: {%q: %s}}", p.Path, decision)
	}
	return visible.Text(fmt.Sprintf("%s: {columns: {%s: %s}}", p.Table, p.Column, decision))
}

// waiver writes the waiver that accepts a hit.
func waiver(h verify.Hit) string {
	on := h.Target
	on.Path, h.Source.Path = "", ""
	from := ""
	if h.Source.Column != "" {
		from = "from: " + place(h.Source) + ", "
	}
	return fmt.Sprintf("if these values may be there, waive them: {finding: leak, on: %s, %sat_most: %d, owner: …, reason: …, until: …}", place(on), from, max(h.Values, 1))
}
