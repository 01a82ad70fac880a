package refresh

import (
	"math"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
)

// orderOf returns the random numbers for one order of a table. The number 0 is for the order of the table's stripes.
// The index of an extent plus 1 is for the order of the extent's rows. The largest number is for the rows that the
// server mixes.
func orderOf(keys *keyring.Keys, table catalog.Name, number uint64) *keyring.Stream {
	return keys.Stream("order of "+table.String(), number)
}

// seedOf returns the seed of the order in which the server sends long rows. It is never 0.
func seedOf(keys *keyring.Keys, table catalog.Name) int64 {
	return 1 + int64(orderOf(keys, table, math.MaxUint64).Below(math.MaxInt64))
}

// arrange puts the stripes of each shuffled table into a random order that it derives from the key. Then it divides
// them among the extents of the table. So each extent has stripes from all parts of the table.
func (p *pool) arrange(extents []catalog.Extent) {
	of := make([][]int, len(p.take)) // the extents of each route
	for i, e := range extents {
		if p.take[e.Want].shuffled {
			of[e.Want] = append(of[e.Want], i)
		}
	}
	for want, own := range of {
		var stripes []catalog.Pages
		for _, i := range own {
			stripes = append(stripes, extents[i].Pages...)
		}
		for _, i := range own {
			if extents[i].Long { // the shuffle does not hold long rows in memory, so the server has to mix them
				extents[i].Seed = seedOf(p.o.Keys, extents[i].Table)
			}
		}
		if len(stripes) < 2 {
			continue
		}
		order := balanced(orderOf(p.o.Keys, p.take[want].leaf.Name, 0), len(stripes))
		for _, i := range own {
			pages := make([]catalog.Pages, len(extents[i].Pages))
			for j := range pages {
				pages[j], order = stripes[order[0]], order[1:]
			}
			extents[i].Pages = pages
		}
	}
}

// If there are few stripes, a random order of them often correlates with the source's order. With 64 stripes, the
// correlation has a standard deviation of 0.13. So balanced tries up to draws orders, until the correlation is between
// -smallRho and smallRho.
const (
	draws    = 100
	smallRho = 0.02
)

// balanced returns a random order of the numbers below n. It returns the first order whose rank correlation with the
// sorted order is between -smallRho and smallRho. If none of the orders that it tries is, it returns the one whose
// correlation is nearest to 0.
func balanced(random *keyring.Stream, n int) []int {
	var best []int
	least := math.Inf(1)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for try := 0; try < draws && least > smallRho; try++ {
		for i := n - 1; i > 0; i-- {
			j := random.Below(uint64(i) + 1)
			order[i], order[j] = order[j], order[i]
		}
		if rho := math.Abs(rankCorrelation(order)); rho < least {
			best, least = slices.Clone(order), rho
		}
	}
	return best
}

// rankCorrelation returns Spearman's coefficient between an order of at least two numbers and the sorted order.
func rankCorrelation(order []int) float64 {
	var sum float64
	for i, j := range order {
		d := float64(i - j)
		sum += d * d
	}
	n := float64(len(order))
	return 1 - 6*sum/(n*(n*n-1))
}
