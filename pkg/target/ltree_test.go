package target_test

import (
	"context"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/target"
	"github.com/masker-project/masker/pkg/wire"
)

// The type ltree reports a malformed value as a syntax error. The error still names the treated column.
func TestASyntaxErrorOfAValueNamesItsColumn(t *testing.T) {
	create(t, "paths_src", `CREATE EXTENSION ltree; CREATE TABLE a (path ltree)`)
	p := open(t, server.URL("paths"), target.Options{})
	sp := spec(t, "paths_src", "run1")
	name := catalog.Name{Schema: "public", Name: "a"}
	sp.Treated = map[catalog.ColumnName]string{{Table: name, Column: "path"}: "r.yaml:7"}
	s, err := p.Create(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Discard(context.Background())
	_, err = s.Write(t.Context(), 0, catalog.Extent{Table: name, Of: 1}, name, []string{"path"}, wire.Text, &blocks{rest: [][]byte{[]byte("a..CANARY!\n")}})
	if err == nil || !strings.Contains(err.Error(), "42601") || !strings.Contains(err.Error(), "rules change these columns: public.a.path (r.yaml:7)") || strings.Contains(err.Error(), "CANARY") {
		t.Error(err)
	}
}
