// Package draw makes choices from a seed. Each choice has a number, the lane. The same seed and lane give the same
// choice.
package draw

import (
	"encoding/binary"
	"math/bits"

	"github.com/masker-project/masker/pkg/transform"
)

// Lane returns 64 bits for choice number i. The seed is already pseudorandom. The mixing only makes the choices
// independent. (The finaliser is that of MurmurHash3.)
func Lane(s *transform.Seed, i uint64) uint64 {
	x := binary.BigEndian.Uint64(s[:8]) + i*0x9e3779b97f4a7c15
	x = Mix(x) ^ binary.BigEndian.Uint64(s[8:])
	return Mix(x + i)
}

// Mix spreads every bit of x over the whole result.
func Mix(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// Pick returns a number in [0, n). It is uniform except for a bias below n/2^64.
func Pick(s *transform.Seed, i uint64, n int) int {
	hi, _ := bits.Mul64(Lane(s, i), uint64(n))
	return int(hi)
}

// Choose returns one entry of a list.
func Choose(s *transform.Seed, i uint64, list []string) string { return list[Pick(s, i, len(list))] }

// Below maps a uniform x to a uniform number in [0, n).
func Below(x, n uint64) uint64 {
	hi, _ := bits.Mul64(x, n)
	return hi
}

// Halves returns the two 64-bit halves of a seed.
func Halves(s *transform.Seed) (hi, lo uint64) {
	return binary.BigEndian.Uint64(s[:8]), binary.BigEndian.Uint64(s[8:])
}

// Base32 is the alphabet of RFC 4648 in lower case.
const Base32 = "abcdefghijklmnopqrstuvwxyz234567"
