package source_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
)

// The columns of the referenced rows come behind each row. This does not depend on how the table is cut. The columns
// are NULL if the row references nothing. The referenced tables are partitioned, have children, have odd names or
// reference themselves.
func TestRowsComeWithThoseTheyReference(t *testing.T) {
	_, url := database(t, "joined", `
		CREATE TABLE region (id int PRIMARY KEY, name text) PARTITION BY RANGE (id);
		CREATE TABLE region_1 PARTITION OF region FOR VALUES FROM (0) TO (5);
		CREATE TABLE region_2 PARTITION OF region FOR VALUES FROM (5) TO (10);
		CREATE TABLE "Odd.Parent" (id bigint PRIMARY KEY, "full.name" text, region_id int REFERENCES region, boss bigint REFERENCES "Odd.Parent");
		CREATE TABLE heir () INHERITS ("Odd.Parent");
		CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES "Odd.Parent", pad text);
		INSERT INTO region SELECT i, 'r' || i FROM generate_series(0, 9) i;
		INSERT INTO "Odd.Parent" SELECT i, 'p' || i, i % 10, NULLIF(i / 2, 0) FROM generate_series(1, 500) i;
		INSERT INTO heir SELECT i, 'wrong', 1, NULL FROM generate_series(1, 500) i;
		INSERT INTO child SELECT i, NULLIF(i % 501, 0), repeat('x', 200) FROM generate_series(1, 5000) i;`)
	p := open(t, url, source.Options{})
	odd := catalog.Name{Schema: "public", Name: "Odd.Parent"}
	want := catalog.Want{
		Table: catalog.Name{Schema: "public", Name: "child"}, Columns: []string{"id", "parent"},
		Joins: []catalog.Join{
			{Path: "parent", Parent: odd, Key: "id"},
			{Path: "parent.boss", Parent: odd, Key: "id"},
			{Path: "parent.boss.region_id", Parent: catalog.Name{Schema: "public", Name: "region"}, Key: "id"},
		},
		Extras: []catalog.Extra{{Path: "parent", Column: "full.name"}, {Path: "parent.boss.region_id", Column: "name"}},
	}
	rows, extents := collect(t, p, []catalog.Want{want}, catalog.Sizes{Workers: 3, Bytes: 128 << 10})
	if len(extents) < 2 {
		t.Errorf("%d extents", len(extents))
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSuffix(rows["public.child"], "\n"), "\n") {
		seen[line] = true
	}
	for i := 1; i <= 5000; i++ {
		parent, name, region := `\N`, `\N`, `\N`
		if k := i % 501; k > 0 {
			parent, name = fmt.Sprint(k), fmt.Sprintf("p%d", k)
			if k > 1 {
				region = fmt.Sprintf("r%d", k/2%10)
			}
		}
		if line := fmt.Sprintf("%d\t%s\t%s\t%s", i, parent, name, region); !seen[line] {
			t.Fatalf("no row %q", line)
		}
	}
	if len(seen) != 5000 {
		t.Errorf("%d rows", len(seen))
	}
	want.Binary = true
	binary, _ := collect(t, p, []catalog.Want{want}, catalog.Sizes{Workers: 1, Bytes: 128 << 10})
	if n := strings.Count(binary["public.child"], "\x00\x04"); n < 5000 {
		t.Errorf("%d rows of four columns in binary", n)
	}
	want.Joins[0].Parent.Name = "absent"
	if err := stream(t.Context(), p, []catalog.Want{want}, catalog.Sizes{Workers: 1}, drain); err == nil {
		t.Error("a referenced table that is not in the snapshot was read")
	}
}
