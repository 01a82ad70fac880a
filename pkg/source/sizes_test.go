package source_test

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
)

// The sizes decide whether the target's disk is large enough, so they must not be far below the exact sizes.
func TestSizesAreNearTheExactOnes(t *testing.T) {
	conn, url := database(t, "sizes", `
		CREATE TABLE small (id int PRIMARY KEY, note text);
		INSERT INTO small VALUES (1, 'a');
		CREATE TABLE plain (id int PRIMARY KEY, other int UNIQUE);
		INSERT INTO plain SELECT i, i FROM generate_series(1, 50000) i;
		CREATE TABLE toasted (id int PRIMARY KEY, body text);
		ALTER TABLE toasted ALTER body SET STORAGE EXTERNAL;
		INSERT INTO toasted SELECT i, repeat('x', 9000) FROM generate_series(1, 1000) i;
		CREATE TABLE parted (id int, at int) PARTITION BY RANGE (id);
		CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
		INSERT INTO parted VALUES (1, 1)`)
	run(t, conn, "VACUUM ANALYZE")
	d, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	const maps = 5 * 8192 // pages of the free space map and the visibility map, for a table and for its TOAST table
	for _, name := range []string{"small", "plain", "toasted", "parted", "parted_1"} {
		size := d.Table(catalog.Name{Schema: "public", Name: name}).Size
		var table, indexes, pages int64
		if err := conn.QueryRow(t.Context(), `SELECT pg_table_size($1::text::regclass), pg_indexes_size($1::text::regclass),
			pg_relation_size($1::text::regclass) / 8192`, name).Scan(&table, &indexes, &pages); err != nil {
			t.Fatal(err)
		}
		if size.Bytes > table || size.Bytes < table-2*maps || size.IndexBytes > indexes || size.IndexBytes < indexes-2*maps || size.Pages != pages {
			t.Errorf("%s: %+v, and exactly %d bytes, %d of indexes, %d pages", name, size, table, indexes, pages)
		}
	}
}
