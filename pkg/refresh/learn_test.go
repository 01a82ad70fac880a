package refresh_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/refresh/snapshottest"

	"github.com/masker-project/masker/pkg/rewrite/rewritetest"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
)

// census is a snapshot that can also count values.
type census struct {
	*memory
	asked []catalog.Histogram
	err   error
}

func (c *census) Histogram(_ context.Context, h catalog.Histogram) ([]string, []int64, error) {
	c.asked = append(c.asked, h)
	return []string{"often", "rare"}, []int64{100000, 3}, c.err
}

// sampledWorld returns a snapshot with one sampled column and two rows.
func sampledWorld(t *testing.T) *memory {
	kind := rewritetest.Column(t, "kind", "text", catalog.Text, transform.Use{Treatment: "sample", Params: transform.Params{"epsilon": 0.5}})
	return &memory{snapshottest.Memory{PerExtent: 1, PerBlock: 1, Tables: map[catalog.Name]snapshottest.MemoryTable{
		name("orders"): {Columns: []plan.Column{rewritetest.Kept(t, "id", "int4", catalog.Integer), kind}, Rows: [][][]byte{{[]byte("1"), []byte("rare")}, {[]byte("2"), []byte("often")}}},
	}}}
}

func TestSampledColumnsAreLearnedBeforeARowIsRead(t *testing.T) {
	m := sampledWorld(t)
	c := &census{memory: m}
	o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t)})
	o.Snapshot = c
	var learned []refresh.Learned
	o.Learned = func(list []refresh.Learned) error {
		learned = list
		m.Asked = func([]catalog.Want) {
			if learned == nil {
				t.Error("rows were asked for first")
			}
		}
		return nil
	}
	before := o.Plan.Digest()
	h, _ := refreshed(t, m, o)
	if got := fmt.Sprint(sorted(t, m, h, name("orders"))); got != `[["1" "often"] ["2" "often"]]` {
		t.Errorf("got %s", got)
	}
	if len(learned) != 1 || learned[0].Table != "public.orders" || learned[0].Column != "kind" || learned[0].Epsilon != 0.5 || len(learned[0].Digest) != 64 {
		t.Errorf("learned %+v", learned)
	}
	if len(c.asked) != 1 || c.asked[0] != (catalog.Histogram{Table: name("orders"), Column: "kind", Family: catalog.Text}) {
		t.Errorf("asked for %+v", c.asked)
	}
	if o.Plan.Tables[0].Columns[1].Use.Model != nil || o.Plan.Digest() != before {
		t.Error("the plan was changed")
	}
}

func TestWhatIsNotLearnedStopsTheRefresh(t *testing.T) {
	for want, set := range map[string]func(o *refresh.Options, c *census){
		"cannot count":       func(o *refresh.Options, c *census) { o.Snapshot = c.memory },
		"public.orders.kind": func(_ *refresh.Options, c *census) { c.err = errors.New("gone") },
		"ledger full": func(o *refresh.Options, _ *census) {
			o.Learned = func([]refresh.Learned) error { return errors.New("ledger full") }
		},
	} {
		m := sampledWorld(t)
		m.Asked = func([]catalog.Want) { t.Errorf("%s: rows were read", want) }
		c := &census{memory: m}
		o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t)})
		o.Snapshot, o.Shadow = c, newHeap()
		set(&o, c)
		if _, err := refresh.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
