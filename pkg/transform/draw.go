package transform

import (
	"encoding/binary"
	"math/bits"
)

// lane draws 64 bits for one choice. The seed is pseudorandom already; mixing only keeps choices apart.
// (The finaliser is MurmurHash3's.)
func lane(s *Seed, i uint64) uint64 {
	x := binary.BigEndian.Uint64(s[:8]) + i*0x9e3779b97f4a7c15
	x = mix(x) ^ binary.BigEndian.Uint64(s[8:])
	return mix(x + i)
}

func mix(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// pick is uniform in [0, n) but for a bias below n/2^64.
func pick(s *Seed, i uint64, n int) int {
	hi, _ := bits.Mul64(lane(s, i), uint64(n))
	return int(hi)
}

func choose(s *Seed, i uint64, list []string) string { return list[pick(s, i, len(list))] }

// below is uniform in [0, n).
func below(x, n uint64) uint64 {
	hi, _ := bits.Mul64(x, n)
	return hi
}

func halves(s *Seed) (hi, lo uint64) {
	return binary.BigEndian.Uint64(s[:8]), binary.BigEndian.Uint64(s[8:])
}

// fnv is FNV-1a of a number and a text.
func fnv(n uint64, text []byte) uint64 {
	const prime = 1099511628211
	sum := (14695981039346656037 ^ n) * prime
	for _, c := range text {
		sum = (sum ^ uint64(c)) * prime
	}
	return sum
}

// base32 are RFC 4648's letters in lower case.
const base32 = "abcdefghijklmnopqrstuvwxyz234567"
