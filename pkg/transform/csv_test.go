package transform

import (
	"errors"
	"testing"
)

func TestCSVColumnByColumn(t *testing.T) {
	byNumber := compile(t, tText, Use{Treatment: "csv", Paths: []Path{{"1", maskFirst}, {"3", maskFirst}, {"*", Use{Treatment: "redact"}}}})
	outcomes(t, byNumber, map[string]string{
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
	strict := compile(t, tText, Use{Treatment: "csv", Paths: []Path{{"1", maskFirst}}})
	outcomes(t, strict, map[string]string{"abc\n": "a**\n", "abc,de": "!unlisted-column", "abc,": "!unlisted-column", ",": "!unlisted-column"})
	named := compile(t, tText, Use{Treatment: "csv", Params: Params{"header": true, "delimiter": "\t"}, Paths: []Path{{"mail", maskFirst}, {"a b", Use{Treatment: "keep"}}}})
	outcomes(t, named, map[string]string{
		"mail\ta b\nabc\tx": "mail\ta b\na**\tx", "a b\tmail\nx\tabc": "a b\tmail\nx\ta**", "mail": "mail",
		"mail\tsecret\nabc\tx": "!unlisted-column", "abc\n": "!unlisted-column", "mail\nabc\tx": "!unlisted-column", "mail\t": "!unlisted-column",
	})
	outcomes(t, compile(t, textType(5), Use{Treatment: "csv", Paths: []Path{{"1", Use{Treatment: "redact"}}}}), map[string]string{"abc": "!too-long"})
}

func TestCSVRulesAreChecked(t *testing.T) {
	keep := Use{Treatment: "keep"}
	for param, u := range map[string]Use{
		"name":      {Treatment: "csv", Paths: []Path{{"name", keep}}},
		"0":         {Treatment: "csv", Paths: []Path{{"0", keep}}},
		"99999999":  {Treatment: "csv", Paths: []Path{{"99999999", keep}}},
		"*":         {Treatment: "csv", Params: Params{"header": true}, Paths: []Path{{"*", keep}}},
		"delimiter": {Treatment: "csv", Params: Params{"delimiter": "\""}, Paths: []Path{{"1", keep}}},
		"header":    {Treatment: "csv", Params: Params{"header": "yes"}, Paths: []Path{{"1", keep}}},
		"paths":     {Treatment: "csv"},
	} {
		_, err := Check(column(tText), u)
		var p *ParamError
		if !errors.As(err, &p) || p.Param != param {
			t.Errorf("%s: %v", param, err)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add("\"a\"\"b\",c\r\n\n,")
	f.Fuzz(func(t *testing.T, in string) { fuzzMasked(t, tText, everyPart("csv", "*"), in, "*,\"\r\n") })
}
