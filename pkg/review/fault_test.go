package review

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

func TestFaultsHavePositions(t *testing.T) {
	db := sketch.Schema(t, "public.t: a text, b text", "public.u: c text")
	db.LargeObjects.Any = true
	_, err := plan.Build(sketch.Rules(t, sketch.Head+"tables: {public.t: {columns: {a: {treat: mask, keep_lst: 1}}}}\n"), db, "staging")
	var lines []string
	for _, f := range Faults(fmt.Errorf("flow f: %w", err)) {
		lines = append(lines, fmt.Sprintf("%s %s %s %s", f.Level, f.Code, f.At, f.Text))
	}
	want := []string{
		`error rules-problem r.yaml:3:48 public.t.a: mask: keep_lst: mask has no such parameter (did you mean keep_last?)`,
		"error undecided-column r.yaml:3 public.t.b (text) has no decision",
		"error undecided-column r.yaml public.u.c (text) has no decision",
		"error undecided-objects r.yaml large_objects: large objects have no decision",
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if fs := Faults(ruleset.Problems{{Text: "x"}}); len(fs) != 1 || !fs[0].At.IsZero() {
		t.Errorf("%+v", fs)
	}
	if fs := Faults(errors.New("away")); fs != nil {
		t.Errorf("%+v", fs)
	}
}

func TestFindingsAsText(t *testing.T) {
	p := waivable(t, "waivers:\n"+waiver+another)
	fs := Findings(p, day(t, "2027-01-01T00:00:00Z"))
	for i := range fs {
		fs[i].Flow = "nightly"
	}
	fs[1].Flow = ""
	var out bytes.Buffer
	if err := WriteFindings(&out, append(fs, Finding{Code: "c", Text: "a\nb\x1b"})); err != nil {
		t.Fatal(err)
	}
	golden(t, "findings.txt", out.Bytes())
	out.Reset()
	if err := WriteFindingsJSON(&out, fs); err != nil {
		t.Fatal(err)
	}
	golden(t, "findings.json", out.Bytes())
}

func TestPositionsReadBack(t *testing.T) {
	for _, text := range []string{"", "r.yaml", "r.yaml:3", "r.yaml:3:4", "pack baseline:2:1", "a:b.yaml:1:1", "C:/x/r.yaml:7:9", "a b\n.yaml:1:2"} {
		if got := ParsePos(text).String(); got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
}
