package main

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/transform"
)

func (a *app) treatments() *cobra.Command {
	return &cobra.Command{
		Use:   "treatments [NAME]",
		Short: "The reference of treatments, with examples",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listTreatments(a.out)
			}
			spec, ok := transform.Lookup(args[0])
			if !ok {
				return usage("there is no treatment %q%s; masker treatments lists them", args[0], mean(args[0], treatmentNames()))
			}
			return describe(a.out, spec)
		},
	}
}

func treatmentNames() []string {
	var names []string
	for _, s := range transform.Library() {
		names = append(names, s.Name)
	}
	return names
}

func listTreatments(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range transform.Library() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", s.Name, s.Discloses, s.Summary)
	}
	return t.Flush()
}

func describe(w io.Writer, s *transform.Spec) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s\n\nResult: at most %s.\n", s.Name, s.Summary, s.Doc, s.Discloses)
	if len(s.Families) > 0 {
		var families []string
		for _, f := range s.Families {
			families = append(families, string(f))
		}
		fmt.Fprintf(&b, "Takes: %s, and arrays of them.\n", strings.Join(families, ", "))
	}
	if len(s.Params) > 0 {
		b.WriteString("\nParameters:\n")
	}
	for _, p := range s.Params {
		fmt.Fprintf(&b, "  %s (%s%s): %s\n", p.Name, p.Type, need(p), p.Doc)
	}
	if len(s.Examples) > 0 {
		b.WriteString("\nExamples:\n")
	}
	for _, e := range s.Examples {
		out := fmt.Sprintf("%q", e.Out)
		if e.Null {
			out = "NULL"
		}
		fmt.Fprintf(&b, "  %s, {%s}: %q becomes %s%s\n", e.Type.Name, rule(e.Use), e.In, out, suffix(e.Note))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func need(p transform.Param) string {
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

// rule is a use as a rule file writes it.
func rule(u transform.Use) string {
	switch u.Treatment {
	case "keep":
		return `keep: "why"`
	case "json":
		var paths []string
		for _, p := range u.Paths {
			paths = append(paths, fmt.Sprintf("%q: {%s}", p.Path, rule(p.Use)))
		}
		return "json: {" + strings.Join(paths, ", ") + "}"
	}
	parts := []string{"treat: " + u.Treatment}
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

// yamlValue is a parameter in YAML's flow style.
func yamlValue(v any) string {
	list, ok := v.([]any)
	if !ok {
		return fmt.Sprint(v)
	}
	var items []string
	for _, item := range list {
		items = append(items, fmt.Sprint(item))
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func suffix(note string) string {
	if note == "" {
		return ""
	}
	return " (" + note + ")"
}
