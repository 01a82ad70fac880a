package target_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/refresh/shadowtest"
	"github.com/masker-project/masker/pkg/target"
)

func TestAServerIsAShadow(t *testing.T) {
	create(t, "conformance_src", shadowtest.SQL())
	sp := spec(t, "conformance_src", "")
	runs := 0
	shadowtest.Run(t, func(t *testing.T) shadowtest.Subject {
		proxy, through := stallable(t, "conformance")
		p := open(t, through, target.Options{})
		runs++
		sp := sp
		sp.Run = fmt.Sprintf("run%d", runs)
		s, err := p.Create(t.Context(), sp)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Discard(context.Background()); err != nil {
				t.Error(err)
			}
		})
		return shadowtest.Subject{
			Shadow: s,
			Rows:   func(t *testing.T, table catalog.Name) []byte { return copied(t, s.Name(), table) },
			Break: func(t *testing.T) {
				port := 0
				for ended := time.Now().Add(10 * time.Second); port == 0; { // the server needs a moment to begin the COPY
					if time.Now().After(ended) {
						t.Fatal("there is no COPY")
					}
					port = one[int](t, "postgres", `SELECT COALESCE(max(client_port), 0) FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'COPY %' AND state = 'active'`, s.Name())
				}
				proxy.CutPort(port)
			},
		}
	})
}

// copied returns a table as COPY text.
func copied(t *testing.T, db string, table catalog.Name) []byte {
	t.Helper()
	conn := connect(t, server.URL(db))
	defer conn.Close(context.Background())
	var out bytes.Buffer
	if _, err := conn.PgConn().CopyTo(t.Context(), &out, "COPY "+table.String()+" TO STDOUT"); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
