package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// pg_dump cannot write a column that a table inherits after a column of its own.
func TestColumnsThatGetAnotherOrderHaveANote(t *testing.T) {
	db := schema(t, "public.base: id int, late text", "public.kid: id int, extra text, late text", "public.grand: id int, late text, extra text", "public.plain: id int, late text, extra text")
	for child, parents := range map[string][]string{"kid": {"base"}, "grand": {"kid"}, "plain": {"base"}} {
		table := db.Table(catalog.Name{Schema: "public", Name: child})
		for _, parent := range parents {
			table.Inherits = append(table.Inherits, catalog.Name{Schema: "public", Name: parent})
		}
	}
	keep := "{keep: x, only: [id, late, extra]}"
	p := mustBuild(t, db, "tables: {public.base: {keep: x, only: [id, late]}, public.kid: "+keep+", public.grand: "+keep+", public.plain: "+keep+"}\n")
	// grand has the order of its parent in the target, so its own order is the same there.
	if got := strings.Join(p.Notes, "\n"); !strings.Contains(got, "the columns of 1 table stand in another order") || !strings.Contains(got, ": public.kid;") {
		t.Errorf("notes %q", got)
	}
}
