package locale

import "github.com/masker-project/masker/pkg/transform/internal/decimal"

// areaCodes is the number of area codes: 200 to 999, without the codes N11, which are services.
const areaCodes = 800 - 8

// PhoneNumbers returns the number of telephone numbers that belong to nobody.
func (l *Locale) PhoneNumbers() int {
	n := 0
	for _, r := range l.Phones {
		n += r.Numbers
	}
	return n
}

// PhoneLen returns the length of the longest number. If international is true, numbers begin with the country's code.
// If spaced is true, numbers have separators.
func (l *Locale) PhoneLen(international, spaced bool) int {
	n := 0
	for _, r := range l.Phones {
		n = max(n, len(l.AppendPhone(nil, r.Pattern, 0, international, spaced)))
	}
	return n
}

// AppendPhone appends number n of a pattern.
func (l *Locale) AppendPhone(dst []byte, pattern string, n int, international, spaced bool) []byte {
	unit := 1
	for i := range len(pattern) {
		if pattern[i] == '#' {
			unit *= 10
		}
	}
	if international {
		dst = append(dst, l.dial...)
	} else {
		dst = append(dst, l.trunk...)
	}
	for i := range len(pattern) {
		switch c := pattern[i]; {
		case c == '#':
			unit /= 10
			dst = append(dst, '0'+byte(n/unit%10))
		case c == 'A':
			area := n / unit
			dst = decimal.AppendInt(dst, int64(area/99*100+skipEleven(area%99)+200))
		case spaced || '0' <= c && c <= '9':
			dst = append(dst, c)
		}
	}
	return dst
}

// skipEleven maps 0…98 to the last two digits of an area code, which are never 11.
func skipEleven(n int) int {
	if n >= 11 {
		return n + 1
	}
	return n
}
