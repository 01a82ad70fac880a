package library_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

func TestTimesMoveWithinTheirAmount(t *testing.T) {
	for _, typ := range []catalog.Type{transformtest.Date, transformtest.Stamp, transformtest.StampTZ} {
		c := conformer{typ, transform.Use{Treatment: "noise", Params: transform.Params{"amount": "3d"}}}
		tr := transformtest.Compile(t, typ, c.use)
		rapid.Check(t, func(rt *rapid.T) {
			in := c.value(rt, "in")
			at := func(s string) int64 {
				m, ok := moment.Parse([]byte(s))
				clock, timed := moment.ParseClock(m.Rest)
				if !ok || timed != (typ.Family != catalog.Date) {
					rt.Fatalf("%q is no %s", s, typ.Name)
				}
				return m.Day*moment.DayMicros + clock.Micros
			}
			out := transformtest.Run(t, tr, in, nil)
			if d := at(out) - at(in); d == 0 || d > 3*moment.DayMicros || d < -3*moment.DayMicros {
				rt.Fatalf("%s became %s", in, out)
			}
		})
	}
}
