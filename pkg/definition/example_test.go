package definition_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/definition"
)

// A function that computes is silent. A function that executes a text can reach anything.
func Example() {
	entries := []archive.Entry{
		{ID: 1, Desc: "FUNCTION", Namespace: "public", Tag: "half(integer)", Defn: "CREATE FUNCTION public.half(n integer) RETURNS integer LANGUAGE sql AS $$ SELECT n / 2 $$;"},
		{ID: 2, Desc: "FUNCTION", Namespace: "public", Tag: "run(text)", Defn: "CREATE FUNCTION public.run(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE t; END $$;"},
	}
	for _, d := range definition.Read(entries, nil) {
		fmt.Println(d.Name, "is", d.Class)
	}
	// Output:
	// public.half(integer) is silent
	// public.run(text) is reaching
}
