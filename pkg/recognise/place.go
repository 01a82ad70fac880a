package recognise

import (
	"bytes"
	"strings"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// coordinatesAt returns the end of a pair of latitude and longitude at i, or 0. Examples are 52.520008, 13.404954;
// 52.52° N, 13.40° E; 52°31'12"N 13°24'18"E. The first angle alone is enough if it has a degree sign and a direction.
func coordinatesAt(b []byte, i int) int {
	first, exact, ok := angleAt(b, i, 90)
	if !ok {
		return 0
	}
	k := first
	for n := 0; n < 4 && k < len(b) && strings.IndexByte(" ,;/", b[k]) >= 0; n++ {
		k++
	}
	if k > first && k < len(b) && (b[k] == '-' || b[k] == '+') {
		k++
	}
	if second, also, ok := angleAt(b, min(k, len(b)), 180); ok && k > first && (exact || also) == (exact && also) {
		return second
	}
	if exact {
		return first
	}
	return 0
}

// angleAt reads an angle of at most as many degrees as the argument most says. The angle is a number with at least four
// decimals, or degrees with a direction. The result exact is true if the angle has a direction.
func angleAt(b []byte, i, most int) (end int, exact, ok bool) {
	v := 0
	for end = i; end < len(b) && end-i < 3 && words.IsDigit(b[end]); end++ {
		v = v*10 + int(b[end]-'0')
	}
	if end == i || v > most {
		return 0, false, false
	}
	places := 0
	if end+1 < len(b) && b[end] == '.' {
		next := digitsEnd(b, end+1, 15)
		places = next - end - 1
		if places > 0 {
			end = next
		}
	}
	if after := sign(b, end, "°"); after > end {
		k := after
		for _, marks := range []string{"'′’", "\"″”"} {
			k = minutes(b, k, marks)
		}
		k = skipAny(b, k, " ", 1)
		if k < len(b) && strings.IndexByte("NSEWO", b[k]) >= 0 && !words.Continues(b, k+1) {
			return k + 1, true, true
		}
		end = after
	}
	return end, false, places >= 4 && !words.Continues(b, end)
}

// minutes reads a number of minutes or seconds, and one or two of the marks after the number. It returns i if there is
// no such number.
func minutes(b []byte, i int, marks string) int {
	k := skipAny(b, i, " ", 1)
	end := digitsEnd(b, k, 2)
	if end == k {
		return i
	}
	if end+1 < len(b) && b[end] == '.' {
		end = digitsEnd(b, end+1, 6)
	}
	after := sign(b, end, marks)
	if after == end {
		return i
	}
	return sign(b, after, "'′’")
}

// sign returns the offset after the sign at i. It returns i if none of the signs stands there.
func sign(b []byte, i int, signs string) int {
	for _, r := range signs {
		if bytes.HasPrefix(b[min(i, len(b)):], []byte(string(r))) {
			return i + len(string(r))
		}
	}
	return i
}
