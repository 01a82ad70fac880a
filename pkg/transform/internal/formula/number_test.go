package formula

import (
	"testing"

	"pgregory.net/rapid"
)

func TestExactArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Range(-1e12, 1e12).Draw(t, "a"), rapid.Int64Range(-1e12, 1e12).Draw(t, "b")
		scale := rapid.IntRange(0, 6).Draw(t, "scale")
		x, y, z := &Exact{scale: scale}, &Exact{}, &Exact{}
		x.Coef.SetInt64(a)
		y.Coef.SetInt64(b)
		text := x.Append(nil)
		var again Exact
		if !again.parse(text) || again.scale != scale || again.Coef.Cmp(&x.Coef) != 0 {
			t.Fatalf("%d/10^%d was written as %s and read as %s/10^%d", a, scale, text, again.Coef.String(), again.scale)
		}
		if !z.calculate('+', x, y) || !x.calculate('-', z, y) {
			t.Fatal("no sum")
		}
		x.Trim()
		again.Trim()
		if x.Coef.Cmp(&again.Coef) != 0 || x.scale != again.scale {
			t.Fatalf("(a+b)-b is %s, a is %s", x.Append(nil), again.Append(nil))
		}
	})
}
