// Package spell writes parts of messages: counts with their nouns, numbers with thousands separators, and suggestions
// for misspelt names.
package spell

import (
	"fmt"
	"strconv"
	"strings"
)

// Count returns a number with its noun: "1 column", "2,000 columns".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(int64(n)) + " " + noun + "s"
}

// Number returns a number with commas between the thousands: 4,000,000.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Mean returns " (did you mean x?)", where x is the candidate nearest to name. It returns "" if no candidate is near.
func Mean(name string, candidates []string) string {
	if near := Nearest(name, candidates); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	return ""
}

// Nearest returns the candidate closest to name by edit distance, or "" if no candidate is near. A distance is near if
// it is 1, or at most a third of the length of name. Upper and lower case count as equal.
func Nearest(name string, candidates []string) string {
	best, bestAt := "", 1+max(1, len([]rune(name))/3)
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), strings.ToLower(c)); d < bestAt {
			best, bestAt = c, d
		}
	}
	return best
}

// distance returns the optimal string alignment distance of two names: the number of characters to insert, delete,
// replace, or swap with their neighbour.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 { // identifiers have at most 63 bytes, so a longer text is not a misspelt one
		return 1 << 20
	}
	var before, prev []int
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		before, prev, row = prev, row, make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(y)]
}
