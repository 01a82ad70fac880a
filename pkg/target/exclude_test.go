package target

import (
	"reflect"
	"testing"

	"github.com/masker-project/masker/pkg/archive"
)

// The entries are those that pg_dump 18 writes for a partitioned table with two levels of partitions, except that a
// name has a space.
func TestAConstraintThatExcludesRowsIsMadeOnThePartitionedTable(t *testing.T) {
	const exclude = "EXCLUDE USING gist (region WITH =, during WITH &&);\n"
	entries := []archive.Entry{
		{ID: 1, Desc: "TABLE", Tag: "room"},
		{ID: 10, Desc: "CONSTRAINT", Tag: "room mine", Deps: []int{1}, Defn: "ALTER TABLE ONLY public.room\n    ADD CONSTRAINT mine " + exclude},
		{ID: 11, Desc: "CONSTRAINT", Tag: "room_1 other one", Deps: []int{1, 10}, Defn: "ALTER TABLE ONLY public.room_1\n    ADD CONSTRAINT \"other one\" " + exclude + "\nALTER TABLE public.room_1 CLUSTER ON \"other one\";\n"},
		{ID: 12, Desc: "COMMENT", Tag: "CONSTRAINT other ON room_1", Deps: []int{11}, Defn: "COMMENT ON CONSTRAINT \"other one\" ON public.room_1 IS 'x';\n"},
		{ID: 13, Desc: "CONSTRAINT", Tag: "room_2 two", Deps: []int{1, 10}, Defn: "ALTER TABLE ONLY public.room_2\n    ADD CONSTRAINT two " + exclude},
		{ID: 14, Desc: "CONSTRAINT", Tag: "room_2a below", Deps: []int{1, 13}, Defn: "ALTER TABLE ONLY public.room_2a\n    ADD CONSTRAINT below " + exclude},
		{ID: 15, Desc: "INDEX ATTACH", Tag: "other one", Deps: []int{10, 11, 1}, Defn: "ALTER INDEX public.mine ATTACH PARTITION public.\"other one\";\n"},
		{ID: 16, Desc: "INDEX ATTACH", Tag: "two", Deps: []int{10, 13, 1}, Defn: "ALTER INDEX public.mine ATTACH PARTITION public.two;\n"},
		{ID: 17, Desc: "INDEX ATTACH", Tag: "below", Deps: []int{14, 10, 13, 1}, Defn: "ALTER INDEX public.two ATTACH PARTITION public.below;\n"},
		{ID: 20, Desc: "CONSTRAINT", Tag: "plan plan_pkey", Defn: "ALTER TABLE ONLY public.plan\n    ADD CONSTRAINT plan_pkey PRIMARY KEY (id);\n"},
		{ID: 21, Desc: "CONSTRAINT", Tag: "plan_1 plan_1_pkey", Deps: []int{20}, Defn: "ALTER TABLE ONLY public.plan_1\n    ADD CONSTRAINT plan_1_pkey PRIMARY KEY (id);\n"},
		{ID: 22, Desc: "INDEX ATTACH", Tag: "plan_1_pkey", Deps: []int{20, 21}, Defn: "ALTER INDEX public.plan_pkey ATTACH PARTITION public.plan_1_pkey;\n"},
	}
	d := &ddl{all: map[int]archive.Entry{}}
	for _, e := range entries {
		d.all[e.ID] = e
		if e.Desc != "TABLE" {
			d.post = append(d.post, e)
		}
	}
	d.wholeExclusions()
	want := map[int]partConstraint{
		15: {"public.room_1", "public.mine", `"other one"`, "\nALTER TABLE public.room_1 CLUSTER ON \"other one\";\n"},
		16: {"public.room_2", "public.mine", "two", ""},
		17: {"public.room_2a", "public.two", "below", ""},
	}
	if !reflect.DeepEqual(d.parts, want) {
		t.Errorf("the partitions have %v, want %v", d.parts, want)
	}
	deps, defn := map[int][]int{}, map[int]string{}
	for _, e := range d.post {
		deps[e.ID], defn[e.ID] = e.Deps, e.Defn
	}
	if want := map[int][]int{10: {1}, 12: {15}, 15: {10, 11, 1}, 16: {10, 13, 1}, 17: {14, 10, 16, 1}, 20: {}, 21: {20}, 22: {20, 21}}; len(deps) != len(want) || !reflect.DeepEqual(deps[12], want[12]) || !reflect.DeepEqual(deps[17], want[17]) {
		t.Errorf("the entries depend on %v, want %v", deps, want)
	}
	if got, want := defn[10], "ALTER TABLE public.room\n    ADD CONSTRAINT mine "+exclude; got != want {
		t.Errorf("the constraint of the partitioned table is %q, want %q", got, want)
	}
	if defn[20] != entries[9].Defn {
		t.Errorf("an ordinary key became %q", defn[20])
	}
	if entries[5].Deps[1] != 13 {
		t.Error("the archive was changed")
	}
}
