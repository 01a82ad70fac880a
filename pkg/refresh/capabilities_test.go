package refresh_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/refresh/snapshottest"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/transform"
)

func TestLargeObjectsMoveOnlyByDecision(t *testing.T) {
	m := withLargeObjects{shopWorld(t, 1), map[uint32]string{7: "a large object"}}
	for _, decision := range []string{"drop", "keep"} {
		o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t)})
		o.Plan.Objects = []plan.Object{{Kind: "large_objects", Decision: decision}, {Kind: "event_triggers", Decision: "keep"}}
		permit(t, &o)
		h := heapOfLargeObjects{newHeap(), map[uint32]string{}}
		o.Snapshot, o.Shadow = m, h
		s, err := refresh.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if kept := decision == "keep"; kept != (h.large[7] == "a large object") || kept != (s.LargeObjects == 1) {
			t.Errorf("%s: %v, %d counted", decision, h.large, s.LargeObjects)
		}
	}
}

// joined returns a snapshot for a plan with a treatment that reads a column of a referenced row.
func joined(t *testing.T) *memory {
	u := transform.Use{
		Treatment: "expr", Params: transform.Params{"value": `old.customer_id.name`},
		Reads: []transform.Read{{Name: "customer_id.name", Type: rewritetest.Type("text", catalog.Text)}},
	}
	return &memory{snapshottest.Memory{PerExtent: 1, PerBlock: 1, Tables: map[catalog.Name]snapshottest.MemoryTable{
		name("customers"): {Columns: []plan.Column{rewritetest.Kept(t, "id", "int8", catalog.Integer), rewritetest.Kept(t, "name", "text", catalog.Text)}},
		name("orders"):    {Columns: []plan.Column{rewritetest.Kept(t, "customer_id", "int8", catalog.Integer), rewritetest.Column(t, "memo", "text", catalog.Text, u)}},
	}}}
}

func TestWhatASnapshotLacksIsRefusedByName(t *testing.T) {
	for name, c := range map[string]struct {
		world  *memory
		change func(*refresh.Options)
		want   []string
	}{
		"histograms": {sampledWorld(t), nil, []string{"public.orders.kind", "histograms", "cannot count"}},
		"joins": {joined(t), func(o *refresh.Options) {
			for i := range o.Plan.Tables {
				o.Plan.Tables[i].Joins = []catalog.Join{{Path: "customer_id", Parent: name("customers"), Key: "id"}}
			}
		}, []string{"public.orders", "customer_id", "cannot join"}},
		"large objects": {shopWorld(t, 1), func(o *refresh.Options) {
			o.Plan.Objects = []plan.Object{{Kind: "large_objects", Decision: "keep"}}
		}, []string{"large objects", "snapshot cannot read"}},
		"large objects in the target": {shopWorld(t, 1), func(o *refresh.Options) {
			o.Plan.Objects = []plan.Object{{Kind: "large_objects", Decision: "keep"}}
			o.Snapshot = withLargeObjects{memory: o.Snapshot.(*memory)}
		}, []string{"large objects", "target cannot take"}},
	} {
		o := c.world.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: newHeap()})
		c.world.Asked = func([]catalog.Want) { t.Errorf("%s: the snapshot was cut", name) }
		if c.change != nil {
			c.change(&o)
			permit(t, &o)
		}
		_, err := refresh.Run(t.Context(), o)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q in it", name, err, want)
			}
		}
	}
}

// givenUp is a snapshot that can say why it was given up.
type givenUp struct {
	*memory
	why error
}

func (g givenUp) Explain(error) error { return g.why }

// unjoinable is a snapshot that implements Joins, but refuses every join.
type unjoinable struct {
	*memory
	why error
}

func (u unjoinable) Joinable(catalog.Want) error { return u.why }

func TestTheSnapshotsReasonIsReturned(t *testing.T) {
	why := errors.New("somebody waits; the run gives way")
	m := shopWorld(t, 20)
	m.Broken = func(catalog.Extent) error { return errors.New("connection closed") }
	o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: newHeap()})
	o.Snapshot = givenUp{m, why}
	if _, err := refresh.Run(t.Context(), o); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
	h := newHeap() // If the shadow returns only a consequence of the reason, Run returns the reason too.
	h.stop = func(int) error { return context.Canceled }
	m.Broken, o.Shadow = nil, h
	if _, err := refresh.Run(t.Context(), o); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
	j := joined(t)
	o = j.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: newHeap()})
	for i := range o.Plan.Tables {
		o.Plan.Tables[i].Joins = []catalog.Join{{Path: "customer_id", Parent: name("customers"), Key: "id"}}
	}
	permit(t, &o)
	o.Snapshot = unjoinable{j, why}
	if _, err := refresh.Run(t.Context(), o); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}
