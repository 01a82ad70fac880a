package transform

import (
	"testing"

	"pgregory.net/rapid"
)

func TestExactArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Range(-1e12, 1e12).Draw(t, "a"), rapid.Int64Range(-1e12, 1e12).Draw(t, "b")
		scale := rapid.IntRange(0, 6).Draw(t, "scale")
		x, y, z := &exact{scale: scale}, &exact{}, &exact{}
		x.coef.SetInt64(a)
		y.coef.SetInt64(b)
		text := x.append(nil)
		var again exact
		if !again.parse(text) || again.scale != scale || again.coef.Cmp(&x.coef) != 0 {
			t.Fatalf("%d/10^%d was written as %s and read as %s/10^%d", a, scale, text, again.coef.String(), again.scale)
		}
		if !z.calculate('+', x, y) || !x.calculate('-', z, y) {
			t.Fatal("no sum")
		}
		x.trim()
		again.trim()
		if x.coef.Cmp(&again.coef) != 0 || x.scale != again.scale {
			t.Fatalf("(a+b)-b is %s, a is %s", x.append(nil), again.append(nil))
		}
	})
}
