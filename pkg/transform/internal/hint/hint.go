// Package hint finds the word that somebody may have meant.
package hint

import "fmt"

// Nearest is `; did you mean "x"?` for a name that a few letters turn into a known one, else "".
func Nearest(name string, known []string) string {
	best, at := "", 1+len(name)/3
	for _, k := range known {
		if d := distance(name, k); d <= at && (best == "" || d < at) {
			best, at = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
