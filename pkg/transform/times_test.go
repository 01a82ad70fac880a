package transform

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestTimesMoveWithinTheirAmount(t *testing.T) {
	for _, typ := range []catalog.Type{tDate, tStamp, tStampTZ} {
		c := conformer{typ, Use{Treatment: "noise", Params: Params{"amount": "2d"}}}
		tr := compile(t, typ, c.use)
		rapid.Check(t, func(rt *rapid.T) {
			in := c.value(rt, "in")
			at := func(s string) int64 {
				m, ok := parseMoment([]byte(s))
				clock, timed := parseClock(m.rest)
				if !ok || timed != (typ.Family != catalog.Date) {
					rt.Fatalf("%q is no %s", s, typ.Name)
				}
				return m.day*dayMicros + clock.micros
			}
			out := run(t, tr, in, nil)
			if d := at(out) - at(in); d == 0 || d > 2*dayMicros || d < -2*dayMicros {
				rt.Fatalf("%s became %s", in, out)
			}
		})
	}
}
