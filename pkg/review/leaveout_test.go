package review

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
)

func TestDifferencesOfWhatIsLeftOut(t *testing.T) {
	index := plan.DecidedLeftOut{Name: "public.i", Kind: catalog.KindIndex}
	check := plan.DecidedLeftOut{Name: "public.t.c", Kind: catalog.KindCheck}
	unknown := plan.DecidedLeftOut{Name: "public.i"} // a comparison of rule sets does not know the kind
	for _, c := range []struct {
		old, now []plan.DecidedLeftOut
		want     []string
	}{
		{nil, []plan.DecidedLeftOut{index, check}, []string{
			"objects.leave_out: index public.i is left out (new)", "objects.leave_out: check public.t.c is left out; the target does not enforce it (new)",
		}},
		{[]plan.DecidedLeftOut{index, check}, []plan.DecidedLeftOut{index}, []string{"objects.leave_out: check public.t.c is not left out any more (gone)"}},
		{nil, []plan.DecidedLeftOut{unknown}, []string{"objects.leave_out: public.i is left out (new)"}},
		{[]plan.DecidedLeftOut{index, check}, []plan.DecidedLeftOut{check, index}, []string{"objects.leave_out: they stand in another order (neutral)"}},
	} {
		old, now := plan.Decisions{LeaveOut: c.old}, plan.Decisions{LeaveOut: c.now}
		var got []string
		for _, d := range Diff(old, now) {
			got = append(got, d.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
