package mask

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Regex returns the treatment regex.
func Regex() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "regex",
			Summary: "rewrites a text with a regular expression that must match the whole value",
			Doc: "The pattern has RE2 syntax. It must match the whole value, so that no part of the value stays in the result by mistake. `replace` is the result. In it, $1, ${1} and ${name} stand for the text that " +
				"a group of the pattern matched, and $$ stands for a dollar sign. The text of these groups stays readable. The disclosure label is `unchanged` if too much of a value stays. To decide this, masker computes the results of typical matches of the pattern. In each match, at least a quarter of the characters that can differ between matches must be lost.\n\n" +
				"The refresh stops at a value that does not match, at a result equal to its value, and at a result longer than the column. With `otherwise: redact`, the result is `[redacted]` instead. " +
				"An empty value stays empty if the pattern does not match it.",
			Params: []transform.Param{
				{Name: "pattern", Type: "text", Required: true, Doc: "regular expression for the whole value"},
				{Name: "replace", Type: "text", Required: true, Doc: "the result, with ${1} or ${name} for groups"},
				otherwiseParam("a value that does not match or would not change"),
			},
			Families:  []catalog.Family{catalog.Text},
			Discloses: transform.Unchanged,
			Varies:    transform.WithRule,
			Learns:    "They find this person's row among the rows with the same text in the groups that stay. For every other person, they read the text of these groups.",
			Preserves: []string{transform.Equality},
			Examples: []transform.Example{
				{
					Type: treatment.TextType(0), Use: transform.Use{Treatment: "regex", Params: transform.Params{"pattern": `([A-Z]{2})-\d+`, "replace": "${1}-0000"}},
					In: "AC-1007", Out: "AC-0000",
				},
				{
					Type: treatment.TextType(0), Use: transform.Use{Treatment: "regex", Params: transform.Params{"pattern": `.+@(?P<host>[a-z.]+)`, "replace": "someone@${host}", "otherwise": "redact"}},
					In: "write to Ada", Out: literal.Redacted, Note: "does not match",
				},
			},
		},
		Scalar: planRegex,
	}
}

func planRegex(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	r := rewrite{otherwise: readOtherwise(c, a), padded: c.Type.Padded, folds: c.Type.CaseInsensitive, room: c.Type.MaxLen, bytes: c.Type.Base == "name"}
	pattern, replace := a.Text("pattern"), a.Text("replace")
	_, err := regexp.Compile(pattern) // first without the group that is added below, because "a)|(b" would close that group
	var re *regexp.Regexp
	if err == nil {
		re, err = regexp.Compile(`\A(?:` + pattern + `)\z`)
	}
	switch {
	case len(pattern) > 1000:
		a.Fail("pattern", "is longer than 1000 characters")
	case err != nil:
		a.Fail("pattern", "is not a regular expression of RE2: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	case !utf8.ValidString(replace) || strings.ContainsRune(replace, 0):
		a.Fail("replace", "is not a text that PostgreSQL can hold")
	default:
		r.re = re
		r.template(a, replace)
	}
	t := transform.Traits{Equality: !c.Type.CaseInsensitive, Space: 1000, Discloses: treatment.GeneralisedIf(r.re != nil && r.hides(pattern))}
	if !slices.ContainsFunc(r.parts, func(p piece) bool { return p.group >= 0 }) {
		t.Discloses, t.Space = transform.Suppressed, 1
	}
	return treatment.ScalarPlan{Traits: t, Build: func(transform.Keys) treatment.Scalar { return &r }}, nil
}

type rewrite struct {
	re        *regexp.Regexp
	parts     []piece
	otherwise otherwise
	padded    bool
	folds     bool // the column ignores case
	room      int  // number of characters that the column holds; 0 for no limit
	bytes     bool // room counts bytes
}

// piece is a part of the template: a group, or a text if group is -1.
type piece struct {
	text  string
	group int
}

// template reads $1, ${1}, ${name} and $$. Package regexp is not used, because it replaces a misspelt group by an empty
// text.
func (r *rewrite) template(a *treatment.Args, s string) {
	for {
		before, after, found := strings.Cut(s, "$")
		r.parts = append(r.parts, piece{before, -1})
		if !found {
			return
		}
		if rest, dollar := strings.CutPrefix(after, "$"); dollar {
			r.parts, s = append(r.parts, piece{"$", -1}), rest
			continue
		}
		name, rest, ok := groupName(after)
		group := r.re.SubexpIndex(name)
		if n, err := strconv.Atoi(name); err == nil && n <= r.re.NumSubexp() {
			group = n
		}
		switch {
		case !ok:
			a.Fail("replace", "a $ must be followed by a group, as in ${1}; write $$ for a dollar")
			return
		case group < 0:
			a.Fail("replace", "the pattern has no group %s", name)
			return
		case group == 0:
			a.Fail("replace", "$0 is the whole value; name the groups that may stay")
			return
		}
		r.parts, s = append(r.parts, piece{"", group}), rest
	}
}

// groupName reads 1, {1} or {name} at the start of s. It refuses $1 with a letter directly after it, because other
// tools read the letter as a part of the name.
func groupName(s string) (name, rest string, ok bool) {
	if after, braced := strings.CutPrefix(s, "{"); braced {
		name, rest, ok = strings.Cut(after, "}")
		return name, rest, ok && name != ""
	}
	n := decimal.DigitsAt([]byte(s))
	name, rest = s[:n], s[n:]
	return name, rest, n > 0 && (rest == "" || rest[0] != '_' && !asciiAlnum(rest[0]))
}

func (r *rewrite) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	if r.padded {
		in = canon.TrimBlanks(in)
	}
	at := r.re.FindSubmatchIndex(in)
	if at == nil {
		return r.otherwise.append(dst, in, errNoMatch)
	}
	start := len(dst)
	for _, p := range r.parts {
		if p.group < 0 {
			dst = append(dst, p.text...)
		} else if from := at[2*p.group]; from >= 0 {
			dst = append(dst, in[from:at[2*p.group+1]]...)
		}
	}
	if r.same(dst[start:], in) || r.long(dst[start:]) {
		return r.otherwise.append(dst[:start], in, errNoChange)
	}
	return dst, nil
}

func (r *rewrite) same(out, in []byte) bool {
	return len(in) > 0 && (bytes.Equal(out, in) || r.folds && bytes.EqualFold(out, in))
}

func (r *rewrite) long(out []byte) bool {
	return r.room > 0 && (r.bytes && len(out) > r.room || utf8.RuneCount(out) > r.room)
}

func errNoMatch() error {
	return &transform.Error{Code: "no-match", Text: "the value does not match the pattern as a whole; use otherwise: redact, or widen the pattern"}
}

func errNoChange() error {
	return &transform.Error{Code: "no-change", Text: "the result equals the value, or is longer than the column; use otherwise: redact, or change replace"}
}
