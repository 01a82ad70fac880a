package transform

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
)

func csvSpec() *definition {
	mask := Use{Treatment: "mask", Params: Params{"keep_first": int64(1)}}
	return &definition{
		Spec: Spec{
			Name:    "csv",
			Summary: "treats the columns of CSV inside a text",
			Doc: "Written `csv: {column: rule}`. A column is named by its number, from 1, and `\"*\"` treats all others; with header: true by the name that the first line " +
				"gives it, in whatever order. A column that is not listed stops the refresh, in the first line too: names there are copied because the rule lists them. " +
				"Quotes are RFC 4180's: a quote inside an unquoted field stops the refresh. Empty fields without quotes stay empty; other fields are treated as text, and NULL " +
				"as a result is an empty field. Line ends stay as they are. A result longer than the column stops the refresh.",
			Parts: "column",
			Params: []Param{
				{Name: "header", Type: "boolean", Default: false, Doc: "whether the first line names the columns"},
				{Name: "delimiter", Type: "text", Default: ",", Doc: "what separates fields: one ASCII character"},
			},
			Families:  []catalog.Family{catalog.Text},
			Discloses: Unchanged,
			Examples: []Example{
				{
					Type: textType(0), Use: Use{Treatment: "csv", Paths: []Path{{"1", mask}, {"2", Use{Treatment: "keep"}}}},
					In: "\"Ada, Countess\",42\nBob,\n", Out: "A************,42\nB**,\n",
				},
				{
					Type: textType(0), Note: "named by the first line",
					Use: Use{Treatment: "csv", Params: Params{"header": true, "delimiter": ";"}, Paths: []Path{{"mail", mask}, {"n", Use{Treatment: "redact"}}}},
					In:  "n;mail\n7;jo@x.org", Out: "n;mail\n[redacted];j*******",
				},
			},
		},
		whole: planCSV,
	}
}

func planCSV(by planner, c Column, u Use, a *args) (blueprint, error) {
	header, ok := a.value("header").(bool)
	if !ok {
		a.fail("header", "wants true or false")
	}
	delimiter := a.text("delimiter")
	if len(delimiter) != 1 || delimiter[0] >= utf8.RuneSelf || bytes.ContainsAny([]byte("\"\r\n\x00"), delimiter) {
		a.fail("delimiter", "wants one ASCII character that is no quote and no line end")
	}
	if err := a.problem(); err != nil {
		return blueprint{}, err
	}
	plans, all, err := textParts(by, c, "a CSV field", u)
	if err != nil {
		return blueprint{}, err
	}
	for _, p := range u.Paths {
		n, err := strconv.Atoi(p.Path)
		number := err == nil && n >= 1 && n <= maxCSVColumns && strconv.Itoa(n) == p.Path
		switch {
		case header && p.Path == "*":
			return blueprint{}, &ParamError{p.Path, "cannot stand for columns the first line names: their names would pass; list them"}
		case !header && !number && p.Path != "*":
			return blueprint{}, &ParamError{p.Path, "wants a column's number, from 1, or *; names need header: true"}
		}
	}
	return limited(c, blueprint{all.traits, func(k Keys) Transform {
		return newCSV(header, delimiter[0], compileParts(plans, k))
	}}), nil
}

const maxCSVColumns = 10000
