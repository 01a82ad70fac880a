package structured

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// CSV returns the treatment csv.
func CSV() *treatment.Definition {
	mask := transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1)}}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "csv",
			Summary: "treats the columns of CSV inside a text",
			Doc: "A rule has the form `csv: {column: rule}`. If a line has a column that the rule does not list, the refresh stops. This includes a line with the names of the columns.\n\n" +
				"- Without `header`, the rule names a column by its number, from 1. `\"*\"` treats all other columns.\n" +
				"- With `header: true`, the first line of the value names the columns. The columns may have any order. The names are copied unchanged, because the rule lists them.\n\n" +
				"Quotes follow RFC 4180. A quote inside an unquoted field stops the refresh. An empty field without quotes stays empty. Other fields are treated as text. " +
				"A NULL result becomes an empty field. Line ends stay. A result longer than the column stops the refresh.",
			Parts: "column",
			Params: []transform.Param{
				{Name: "header", Type: "boolean", Default: false, Doc: "the first line names the columns"},
				{Name: "delimiter", Type: "text", Default: ",", Doc: "separator of the fields, one ASCII character"},
			},
			Families:  []catalog.Family{catalog.Text},
			Discloses: transform.Unchanged,
			Varies:    transform.WithRule,
			Learns:    "They learn what the treatments of the columns tell. They also see the number of lines, and which fields are empty.",
			Examples: []transform.Example{
				{
					Type: treatment.TextType(0), Use: transform.Use{Treatment: "csv", Paths: []transform.Path{{Path: "1", Use: mask}, {Path: "2", Use: transform.Use{Treatment: "keep"}}}},
					In: "\"Ada, Countess\",42\nBob,\n", Out: "A************,42\nB**,\n",
				},
				{
					Type: treatment.TextType(0), Note: "named by the first line",
					Use: transform.Use{Treatment: "csv", Params: transform.Params{"header": true, "delimiter": ";"}, Paths: []transform.Path{{Path: "mail", Use: mask}, {Path: "n", Use: transform.Use{Treatment: "redact"}}}},
					In:  "n;mail\n7;jo@x.org", Out: "n;mail\n[redacted];j*******",
				},
			},
		},
		Whole: planCSV,
	}
}

func planCSV(by treatment.Planner, c transform.Column, u transform.Use, a *treatment.Args) (treatment.Blueprint, error) {
	header, ok := a.Value("header").(bool)
	if !ok {
		a.Fail("header", "must be true or false")
	}
	delimiter := a.Text("delimiter")
	if len(delimiter) != 1 || delimiter[0] >= utf8.RuneSelf || bytes.ContainsAny([]byte("\"\r\n\x00"), delimiter) {
		a.Fail("delimiter", "must be one ASCII character that is not a quote or a line end")
	}
	if err := a.Problem(); err != nil {
		return treatment.Blueprint{}, err
	}
	plans, all, err := textParts(by, c, "a CSV field", u)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	for _, p := range u.Paths {
		n, err := strconv.Atoi(p.Path)
		number := err == nil && n >= 1 && n <= MaxCSVColumns && strconv.Itoa(n) == p.Path
		switch {
		case header && p.Path == "*":
			return treatment.Blueprint{}, &transform.ParamError{Param: p.Path, Text: "cannot cover columns that the first line names, because their names would stay unchanged; list the columns"}
		case !header && !number && p.Path != "*":
			return treatment.Blueprint{}, &transform.ParamError{Param: p.Path, Text: "must be a column's number, from 1, or *; names need header: true"}
		}
	}
	return limited(c, treatment.Blueprint{Traits: all.traits, Build: func(k transform.Keys) transform.Transform {
		return document.NewCSV(header, delimiter[0], compileParts(plans, k))
	}}), nil
}

const MaxCSVColumns = 10000
