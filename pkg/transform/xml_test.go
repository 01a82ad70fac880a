package transform

import (
	"errors"
	"strings"
	"testing"
)

func TestXMLPathByPath(t *testing.T) {
	tr := compile(t, tXML, Use{Treatment: "xml", Paths: []Path{
		{"/", maskFirst},
		{"/a", maskFirst},
		{"/a/@id", maskFirst},
		{"/a/b/@*", Use{Treatment: "redact"}},
		{"/a/b/@k", Use{Treatment: "keep"}},
		{"//mail", maskFirst},
		{"/a/kept/**", Use{Treatment: "keep"}},
		{"/a/gone/**", Use{Treatment: "null"}},
		{"/a/all//*", maskFirst},
		{"/a/p:q", maskFirst},
	}})
	outcomes(t, tr, map[string]string{
		``:                                         ``,
		`text`:                                     `t***`,
		"<a>\n <b/>\n</a>":                         "<a>\n <b/>\n</a>",
		`<a>sec<!-- x -->r<![CDATA[<e]]>t</a>`:     `<a>s******</a>`,
		`<a id='O&apos;"x'>&#65;&#x42;</a>`:        `<a id="O***">A*</a>`,
		`<a id="&lt;x">&amp;x</a >`:                `<a id="&lt;*">&amp;*</a>`,
		`<a><b k="1" z="2"/></a>`:                  `<a><b k="1" z="[redacted]"/></a>`,
		`<a><b><mail>jo</mail></b></a>`:            `<a><b><mail>j*</mail></b></a>`,
		`<a><kept x="1">a<z>&lt;</z></kept></a>`:   `<a><kept x="1">a<z>&lt;</z></kept></a>`,
		`<a><gone x="1">a<z>b</z></gone>ab</a>`:    `<a><gone/>a*</a>`,
		`<a><all x="12">ab<z y="cd"/></all></a>`:   "!unlisted-path",
		`<a><all><z y="cd">ef</z></all></a>`:       `<a><all><z y="c*">e*</z></all></a>`,
		`<a><p:q>ab</p:q></a>`:                     `<a><p:q>a*</p:q></a>`,
		`<?xml version="1.0"?><a/>`:                `<?xml version="1.0"?><a/>`,
		`<a><b>secret</b></a>`:                     "!unlisted-path",
		`<a><c>x</c></a>`:                          "!unlisted-path",
		`<a x="1"/>`:                               "!unlisted-path",
		`<a xmlns="urn:x"/>`:                       "!unlisted-path",
		`<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>`: "!xml-markup",
		`<a>&e;</a>`:                               "!xml-markup",
		`<a><?php x?></a>`:                         "!xml-markup",
		`<?xml secret="1.0"?><a/>`:                 "!xml-markup",
		`<a>&#0;</a>`:                              "!xml-markup",
		`<a>`:                                      "!bad-xml",
		`</a>`:                                     "!bad-xml",
		`<a></b>`:                                  "!bad-xml",
		`<a></ab>`:                                 "!bad-xml",
		`<a id=x/>`:                                "!bad-xml",
		`<a id="x"id="y"/>`:                        "!bad-xml",
		`<a id="<"/>`:                              "!bad-xml",
		`< a/>`:                                    "!bad-xml",
		`<a><!-- x -- y --></a>`:                   "!bad-xml",
		`<a`:                                       "!bad-xml",
		`<a id="`:                                  "!bad-xml",
		"<a>\x01x</a>":                             "!bad-xml-text",
		"<a>x\x01</a>":                             `<a>x*</a>`,
	})
	deep := compile(t, tXML, Use{Treatment: "xml", Paths: []Path{{"//*", maskFirst}}})
	outcomes(t, deep, map[string]string{strings.Repeat("<a>", 2000) + strings.Repeat("</a>", 2000): "!deep-xml"})
}

func TestXMLRulesAreChecked(t *testing.T) {
	for _, path := range []string{"", "a", "/a/", "//", "/a//", "/a b", "/@id/a", "/a/@id/**", "/a[1]", "/a/**/b", "/**x"} {
		_, err := Check(column(tXML), Use{Treatment: "xml", Paths: []Path{{path, Use{Treatment: "keep"}}}})
		var p *ParamError
		if !errors.As(err, &p) || p.Param != path {
			t.Errorf("%q: %v", path, err)
		}
	}
	if _, err := Check(column(tXML), Use{Treatment: "xml", Paths: []Path{{"/a/**", maskFirst}}}); err == nil {
		t.Error("mask covers a subtree")
	}
}

func FuzzXML(f *testing.F) {
	f.Add(`<a id='x'>s<!-- x -->r<![CDATA[<e]]>t<b/>&#65;</a>`)
	u := Use{Treatment: "xml", Paths: []Path{{"/", Use{Treatment: "mask"}}, {"/a//*", Use{Treatment: "mask"}}, {"/a/@id", Use{Treatment: "mask"}}, {"/a", Use{Treatment: "mask"}}}}
	f.Fuzz(func(t *testing.T, in string) {
		tr := compile(t, tXML, u)
		out, _, err := tr.Append(nil, Cell{Text: []byte(in)}, nil)
		if err != nil {
			return
		}
		again, _, err := tr.Append(nil, Cell{Text: out}, nil)
		if err != nil || string(again) != string(out) {
			t.Fatalf("%q became %q, which became %q (%v)", in, out, again, err)
		}
	})
}
