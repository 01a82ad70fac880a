package keyring

import (
	"crypto/aes"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const base36 = "0123456789abcdefghijklmnopqrstuvwxyz"

// TestFF1SamplesOfNIST checks NIST's nine sample values for FF1 (SP 800-38G, "Examples with Intermediate Values":
// FF1samples).
func TestFF1SamplesOfNIST(t *testing.T) {
	const (
		key128 = "2b7e151628aed2a6abf7158809cf4f3c"
		key192 = key128 + "ef4359d8d580aa4f"
		key256 = key192 + "7f036d6f04fc6a94"
		decade = "39383736353433323130"
		mixed  = "3737373770717273373737"
	)
	samples := []struct {
		key, tweak string
		radix      uint64
		in, out    string
	}{
		{key128, "", 10, "0123456789", "2433477484"},
		{key128, decade, 10, "0123456789", "6124200773"},
		{key128, mixed, 36, "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
		{key192, "", 10, "0123456789", "2830668132"},
		{key192, decade, 10, "0123456789", "2496655549"},
		{key192, mixed, 36, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
		{key256, "", 10, "0123456789", "6657667009"},
		{key256, decade, 10, "0123456789", "1001623463"},
		{key256, mixed, 36, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
	}
	for i, s := range samples {
		f := ff1For(t, s.key, s.radix, len(s.in), unhex(t, s.tweak))
		x := numeralsOf(s.in)
		for range 2 { // the first string must not affect the second
			x = numeralsOf(s.in)
			f.encrypt(x)
			if got := textOf(x); got != s.out {
				t.Errorf("sample %d: %s became %s, want %s", i+1, s.in, got, s.out)
			}
		}
		f.decrypt(x)
		if got := textOf(x); got != s.in {
			t.Errorf("sample %d: %s came back as %s", i+1, s.in, got)
		}
		inBig(f)
		f.encrypt(x)
		if got := textOf(x); got != s.out {
			t.Errorf("sample %d with math/big: %s became %s, want %s", i+1, s.in, got, s.out)
		}
	}
}

func ff1For(t testing.TB, key string, radix uint64, n int, tweak []byte) *ff1 {
	t.Helper()
	block, err := aes.NewCipher(unhex(t, key))
	if err != nil {
		t.Fatal(err)
	}
	return newFF1(block, radix, n, tweak)
}

func numeralsOf(s string) []uint16 {
	var x []uint16
	for _, c := range s {
		x = append(x, uint16(strings.IndexRune(base36, c)))
	}
	return x
}

func textOf(x []uint16) string {
	var b strings.Builder
	for _, digit := range x {
		b.WriteByte(base36[digit])
	}
	return b.String()
}

// inBig makes f use math/big.
func inBig(f *ff1) {
	radix := new(big.Int).SetUint64(f.radix)
	f.bigU = new(big.Int).Exp(radix, big.NewInt(int64(f.u)), nil)
	f.bigV = new(big.Int).Exp(radix, big.NewInt(int64(f.v)), nil)
}

// decrypt decrypts the result of encrypt (SP 800-38G, algorithm 8). Only tests need it.
func (f *ff1) decrypt(x []uint16) {
	if f.bigV != nil {
		a, b := f.bigNumber(x[:f.u]), f.bigNumber(x[f.u:])
		for i := rounds - 1; i >= 0; i-- {
			m := f.bigU
			if i%2 == 1 {
				m = f.bigV
			}
			a.FillBytes(f.half())
			f.round(i)
			c := new(big.Int).SetBytes(f.s[:f.d])
			a, b = c.Mod(c.Sub(b, c), m), a
		}
		f.bigNumerals(x[:f.u], a)
		f.bigNumerals(x[f.u:], b)
		return
	}
	a, b := f.unhalves(f.number(x[:f.u]), f.number(x[f.u:]))
	f.numerals(x[:f.u], a)
	f.numerals(x[f.u:], b)
}

func (f *ff1) unhalves(a, b uint128) (uint128, uint128) {
	for i := rounds - 1; i >= 0; i-- {
		m := f.modU
		if i%2 == 1 {
			m = f.modV
		}
		a.put(f.half())
		f.round(i)
		a, b = b.subMod(residue(f.s[:f.d], m), m), a
	}
	return a, b
}

// subMod returns (p - q) mod m, for p, q < m.
func (p uint128) subMod(q, m uint128) uint128 {
	x := new(big.Int).Sub(p.big(), q.big())
	return fromBig(x.Mod(x, m.big()))
}

func (p uint128) big() *big.Int {
	x := new(big.Int).SetUint64(p.hi)
	return x.Add(x.Lsh(x, 64), new(big.Int).SetUint64(p.lo))
}

func fromBig(x *big.Int) uint128 {
	return uint128{new(big.Int).Rsh(x, 64).Uint64(), new(big.Int).And(x, new(big.Int).SetUint64(1<<64-1)).Uint64()}
}

// For any radix and length, the calculations with uint128 and with math/big must give the same result. Decryption
// must give back the original string.
func TestFF1InAnyRadixAndLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		radix := rapid.OneOf(rapid.SampledFrom([]uint64{2, 10, 36, 62, 255, 256, 257, 1 << 16}), rapid.Uint64Range(2, maxRadix)).Draw(t, "radix")
		n := rapid.IntRange(2, 300).Filter(func(n int) bool {
			p, ok := power(radix, n)
			return !ok || p.hi > 0 || p.lo >= minDomain
		}).Draw(t, "n")
		tweak := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "tweak")
		x := rapid.SliceOfN(rapid.Uint16Range(0, uint16(radix-1)), n, n).Draw(t, "x")
		f, slow := newFF1(newBlock(secret()), radix, n, tweak), newFF1(newBlock(secret()), radix, n, tweak)
		inBig(slow)
		y, z := slices.Clone(x), slices.Clone(x)
		f.encrypt(y)
		slow.encrypt(z)
		if !slices.Equal(y, z) {
			t.Fatalf("radix %d: %v became %v; with math/big %v", radix, x, y, z)
		}
		f.decrypt(y)
		slow.decrypt(z)
		if !slices.Equal(y, x) || !slices.Equal(z, x) {
			t.Fatalf("radix %d: %v came back as %v and %v", radix, x, y, z)
		}
	})
}

func TestResidueIsThatOfMathBig(t *testing.T) {
	edges := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 1 << 63, 1<<64 - 1, 1<<63 - 1}))
	rapid.Check(t, func(t *rapid.T) {
		m := uint128{edges.Draw(t, "hi"), max(1, edges.Draw(t, "lo"))}
		y := rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.Just(byte(0xff)), rapid.Just(byte(0))), 8, 20).Draw(t, "y")
		want := new(big.Int).SetBytes(y)
		if got := residue(y, m).big(); got.Cmp(want.Mod(want, m.big())) != 0 {
			t.Fatalf("%x mod %v is %v, want %v", y, m.big(), got, want)
		}
	})
}

func TestFF1RefusesSmallDomains(t *testing.T) {
	for _, c := range []struct {
		radix uint64
		n     int
	}{{10, 5}, {2, 19}, {1000, 1}, {1, 30}, {maxRadix + 1, 3}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("radix %d, length %d was accepted", c.radix, c.n)
				}
			}()
			newFF1(newBlock(secret()), c.radix, c.n, nil)
		}()
	}
	newFF1(newBlock(secret()), 10, 6, nil)
}

func TestNumeralsAreABijectionOfEachLength(t *testing.T) {
	k := ring(t).For("staging")
	for _, c := range []struct{ radix, n int }{{2, 1}, {2, 16}, {10, 1}, {10, 2}, {10, 5}, {26, 3}, {62, 2}, {99, 2}, {maxRadix, 1}} {
		p := k.Numerals("id", c.radix)
		count, _ := power(uint64(c.radix), c.n)
		seen := make([]bool, count.lo)
		for i := range count.lo {
			x := make([]uint16, c.n)
			for j, rest := c.n-1, i; j >= 0; j-- {
				x[j], rest = uint16(rest%uint64(c.radix)), rest/uint64(c.radix)
			}
			p.Apply(x)
			at := uint64(0)
			for _, digit := range x {
				at = at*uint64(c.radix) + uint64(digit)
			}
			if at >= count.lo || seen[at] {
				t.Fatalf("radix %d, length %d: %v is outside or taken", c.radix, c.n, x)
			}
			seen[at] = true
		}
	}
}

// TestFF1IsABijectionOfAMillionStrings encrypts every string of the smallest set of strings that FF1 accepts.
func TestFF1IsABijectionOfAMillionStrings(t *testing.T) {
	f := newFF1(newBlock(secret()), 10, 6, nil)
	seen := make([]bool, minDomain)
	for i := range uint64(minDomain) {
		a, b := f.halves(uint128{lo: i / 1000}, uint128{lo: i % 1000})
		at := a.lo*1000 + b.lo
		if at >= minDomain || seen[at] {
			t.Fatalf("%d goes to %d, which is outside or taken", i, at)
		}
		seen[at] = true
	}
}

// The results must not change by accident, because every result in existing staging databases would change.
func TestNumeralsArePinned(t *testing.T) {
	p := ring(t).For("staging").Numerals("id", 10)
	for in, want := range map[string]string{"12345": "36530", "4111111111111111": "2440505605176781"} {
		x := numeralsOf(in)
		p.Apply(x)
		if got := textOf(x); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
	p.Apply(nil)
}

func TestNumeralsDoNotAllocate(t *testing.T) {
	p := ring(t).For("staging").Numerals("id", 62)
	for _, n := range []int{2, 20, 40} { // lengths that use a table, halves of 64 bits, and halves of 128 bits
		x := make([]uint16, n)
		if a := testing.AllocsPerRun(100, func() { p.Apply(x) }); a != 0 {
			t.Errorf("length %d: %v allocations", n, a)
		}
	}
}

func BenchmarkFF1(b *testing.B) {
	for name, n := range map[string]int{"table": 5, "64-bit halves": 16, "128-bit halves": 60} {
		b.Run(name, func(b *testing.B) {
			p := ring(b).For("staging").Numerals("id", 10)
			x := make([]uint16, n)
			b.ReportAllocs()
			for b.Loop() {
				p.Apply(x)
			}
		})
	}
}
