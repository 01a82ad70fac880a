package definition_test

import (
	"fmt"
	"testing"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/definition"
)

// BenchmarkRead measures Read with the definitions of 5,000 tables. Each table has a key and an index.
func BenchmarkRead(b *testing.B) {
	var entries []archive.Entry
	add := func(kind, name, sql string) {
		entries = append(entries, archive.Entry{ID: len(entries) + 1, Desc: kind, Namespace: "public", Tag: name, Defn: sql})
	}
	for i := range 5000 {
		name := fmt.Sprintf("t_%d", i)
		add("TABLE", name, "CREATE TABLE public."+name+" (\n    id bigint NOT NULL,\n    name text,\n    price numeric(10,2) DEFAULT 0,\n    at timestamp with time zone DEFAULT now(),\n    CONSTRAINT c CHECK ((price >= (0)::numeric))\n);\n")
		add("CONSTRAINT", name+" "+name+"_pkey", "ALTER TABLE ONLY public."+name+" ADD CONSTRAINT "+name+"_pkey PRIMARY KEY (id);\n")
		add("INDEX", name+"_name", "CREATE INDEX "+name+"_name ON public."+name+" USING btree (lower(name));\n")
	}
	for b.Loop() {
		if list := definition.Read(entries, nil); len(list) != len(entries) {
			b.Fatal(len(list))
		}
	}
}
