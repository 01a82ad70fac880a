package refresh_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/wire"
)

const exampleRules = `revision: 1
tables:
  public.customers:
    columns:
      id: {keep: "counted by the database"}
      email: {treat: mask}
`

// inMemory is a source in memory: the rows of one table as COPY text. Package snapshottest has tests for sources.
type inMemory string

func (m inMemory) Cut(_ context.Context, want []catalog.Want, _ catalog.Sizes) (catalog.Cut, error) {
	handle := catalog.Handle{Snapshot: string(m), Wants: catalog.DigestWants(want)}
	return catalog.Cut{Handle: handle, Extents: []catalog.Extent{{Table: want[0].Table, Of: 1}}}, nil
}

func (m inMemory) Open(_ context.Context, want []catalog.Want, h catalog.Handle) (refresh.Reader, error) {
	if h != (catalog.Handle{Snapshot: string(m), Wants: catalog.DigestWants(want)}) {
		return nil, errors.New("the handle is of another snapshot")
	}
	return &oneBlock{rows: string(m)}, nil
}

// oneBlock returns all rows as one block.
type oneBlock struct {
	rows string
	read bool
}

func (b *oneBlock) Read(context.Context, catalog.Extent) (wire.Blocks, error) {
	return &oneBlock{rows: b.rows}, nil
}

func (b *oneBlock) Next() ([]byte, error) {
	if b.read {
		return nil, io.EOF
	}
	b.read = true
	return []byte(b.rows), nil
}

func (*oneBlock) Close() error { return nil }

// printed is a target that prints the rows. Package shadowtest has tests for targets.
type printed struct{}

func (printed) Write(_ context.Context, _ int, _ catalog.Extent, into catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error) {
	fmt.Println(into, columns)
	var written int64
	for {
		block, err := rows.Next()
		if err == io.EOF {
			return written, nil
		}
		if err != nil {
			return 0, err
		}
		n, err := wire.NewSplitter(f, len(columns), 0).Count(block)
		if err != nil {
			return 0, err
		}
		written += n
		fmt.Print(string(block))
	}
}

func (printed) Finish(context.Context) error { return nil }

// A refresh reads rows from a source in memory, treats them as a plan says, and prints them. It needs a permit for the
// plan.
func ExampleRun() {
	db := &catalog.Database{Tables: []*catalog.Table{{
		Name: catalog.Name{Schema: "public", Name: "customers"},
		Columns: []catalog.Column{
			{Name: "id", Type: catalog.Type{Name: "bigint", Base: "int8", Family: catalog.Integer, Bits: 64}, NotNull: true},
			{Name: "email", Type: catalog.Type{Name: "text", Base: "text", Family: catalog.Text}},
		},
		Keys: []catalog.Key{{Name: "customers_pkey", Primary: true, Columns: []string{"id"}}},
	}}}
	rules, err := ruleset.Parse([]ruleset.Source{{Name: "shop.yaml", Data: []byte(exampleRules)}}, os.ReadFile)
	if err != nil {
		log.Fatal(err)
	}
	p, err := plan.Build(rules, db, "staging")
	if err != nil {
		log.Fatal(err)
	}
	permit, err := guard.Allow(guard.Request{
		Flow: guard.Flow{
			Name: "nightly", Treats: true, Required: 0, // nobody has to approve the rules of this example
			From: guard.Environment{Name: "production", Kind: guard.Production},
			To:   guard.Environment{Name: "staging", Kind: guard.Staging},
		},
		Plan: p.Digest(), TargetKind: "staging", Revision: 1,
		Evidence: guard.Evidence{Source: guard.Identity{Database: "memory"}, Target: guard.Identity{Database: "terminal"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	summary, err := refresh.Run(context.Background(), refresh.Options{
		Permit: permit, Plan: p, Catalog: db, Keys: keyring.Random().For("staging"),
		Snapshot: inMemory("1\tada@acme.example\n2\t\\N\n"), Shadow: printed{},
	})
	fmt.Println(summary.Rows, "rows,", summary.Values, "values treated,", err)
	// Output:
	// public.customers [id email]
	// 1	****************
	// 2	\N
	// 2 rows, 2 values treated, <nil>
}
