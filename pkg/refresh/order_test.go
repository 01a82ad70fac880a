package refresh

import (
	"math"
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
)

// P1: an order contains every stripe once. It depends only on the key and the table, and has nearly no correlation with
// the source's order.
func TestP1StripesComeInAnOrderOfTheKey(t *testing.T) {
	keys := rewritetest.Keys(t)
	table := catalog.Name{Schema: "public", Name: "t"}
	for _, n := range []int{2, 16, 64, 1000, 1 << 16} {
		got := balanced(orderOf(keys, table, 0), n)
		if again := balanced(orderOf(keys, table, 0), n); !slices.Equal(got, again) {
			t.Errorf("%d stripes come in two orders", n)
		}
		if n > 2 && slices.Equal(got, balanced(orderOf(keys, catalog.Name{Schema: "public", Name: "u"}, 0), n)) {
			t.Errorf("%d stripes of two tables come in the same order", n)
		}
		if rho := rankCorrelation(got); n >= 16 && math.Abs(rho) > smallRho {
			t.Errorf("%d stripes: rho %.3f", n, rho)
		}
		slices.Sort(got)
		for i := range got {
			if got[i] != i {
				t.Fatalf("%d stripes: %d is missing", n, i)
			}
		}
	}
}

func TestRankCorrelation(t *testing.T) {
	if r := rankCorrelation([]int{0, 1, 2, 3}); r != 1 {
		t.Error(r)
	}
	if r := rankCorrelation([]int{3, 2, 1, 0}); r != -1 {
		t.Error(r)
	}
}

// P1: each extent gets stripes from all parts of the table. The extents of a table that is not shuffled do not change.
func TestP1ExtentsHaveStripesOfTheWholeTable(t *testing.T) {
	var extents []catalog.Extent
	var all []catalog.Pages
	for i := range 4 {
		for want := range 2 {
			e := catalog.Extent{Want: want, Index: i, Of: 4}
			for j := range 16 {
				from := uint32(i*16+j) * 128
				e.Pages = append(e.Pages, catalog.Pages{From: from, To: from + 128})
			}
			if i == 3 {
				e.Pages[15].To = 0
			}
			if want == 0 {
				all = append(all, e.Pages...)
			}
			extents = append(extents, e)
		}
	}
	leaf := &catalog.Table{Name: catalog.Name{Schema: "public", Name: "t"}}
	p := &pool{o: Options{Keys: rewritetest.Keys(t)}, take: []*route{{leaf: leaf, shuffled: true}, {leaf: leaf}}}
	kept := slices.Clone(extents[1].Pages)
	p.arrange(extents)
	if !slices.Equal(extents[1].Pages, kept) {
		t.Error("the pages of a table that keeps its order were moved")
	}
	var got []catalog.Pages
	for _, e := range extents {
		if e.Want != 0 {
			continue
		}
		quarters := map[uint32]bool{}
		for _, r := range e.Pages {
			quarters[r.From/(16*128)] = true
		}
		if len(e.Pages) != 16 || len(quarters) < 3 {
			t.Errorf("extent %d has %d stripes of %d quarters of the table", e.Index, len(e.Pages), len(quarters))
		}
		got = append(got, e.Pages...)
	}
	slices.SortFunc(got, func(a, b catalog.Pages) int { return int(a.From) - int(b.From) })
	if !slices.Equal(got, all) {
		t.Error("the extents do not have every stripe once")
	}
}
