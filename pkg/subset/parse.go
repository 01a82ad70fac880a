package subset

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// Parse makes a definition from the texts of roots and of rules for children. The definition is nil if there are no
// roots.
func Parse(roots, children []string) (*Definition, error) {
	if len(roots) == 0 {
		if len(children) > 0 {
			return nil, fmt.Errorf("children: there are no roots whose children they could be")
		}
		return nil, nil
	}
	var d Definition
	for _, text := range roots {
		r, err := ParseRoot(text)
		if err != nil {
			return nil, fmt.Errorf("subset: %w", err)
		}
		d.Roots = append(d.Roots, r)
	}
	for _, text := range children {
		c, err := ParseChildren(text)
		if err != nil {
			return nil, fmt.Errorf("children: %w", err)
		}
		d.Children = append(d.Children, c)
	}
	return &d, nil
}

// ParseRoot reads a root from one line, as users write it on a command line or in the file of More. A table without a
// schema is in schema public.
//
//	countries all
//	orders id=42,77
//	customers 5%
//	customers 5% limit 100 where country = 'FR'
func ParseRoot(text string) (r Root, err error) {
	rest := ""
	if r.Table, rest, err = cutTable(text); err != nil {
		return r, err
	}
	for rest != "" {
		word, after, _ := strings.Cut(rest, " ")
		after = strings.TrimSpace(after)
		switch share, percent := strings.CutSuffix(word, "%"); {
		case strings.EqualFold(word, "all"):
			r.All, rest = true, after
		case strings.EqualFold(word, "where"):
			if r.Where, rest = after, ""; after == "" {
				return r, fmt.Errorf("%s: want a condition after where", r.Table)
			}
			if lastLimit.MatchString(after) {
				return r, fmt.Errorf("%s: everything after where is the condition; write limit before where", r.Table)
			}
		case strings.EqualFold(word, "limit"):
			if r.Limit, rest, err = cutNumber(after); err != nil {
				return r, fmt.Errorf("%s: %w", r.Table, err)
			}
		case percent:
			if r.Percent, err = strconv.ParseFloat(share, 64); err != nil || math.IsNaN(r.Percent) {
				return r, fmt.Errorf("%s: want a share such as 5%%", r.Table)
			}
			rest = after
		default:
			if r.Column, r.Values, err = ParseKey(rest); err != nil {
				return r, fmt.Errorf("%s: want all, 5%%, limit 100, where CONDITION, or a key such as id=42,77", r.Table)
			}
			rest = ""
		}
	}
	if err := r.check(); err != nil {
		return r, fmt.Errorf("%s: %w", r.Table, err)
	}
	return r, nil
}

// lastLimit finds a limit at the end of a condition. The server would refuse the condition.
var lastLimit = regexp.MustCompile(`(?i)\slimit\s+\d+$`)

// ParseChildren reads a rule for children from one line: a table or *, and perhaps a limit, such as "orders limit 3".
func ParseChildren(text string) (c Children, err error) {
	table, rest := strings.CutPrefix(strings.TrimSpace(text), "*")
	if !rest {
		if c.Table, table, err = cutTable(text); err != nil {
			return c, err
		}
	}
	table = strings.TrimSpace(table)
	if table == "" {
		return c, nil
	}
	word, after, _ := strings.Cut(table, " ")
	if !strings.EqualFold(word, "limit") {
		return c, fmt.Errorf("want TABLE or TABLE limit 3, or * for every table")
	}
	if c.Limit, after, err = cutNumber(strings.TrimSpace(after)); err == nil && after != "" {
		err = fmt.Errorf("want nothing after the limit")
	}
	return c, err
}

// cutTable cuts the name of a table from the beginning of a text.
func cutTable(text string) (name catalog.Name, rest string, err error) {
	text = strings.TrimSpace(text)
	quoted := false
	end := strings.IndexFunc(text, func(r rune) bool {
		quoted = quoted != (r == '"')
		return r == ' ' && !quoted
	})
	if end < 0 {
		end = len(text)
	}
	parts, err := catalog.ParseIdents(text[:end])
	switch {
	case err != nil || len(parts) == 0 || len(parts) > 2:
		return name, "", fmt.Errorf("want a table first: TABLE or SCHEMA.TABLE")
	case len(parts) == 1:
		parts = []string{"public", parts[0]}
	}
	return catalog.Name{Schema: parts[0], Name: parts[1]}, strings.TrimSpace(text[end:]), nil
}

func cutNumber(text string) (n int, rest string, err error) {
	word, rest, _ := strings.Cut(text, " ")
	if n, err = strconv.Atoi(word); err != nil || n < 1 {
		return 0, "", fmt.Errorf("want a number after limit, such as limit 100")
	}
	return n, strings.TrimSpace(rest), nil
}
