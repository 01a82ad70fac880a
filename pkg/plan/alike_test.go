package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/plan"
)

// If a treatment does not fit twenty columns, the error has its text once, with a list of the columns. Programs get a
// problem for each column.
func TestAClassThatFitsNoColumnIsOneError(t *testing.T) {
	var columns, rules []string
	for i := range 20 {
		columns, rules = append(columns, fmt.Sprintf("c%d int", i)), append(rules, fmt.Sprintf("    c%d: {treat: fake.email}\n", i))
	}
	set := sketch.Rules(t, sketch.Head+"tables:\n  public.t:\n   columns:\n"+strings.Join(rules, ""))
	_, err := plan.Build(set, sketch.Schema(t, "public.t: "+strings.Join(columns, ", ")), "staging")
	var invalid *plan.Invalid
	if !errors.As(err, &invalid) || len(invalid.Problems) != 20 {
		t.Fatalf("%v, want 20 problems", err)
	}
	text := err.Error()
	if n := strings.Count(text, "cannot take type integer"); n != 1 {
		t.Errorf("the text is there %d times, want once:\n%s", n, text)
	}
	for i := range 20 {
		if name := fmt.Sprintf("public.t.c%d", i); strings.Count(text, name+":")+strings.Count(text, name+" (") != 1 {
			t.Errorf("%s is not there once:\n%s", name, text)
		}
	}
}
