package token

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/transform"
)

func TestTokensCarryTheWholeSeed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := transform.Seed(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "a")), transform.Seed(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "b"))
		b32 := func(s transform.Seed) string { out, _ := token32("").Append(nil, nil, &s); return string(out) }
		b62 := func(s transform.Seed) string { out, _ := token62("").Append(nil, nil, &s); return string(out) }
		if (a == b) != (b32(a) == b32(b)) || (a == b) != (b62(a) == b62(b)) {
			t.Fatal("two seeds give the same token")
		}
		one := a
		bit := rapid.IntRange(0, 127).Draw(t, "bit")
		one[bit/8] ^= 1 << (bit % 8)
		if b32(a) == b32(one) || b62(a) == b62(one) {
			t.Fatalf("bit %d is lost", bit)
		}
	})
}

func TestUUIDTokensAreValid(t *testing.T) {
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	lost := 0
	for bit := range 128 {
		var a, b transform.Seed
		b[bit/8] ^= 1 << (bit % 8)
		x, _ := uuidToken{}.Append(nil, nil, &a)
		y, _ := uuidToken{}.Append(nil, nil, &b)
		if !shape.Match(x) || !shape.Match(y) {
			t.Fatalf("%s, %s", x, y)
		}
		if string(x) == string(y) {
			lost++
		}
	}
	if lost != 6 {
		t.Errorf("%d bits are lost, version and variant take 6", lost)
	}
}
