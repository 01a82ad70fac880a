package structured_test

import (
	"errors"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

func TestCSVColumnByColumn(t *testing.T) {
	byNumber := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "csv", Paths: []transform.Path{{Path: "1", Use: transformtest.MaskFirst}, {Path: "3", Use: transformtest.MaskFirst}, {Path: "*", Use: transform.Use{Treatment: "redact"}}}})
	transformtest.Outcomes(t, byNumber, map[string]string{
		"":                       "",
		"abc":                    "a**",
		"abc,,de":                "a**,,d*",
		"abc,x,de,y\r\n\r\nfg\n": "a**,[redacted],d*,[redacted]\r\n\r\nf*\n",
		"\"a\"\"b\",\"\"":        "a**,[redacted]",
		"\"\"":                   "\"\"",
		"\"a\nb\"":               "a**",
		"\"\"\"x\"":              "\"\"\"*\"",
		"ab,":                    "a*,",
		"a\"b":                   "!bad-csv",
		"\"ab":                   "!bad-csv",
		"\"ab\"c":                "!bad-csv",
		"ab\rcd":                 "!bad-csv",
	})
	strict := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "csv", Paths: []transform.Path{{Path: "1", Use: transformtest.MaskFirst}}})
	transformtest.Outcomes(t, strict, map[string]string{"abc\n": "a**\n", "abc,de": "!unlisted-column", "abc,": "!unlisted-column", ",": "!unlisted-column"})
	named := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "csv", Params: transform.Params{"header": true, "delimiter": "\t"}, Paths: []transform.Path{{Path: "mail", Use: transformtest.MaskFirst}, {Path: "a b", Use: transform.Use{Treatment: "keep"}}}})
	transformtest.Outcomes(t, named, map[string]string{
		"mail\ta b\nabc\tx": "mail\ta b\na**\tx", "a b\tmail\nx\tabc": "a b\tmail\nx\ta**", "mail": "mail",
		"mail\tsecret\nabc\tx": "!unlisted-column", "abc\n": "!unlisted-column", "mail\nabc\tx": "!unlisted-column", "mail\t": "!unlisted-column",
	})
	transformtest.Outcomes(t, transformtest.Compile(t, treatment.TextType(5), transform.Use{Treatment: "csv", Paths: []transform.Path{{Path: "1", Use: transform.Use{Treatment: "redact"}}}}), map[string]string{"abc": "!too-long"})
}

func TestCSVRulesAreChecked(t *testing.T) {
	keep := transform.Use{Treatment: "keep"}
	for param, u := range map[string]transform.Use{
		"name":      {Treatment: "csv", Paths: []transform.Path{{Path: "name", Use: keep}}},
		"0":         {Treatment: "csv", Paths: []transform.Path{{Path: "0", Use: keep}}},
		"99999999":  {Treatment: "csv", Paths: []transform.Path{{Path: "99999999", Use: keep}}},
		"*":         {Treatment: "csv", Params: transform.Params{"header": true}, Paths: []transform.Path{{Path: "*", Use: keep}}},
		"delimiter": {Treatment: "csv", Params: transform.Params{"delimiter": "\""}, Paths: []transform.Path{{Path: "1", Use: keep}}},
		"header":    {Treatment: "csv", Params: transform.Params{"header": "yes"}, Paths: []transform.Path{{Path: "1", Use: keep}}},
		"paths":     {Treatment: "csv"},
	} {
		_, err := library.Check(transformtest.Column(transformtest.Text), u)
		var p *transform.ParamError
		if !errors.As(err, &p) || p.Param != param {
			t.Errorf("%s: %v", param, err)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add("\"a\"\"b\",c\r\n\n,")
	f.Fuzz(func(t *testing.T, in string) {
		transformtest.OnlyMasked(t, transformtest.Text, transformtest.EveryPart("csv", "*"), in, "*,\"\r\n")
	})
}
