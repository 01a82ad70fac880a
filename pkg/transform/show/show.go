// Package show prints the reference of treatments: the list of all treatments, and what one treatment does, with its
// parameters and examples.
//
// It reads the descriptions that treatments carry, and treats no value.
package show

import (
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// List prints the name, the disclosure labels and the summary of every treatment, in groups.
func List(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, g := range library.Groups() {
		if i > 0 {
			fmt.Fprintln(t, "\t\t")
		}
		fmt.Fprintf(t, "%s\t\t\n", strings.ToUpper(g.Title))
		for _, s := range g.Specs {
			fmt.Fprintf(t, "%s\t%s\t%s\n", s.Name, labels(s), s.Summary)
		}
	}
	return t.Flush()
}

// Treatment prints all that the reference says about one treatment.
func Treatment(w io.Writer, s *transform.Spec) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s\n\n", s.Name, s.Summary, s.Doc)
	for _, line := range facts(s) {
		b.WriteString(line + "\n")
	}
	b.WriteString("\n" + learns(s) + "\n")
	if len(s.Params) > 0 {
		b.WriteString("\nParameters:\n")
	}
	for _, p := range s.Params {
		fmt.Fprintf(&b, "  %s (%s%s): %s\n", p.Name, p.Type, requiredOrDefault(p), p.Doc)
	}
	if len(s.Examples) > 0 {
		b.WriteString("\nExamples:\n")
	}
	for _, e := range s.Examples {
		out := fmt.Sprintf("%q", e.Out)
		if e.Null {
			out = "NULL"
		}
		fmt.Fprintf(&b, "  %s, {%s}: %q becomes %s%s\n", e.Type.Name, ruleText(e.Use), e.In, out, noteSuffix(e.Note))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// learns returns the sentence about what somebody learns from one known value.
func learns(s *transform.Spec) string { return "What somebody who knows one value learns: " + s.Learns }

// labels returns the disclosure labels of a treatment: the lowest label that its examples have, with and without a
// subject, and the upper limit.
func labels(s *transform.Spec) string {
	order := transform.Disclosures()
	lowest := len(order) - 1
	for _, e := range s.Examples {
		bySubject := e.Use
		bySubject.Subject, bySubject.SubjectType, bySubject.As = "id", &catalog.Type{Base: "int4", Family: catalog.Integer}, "person"
		for _, u := range []transform.Use{e.Use, bySubject} {
			if traits, err := library.Check(transform.Column{Name: "example", Type: e.Type}, u); err == nil {
				lowest = min(lowest, slices.Index(order, traits.Discloses))
			}
		}
	}
	if s.Varies == "" || order[lowest] == s.Discloses {
		return string(s.Discloses)
	}
	return fmt.Sprintf("%s to %s", order[lowest], s.Discloses)
}

// facts returns the lines about what a treatment discloses, preserves and takes.
func facts(s *transform.Spec) []string {
	lines := []string{fmt.Sprintf("Discloses: %s.", labels(s))}
	if len(s.Preserves) > 0 {
		lines = append(lines, "Preserves at best: "+strings.Join(s.Preserves, ", ")+".")
	}
	var families []string
	for _, f := range s.Families {
		families = append(families, string(f))
	}
	switch {
	case len(families) > 0:
		arrays := ", and arrays of these."
		if s.Alone {
			arrays = "; no arrays."
		}
		lines = append(lines, "Takes: "+strings.Join(families, ", ")+arrays)
	case s.Takes(catalog.Other):
		lines = append(lines, "Takes: every type.")
	}
	if space := fixedSpace(s); space > 0 {
		lines = append(lines, "Different results, as the plan counts them: "+count(space)+" with the rule of each example.")
	}
	for _, e := range s.Examples {
		if wanted, err := library.Reads(e.Use); err == nil && len(wanted) > 0 {
			lines = append(lines, "Reads: other columns of the row, or of rows it references.")
			break
		}
	}
	return lines
}

// fixedSpace returns the number of different results if it is the same for all examples. Otherwise it returns 0. It
// also returns 0 if an example is unique, has only one result, or has no limited number of results.
func fixedSpace(s *transform.Spec) float64 {
	space := 0.0
	for _, e := range s.Examples {
		if strings.HasPrefix(string(e.Type.Family), "array") {
			continue
		}
		traits, err := library.Check(transform.Column{Name: "example", Type: e.Type}, e.Use)
		if err != nil || traits.Unique || traits.Space <= 1 || math.IsInf(traits.Space, 0) || space != 0 && space != traits.Space {
			return 0
		}
		space = traits.Space
	}
	return space
}

// count returns a number of results as text. A number of a million or more is rounded to one digit.
func count(n float64) string {
	if n < 1e6 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("about %.1g", n)
}

func requiredOrDefault(p transform.Param) string {
	switch {
	case p.Required:
		return ", required"
	case p.Default != nil:
		if text, ok := p.Default.(string); ok {
			return fmt.Sprintf(", default %q", text)
		}
		return fmt.Sprintf(", default %v", p.Default)
	}
	return ""
}

// ruleText returns a use as a rule file writes it.
func ruleText(u transform.Use) string {
	switch u.Treatment {
	case "keep":
		return `keep: "why"`
	}
	parts := []string{"treat: " + u.Treatment}
	if len(u.Paths) > 0 {
		var paths []string
		for _, p := range u.Paths {
			paths = append(paths, fmt.Sprintf("%q: {%s}", p.Path, ruleText(p.Use)))
		}
		parts[0] = u.Treatment + ": {" + strings.Join(paths, ", ") + "}"
	}
	var names []string
	for name := range u.Params {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		parts = append(parts, name+": "+yamlValue(u.Params[name]))
	}
	if u.As != "" {
		parts = append(parts, "as: "+u.As)
	}
	return strings.Join(parts, ", ")
}

// yamlValue returns a parameter's value in YAML's flow style.
func yamlValue(v any) string {
	var items []string
	switch v := v.(type) {
	case string:
		return ruleset.YAMLText(v)
	case []any:
		for _, item := range v {
			items = append(items, yamlValue(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		for key, item := range v {
			items = append(items, ruleset.YAMLText(key)+": "+yamlValue(item))
		}
		sort.Strings(items)
		return "{" + strings.Join(items, ", ") + "}"
	}
	return fmt.Sprint(v)
}

func noteSuffix(note string) string {
	if note == "" {
		return ""
	}
	return " (" + note + ")"
}
