package probe_test

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/verify/probe"
)

// A value can be divided over the constants of an expression. Numbers are not put together.
func TestConstantsAreLookedUpTogether(t *testing.T) {
	create(t, "divided", "", `CREATE TABLE t (id int, v text DEFAULT lower('anna') || '@mail.example', w text CHECK (w IN ('4930', '12345678')), x text DEFAULT 'robin');
		CREATE VIEW vi AS SELECT 'anna' || id || '@mail.example' AS a FROM t`)
	got, _ := look(t, "divided", probe.Options{Values: true}, "anna | @mail.example", "493012345678", "robin")
	want := []string{
		"public.t definition of default value for column v of table public.t: anna | @mail.example", "public.t definition of default value for column x of table public.t: robin",
		"public.vi definition of rule _RETURN on view public.vi: anna | @mail.example",
	}
	if !slices.Equal(got.Places(), want) {
		t.Errorf("got %q", got.Places())
	}
}

// The first index of an array can be any number, such as a telephone number.
func TestBoundsOfArraysAreLookedUp(t *testing.T) {
	create(t, "bounds", "", `CREATE TABLE t (id int PRIMARY KEY, a text[], b int[]);
		INSERT INTO t VALUES (1, '[1301234567:1301234567]={x}', '{1}'), (2, '[0:1]={x,y}', '[1:1][1401234567:1401234568]={{1,2}}')`)
	for _, binary := range []bool{false, true} {
		got, _ := look(t, "bounds", probe.Options{Values: true, Tables: tables(t, "bounds", binary)}, "1301234567", "1401234567")
		if want := []string{"public.t.a: 1301234567", "public.t.b: 1401234567"}; !slices.Equal(got.Places(), want) {
			t.Errorf("binary %v: got %q", binary, got.Places())
		}
	}
}
