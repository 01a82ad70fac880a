package library

import (
	"testing"

	"github.com/masker-project/masker/pkg/transform"
)

func TestKeepsAndLists(t *testing.T) {
	keep, redact := transform.Use{Treatment: "keep"}, transform.Use{Treatment: "redact"}
	document := transform.Use{Treatment: "json", Paths: []transform.Path{
		{Path: "$.a.b", Use: keep}, {Path: "$.c[*]", Use: redact}, {Path: "$.d.**", Use: keep}, {Path: "$.e.*", Use: redact}, {Path: "$.e.f", Use: keep},
	}}
	at := transform.Use{Treatment: "fields", Paths: []transform.Path{{Path: "town", Use: keep}, {Path: "street", Use: redact}}}
	row := transform.Use{Treatment: "fields", Paths: []transform.Path{{Path: "note", Use: keep}, {Path: "mail", Use: redact}, {Path: "at", Use: at}, {Path: "data", Use: document}}}
	for _, c := range []struct {
		use          transform.Use
		path         string
		keeps, lists bool
	}{
		{keep, "", true, true},
		{redact, "", false, true},
		{keep, "$.any", true, true},
		{transform.Use{Treatment: "redact", When: "a = 1", Else: &keep}, "", true, true},
		{transform.Use{Treatment: "keep", When: "a = 1", Else: &redact}, "", true, true},
		{document, "$.a.b", true, true},
		{document, "$.a.x", true, false},
		{document, "$.c[*]", false, true},
		{document, "$.d.x[*].y", true, true},
		{document, "$.e.x", false, true},
		{document, "$.e.*", false, true},
		{document, "$.e.f", true, true},
		{row, "$.note", true, true},
		{row, "$.mail", false, true},
		{row, "$.at.town", true, true},
		{row, "$.at.street", false, true},
		{row, "$.data.a.b", true, true},
		{row, "$.data.c[*]", false, true},
		{row, "$.mails", true, true},
		{transform.Use{Treatment: "xml", Paths: []transform.Path{{Path: "/a/b", Use: keep}}}, "$.a.b", true, true},
		{transform.Use{Treatment: "xml", Paths: []transform.Path{{Path: "/a/b", Use: redact}}}, "$.a.b", false, true},
	} {
		if got := Keeps(c.use, c.path); got != c.keeps {
			t.Errorf("Keeps(%s, %s) is %t", c.use.Treatment, c.path, got)
		}
		if got := Lists(c.use, c.path, `"x"`); got != c.lists {
			t.Errorf("Lists(%s, %s) is %t", c.use.Treatment, c.path, got)
		}
	}
}
