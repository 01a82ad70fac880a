package rewrite

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ring gives a keyring's keys to treatments.
type ring struct{ *keyring.Keys }

func (r ring) Seeder(domain string) transform.Seeder { return r.Keys.Seeder(domain) }
func (r ring) Sealer(domain string) transform.Sealer { return r.Keys.Sealer(domain) }

func (r ring) Permutation(domain string, n uint64) transform.Permutation {
	return r.Keys.Permutation(domain, n)
}

func (r ring) Numerals(domain string, radix int) transform.Numerals {
	return r.Keys.Numerals(domain, radix)
}

func keysOf(t testing.TB) transform.Keys { return ring{rewritetest.Keys(t)} }

func testLayout(f wire.Format, columns []plan.Column) *Layout {
	return &Layout{Table: catalog.Name{Schema: "public", Name: "customers"}, Columns: columns, Format: f}
}

func testRow(t testing.TB, f wire.Format, columns []plan.Column) *Row {
	t.Helper()
	r, err := Compile(testLayout(f, columns), Options{Keys: keysOf(t)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
