package structured_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

func TestXMLPathByPath(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.XML, transform.Use{Treatment: "xml", Paths: []transform.Path{
		{Path: "/", Use: transformtest.MaskFirst},
		{Path: "/a", Use: transformtest.MaskFirst},
		{Path: "/a/@id", Use: transformtest.MaskFirst},
		{Path: "/a/b/@*", Use: transform.Use{Treatment: "redact"}},
		{Path: "/a/b/@k", Use: transform.Use{Treatment: "keep"}},
		{Path: "//mail", Use: transformtest.MaskFirst},
		{Path: "/a/kept/**", Use: transform.Use{Treatment: "keep"}},
		{Path: "/a/gone/**", Use: transform.Use{Treatment: "null"}},
		{Path: "/a/all//*", Use: transformtest.MaskFirst},
		{Path: "/a/p:q", Use: transformtest.MaskFirst},
	}})
	transformtest.Outcomes(t, tr, map[string]string{
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
	deep := transformtest.Compile(t, transformtest.XML, transform.Use{Treatment: "xml", Paths: []transform.Path{{Path: "//*", Use: transformtest.MaskFirst}}})
	transformtest.Outcomes(t, deep, map[string]string{strings.Repeat("<a>", 2000) + strings.Repeat("</a>", 2000): "!deep-xml"})
}

func TestXMLRulesAreChecked(t *testing.T) {
	for _, path := range []string{"", "a", "/a/", "//", "/a//", "/a b", "/@id/a", "/a/@id/**", "/a[1]", "/a/**/b", "/**x"} {
		_, err := library.Check(transformtest.Column(transformtest.XML), transform.Use{Treatment: "xml", Paths: []transform.Path{{Path: path, Use: transform.Use{Treatment: "keep"}}}})
		var p *transform.ParamError
		if !errors.As(err, &p) || p.Param != path {
			t.Errorf("%q: %v", path, err)
		}
	}
	if _, err := library.Check(transformtest.Column(transformtest.XML), transform.Use{Treatment: "xml", Paths: []transform.Path{{Path: "/a/**", Use: transformtest.MaskFirst}}}); err == nil {
		t.Error("mask is accepted for a subtree")
	}
}

func FuzzXML(f *testing.F) {
	f.Add(`<a id='x'>s<!-- x -->r<![CDATA[<e]]>t<b/>&#65;</a>`)
	u := transform.Use{Treatment: "xml", Paths: []transform.Path{{Path: "/", Use: transform.Use{Treatment: "mask"}}, {Path: "/a//*", Use: transform.Use{Treatment: "mask"}}, {Path: "/a/@id", Use: transform.Use{Treatment: "mask"}}, {Path: "/a", Use: transform.Use{Treatment: "mask"}}}}
	f.Fuzz(func(t *testing.T, in string) {
		tr := transformtest.Compile(t, transformtest.XML, u)
		out, _, err := tr.Append(nil, transform.Cell{Text: []byte(in)}, nil)
		if err != nil {
			return
		}
		again, _, err := tr.Append(nil, transform.Cell{Text: out}, nil)
		if err != nil || string(again) != string(out) {
			t.Fatalf("%q became %q, which became %q (%v)", in, out, again, err)
		}
	})
}
