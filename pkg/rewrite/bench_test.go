package rewrite

import (
	"fmt"
	"testing"

	"github.com/masker-project/masker/pkg/rewrite/rewritetest"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

// echo returns its input. It is the cheapest treatment, so the benchmark measures the code around the treatments.
var echo = faulty(func(dst []byte, in transform.Cell, _ transform.Row) ([]byte, bool, error) {
	return append(dst, in.Text...), in.Null, nil
})

// BenchmarkRewrite rewrites rows of 20 columns. Either one column or 11 columns are treated. The runs with echo show
// the cost of splitting, copying, decoding and encoding. The other runs use real treatments, with and without a Watcher
// that counts.
func BenchmarkRewrite(b *testing.B) {
	for _, f := range rewritetest.Formats() {
		columns := rewritetest.Shop(b)
		benchmark(b, f, "11 treated", columns, nil, nil)
		benchmark(b, f, "11 watched", columns, nil, &sums{})
		benchmark(b, f, "11 echoed", columns, echo, nil)
		texts := make([]plan.Column, len(columns))
		for i, c := range columns {
			texts[i] = rewritetest.Kept(b, c.Name, "text", catalog.Text)
			if c.Use.Treatment != "keep" {
				texts[i].Use = rewritetest.Use("redact")
			}
		}
		benchmark(b, f, "11 texts echoed", texts, echo, nil)
		last := rewritetest.Shop(b)
		for i := range last[:19] {
			last[i].Use, last[i].Needs = transform.Use{Treatment: "keep"}, nil
		}
		benchmark(b, f, "1 echoed", last, echo, nil)
	}
}

func benchmark(b *testing.B, f wire.Format, name string, columns []plan.Column, to transform.Transform, w Watcher) {
	b.Run(f.String()+"/"+name, func(b *testing.B) {
		r := watchedRow(b, withSubject(f, columns, "id"), Options{Watcher: w})
		for i := range r.cells {
			if to != nil {
				r.cells[i].to = to
			}
		}
		const rows = 100
		all := make([][][]byte, rows)
		for i := range all {
			all[i] = rewritetest.ShopRow()
			all[i][0] = fmt.Append(nil, i)
		}
		block := rewritetest.Encode(b, f, columns, all...)
		out := make([]byte, 0, 4*len(block))
		b.SetBytes(int64(len(block)))
		b.ReportAllocs()
		for b.Loop() {
			var err error
			if out, err = r.Append(out[:0], block); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows*len(r.cells)), "ns/treated")
	})
}
