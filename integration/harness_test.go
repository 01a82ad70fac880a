package integration

import "testing"

func TestChecksumSeesAChangedCellAndNotTheOrder(t *testing.T) {
	srv := Server(t)
	a := database(t, srv, "sum_a", `CREATE TABLE "T x" (id int, v text); INSERT INTO "T x" VALUES (1, 'a'), (2, NULL)`)
	b := database(t, srv, "sum_b", `CREATE TABLE "T x" (id int, v text); INSERT INTO "T x" VALUES (2, NULL), (1, 'a')`)
	if x, y := Checksum(t, a, `"T x"`), Checksum(t, b, `"T x"`); x != y {
		t.Errorf("the order of rows changes the checksum: %s, %s", x, y)
	}
	do(t, b, `UPDATE "T x" SET v = '' WHERE id = 2`)
	if x, y := Checksum(t, a, `"T x"`), Checksum(t, b, `"T x"`); x == y {
		t.Errorf("NULL and the empty text have the same checksum: %s", x)
	}
	if x, y := Checksum(t, a, `"T x"`, "id"), Checksum(t, b, `"T x"`, "id"); x != y {
		t.Errorf("the column id is equal, but its checksums differ: %s, %s", x, y)
	}
}
