package recognise

import (
	"strings"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// Numerals are groups of digits with separators between them, for example a telephone number or a card number.
// They start at a digit, "+" or "(".
type Numerals struct {
	start  int
	group  [maxGroups]Span
	sep    [maxGroups]byte // separator before the group, see the function separator; '(' if it contains a parenthesis
	n      int
	digits [MaxDigits]byte
	first  byte // first character: '+', '(' or a digit
}

// MaxDigits is the largest number of digits in Numerals. A longer number has no known meaning.
const MaxDigits = 40

const maxGroups = 20

// gather reads the numerals at i. If the first group has more than MaxDigits digits, gather reads only this group and
// does not store its digits.
func (r *Numerals) gather(b []byte, i int) {
	r.start, r.n, r.first = i, 0, b[i]
	sep := byte(0)
	switch b[i] {
	case '+':
		if i++; i < len(b) && b[i] == '(' {
			i, sep = i+1, '('
		}
	case '(':
		i, sep = i+1, '('
	}
	count := 0
	for r.n < maxGroups && i < len(b) && words.IsDigit(b[i]) {
		g := Span{Start: i}
		for i < len(b) && words.IsDigit(b[i]) {
			i++
		}
		g.End = i
		if words.Continues(b, i) && !clockAt(b, i) {
			return
		}
		if count += g.End - g.Start; count > MaxDigits {
			if r.n == 0 {
				r.group[0], r.n = g, 1
			}
			return
		}
		copy(r.digits[count-(g.End-g.Start):], b[g.Start:g.End])
		r.group[r.n], r.sep[r.n] = g, sep
		r.n++
		sep, i = separator(b, i)
		if sep == 0 {
			return
		}
	}
}

// clockAt reports whether a time follows a date as in ISO 8601.
func clockAt(b []byte, i int) bool { return b[i] == 'T' && i+1 < len(b) && words.IsDigit(b[i+1]) }

// wide and lineBreak are separators that have no character of their own. wide stands for a dash or slash beside a
// blank, a dot after a blank, a tab, and several blanks. lineBreak stands for the end of a line.
const (
	wide      = 'w'
	lineBreak = 'n'
)

// separator reads the separator between two groups of one number. The separator has at most three characters: a tab,
// the end of a line, blanks, one of the characters - . / , * _ : | ~, or a parenthesis. Some of them may stand
// together, as a blank and a dash. The result sep is 0 if there is no separator.
func separator(b []byte, i int) (sep byte, next int) {
	for n := 0; n < 3 && i < len(b); n++ {
		switch c := b[i]; c {
		case '(', ')':
			sep = '('
		case '\n':
			if sep != 0 {
				return 0, i
			}
			sep = lineBreak
		case '\t':
			if sep != 0 {
				return 0, i
			}
			sep = wide
		case ' ', '-', '.', '/', ',', '*', '_', ':', '|', '~':
			if c == '|' || c == '~' {
				c = '*'
			}
			switch {
			case sep == 0:
				sep = c
			case sep == '(':
			case sep == ' ' && c == ' ', (sep == '-' || sep == '/' || sep == wide) && c == ' ', sep == ' ' && (c == '-' || c == '/' || c == '.'):
				sep = wide
			default:
				return 0, i
			}
		default:
			return sep, i
		}
		i++
	}
	return sep, i
}

// Groups returns the number of groups.
func (r *Numerals) Groups() int { return r.n }

// Digits returns the digits of the first k groups.
func (r *Numerals) Digits(k int) []byte { return r.digits[:r.count(k)] }

// End returns the end of the first k groups in the text.
func (r *Numerals) End(k int) int { return r.group[k-1].End }

// Complete reports whether the first k groups form a number. A parenthesis that opens before the number must also
// close.
func (r *Numerals) Complete(k int) bool { return r.first != '(' || r.closed(k) }

func (r *Numerals) count(k int) int {
	n := 0
	for _, g := range r.group[:k] {
		n += g.End - g.Start
	}
	return min(n, MaxDigits)
}

func (r *Numerals) length(k int) int { return r.group[k].End - r.group[k].Start }

// joined reports whether all separators between the first k groups are characters of the argument by.
func (r *Numerals) joined(k int, by string) bool {
	for _, sep := range r.sep[1:max(k, 1)] {
		ok := false
		for _, c := range []byte(by) {
			ok = ok || c == sep
		}
		if !ok {
			return false
		}
	}
	return true
}

// hasLengths reports whether the first groups have these lengths.
func (r *Numerals) hasLengths(lengths ...int) bool {
	if r.n < len(lengths) {
		return false
	}
	for k, n := range lengths {
		if r.length(k) != n {
			return false
		}
	}
	return true
}

// pan returns the end of a payment card number, or 0. The number has 13 to 19 digits, in one piece or in groups, and a
// valid Luhn check digit.
func (r *Numerals) pan() int {
	for k := r.n; k > 0 && words.IsDigit(r.first); k-- {
		if n := r.count(k); n >= 13 && n <= 19 && r.evenly(k) && Luhn(r.Digits(k)) {
			return r.End(k)
		}
	}
	return 0
}

// evenly reports whether the separators between the first k groups are the same. A parenthesis never counts as such a
// separator. A comma or a colon counts only between groups of four digits.
func (r *Numerals) evenly(k int) bool {
	for _, sep := range r.sep[1:max(k, 1)] {
		if sep != r.sep[1] || sep == '(' || (sep == ',' || sep == ':') && !r.hasLengths(4, 4, 4) {
			return false
		}
	}
	return true
}

// Luhn reports whether the last digit is right by ISO/IEC 7812-1. It returns false for a row of zeros, which is not a
// card number.
func Luhn(digits []byte) bool {
	sum, nonzero := 0, false
	for i, c := range digits {
		v := int(c - '0')
		nonzero = nonzero || v != 0
		if (len(digits)-i)%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return nonzero && sum%10 == 0
}

// phone returns the end of a telephone number, or 0. The number has 7 to 15 digits. It begins with +, a parenthesis or
// a trunk zero, or its groups of digits are those of a telephone number, as in 555-867-5309 or 12 34 56 78 90.
func (r *Numerals) phone() int {
	for k := r.n; k > 0; k-- {
		n := r.count(k)
		if n < 7 || n > 15 || k > 1 && k < n && n-r.length(k-1) >= 10 && r.length(k-1) < 2 {
			continue
		}
		if r.phoneLike(k, n) {
			return r.End(k)
		}
	}
	return 0
}

func (r *Numerals) phoneLike(k, n int) bool {
	if !r.Complete(k) {
		return false
	}
	switch {
	case r.first == '+':
		return n >= 8
	case r.first == '(':
		return true
	case r.digits[0] == '0':
		return r.trunk(k)
	case !r.joined(k, " -./(w*"):
		return false
	case r.hasLengths(3, 3, 4), r.hasLengths(3, 4, 4):
		return k == 3
	case r.hasLengths(1, 3, 3, 4):
		return k == 4
	case r.hasLengths(3, 4):
		return k == 2 && r.sep[1] == '-'
	}
	return k >= 4 && n >= 9 && n <= 12 && r.joined(k, " ") // a number such as 12 34 56 78 90
}

// trunk reports whether a number with a trunk zero is a telephone number. With dots or commas, it may be a decimal
// number or a date. Then the first group must have at least three digits, or two digits if there are more than three
// groups.
func (r *Numerals) trunk(k int) bool {
	switch {
	case k == 1, r.joined(k, " -/(w*"):
		return true
	case !r.joined(k, " -./(w*,"):
		return false
	}
	return r.length(0) >= 3 || r.length(0) == 2 && k > 3
}

// spelledZeros returns the end of a telephone number that has the letter O instead of zeros. It returns 0 if there is
// no such number.
func spelledZeros(b []byte, i int) (end int) {
	n, zeros := 0, 0
	for k := i; k < len(b) && n <= 15; k++ {
		switch c := b[k]; {
		case words.IsDigit(c):
			n, end = n+1, k+1
		case c == 'O' || c == 'o':
			n, zeros, end = n+1, zeros+1, k+1
		case k == i && c == '+', strings.IndexByte(" -/.()", c) >= 0:
		default:
			k = len(b)
		}
	}
	if zeros == 0 || n < 8 || n > 15 || zeros*3 > n || words.Continues(b, end) {
		return 0
	}
	return end
}

// closed reports whether a number that starts with a parenthesis also closes it.
func (r *Numerals) closed(k int) bool { return k > 1 && r.sep[1] == '(' }

// number returns the end of any other number, or 0. The number has six digits or more in one piece, or in groups that
// dashes and slashes join. Other separators need more: seven digits, with at least three in each group after the first,
// or nine digits in three or more groups of at least two. Two years, such as 2023/2024, are no number.
func (r *Numerals) number() int {
	if r.first == '(' {
		return 0 // the number starts after the parenthesis
	}
	if r.length(0) > MaxDigits {
		return r.group[0].End
	}
	for k := r.n; k > 0; k-- {
		n, shortest := r.count(k), MaxDigits
		for g := 1; g < k; g++ {
			shortest = min(shortest, r.length(g))
		}
		switch {
		case n < 6 || k == 2 && r.years():
		case k == 1, r.joined(k, "-/"), shortest >= 3 && r.joined(k, " .-/(") && n >= 7:
			return r.End(k)
		case k >= 3 && n >= 9 && shortest >= 2 && r.length(0) >= 2 && r.joined(k, ".-/"): // many countries write identification numbers in this form
			return r.End(k)
		}
	}
	return 0
}

// years reports whether two groups are a period such as 2023/2024.
func (r *Numerals) years() bool {
	century := func(k int) bool {
		return r.length(k) == 4 && (r.digits[4*k] == '1' && r.digits[4*k+1] == '9' || r.digits[4*k] == '2' && r.digits[4*k+1] == '0')
	}
	return century(0) && century(1)
}
