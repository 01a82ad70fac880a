package provenance_test

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/provenance"
)

func TestAMarkKeepsTheRestOfAComment(t *testing.T) {
	m := provenance.Mark{State: provenance.Published, Target: "a\nb", Run: "r1"}
	comment := m.In("ours\n" + provenance.Mark{State: provenance.Published, Target: "x", Run: "r0"}.Line() + "\nstill ours")
	got, ok := provenance.ParseMark(comment)
	if !ok || got != m {
		t.Errorf("read %+v", got)
	}
	if rest := strings.SplitN(comment, "\n", 2)[1]; rest != "ours\nstill ours" {
		t.Errorf("the comment became %q", rest)
	}
}

func TestR10WhatIsNoMark(t *testing.T) {
	const good = `masker: {"state":"published","target":"x","run":"y"}`
	for _, c := range []string{
		"", "masker: yes", `masker: {"state":"published"}`, "about " + good, `masker: {"state":"gone","target":"x","run":"y"}`,
		"masker: {\n" + good, `masker: {"state":"published","target":"x"}`, `masker: {"state":"published","run":"x"}`, good + "}",
		`masker: {"state":"published","target":"x","run":"a\nb"}`, `masker: {"state":"published","target":"x","run":"` + strings.Repeat("a", 41) + `"}`,
		`masker: {"state":"published","target":"` + strings.Repeat("a", 64) + `","run":"a"}`,
	} {
		if _, ok := provenance.ParseMark(c); ok {
			t.Errorf("%q is read as a mark", c)
		}
	}
	if _, ok := provenance.ParseMark("ours\n" + good); !ok {
		t.Error("a mark below a comment is not read")
	}
}

func TestTheNameOfATemplateFits(t *testing.T) {
	if name, err := provenance.TemplateName("staging"); err != nil || name != "staging_masker_template" {
		t.Errorf("the template is %q: %v", name, err)
	}
	if name, err := provenance.TemplateName(strings.Repeat("a", 48)); err == nil {
		t.Errorf("PostgreSQL would cut %q", name)
	}
}

func FuzzParseMark(f *testing.F) {
	f.Add(`masker: {"state":"published","target":"x","run":"y"}`)
	f.Fuzz(func(t *testing.T, comment string) {
		m, ok := provenance.ParseMark(comment)
		if !ok {
			return
		}
		if again, ok := provenance.ParseMark(m.In(comment)); !ok || again.Run != m.Run || again.Target != m.Target || again.State != m.State {
			t.Errorf("%q is read as %+v, written and read again as %+v", comment, m, again)
		}
	})
}
