// Package nationalid says of which countries a text can be a person's national number. It looks at whole values, and
// checks their form, their check digits and the birth date in them.
//
// A number without check digits has the same form as many numbers that are not about a person. So every country has a
// chance: the share of random texts of the same form that pass the checks. The caller compares the number of texts that
// pass with this chance.
package nationalid

import (
	"slices"
	"strings"
)

// Country is a kind of national number.
type Country struct {
	Code   string  // ISO 3166-1 code of the country
	Name   string  // the number's own name
	Chance float64 // the share of random texts of the same length and letters that pass

	forms []string // n is a digit, a is a letter, c is either, and every other character stands for itself
	check func(id string) bool
}

// Countries lists the kinds of numbers.
func Countries() []Country {
	return slices.Concat(western(), eastern(), americas(), others())
}

// longest is the length of the longest number, without separators.
const longest = 18

// Normal returns a text without separators and in upper case. It returns "" if the text holds anything that no number
// has. Separators are blanks, dots, hyphens and slashes between letters and digits. The + of the Finnish and Swedish
// numbers counts as a separator.
func Normal(text string) string {
	var buf [longest]byte
	id := buf[:0]
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9', 'A' <= c && c <= 'Z':
			if len(id) == longest {
				return ""
			}
			id = append(id, c)
		case 'a' <= c && c <= 'z':
			if len(id) == longest {
				return ""
			}
			id = append(id, c-'a'+'A')
		case strings.IndexByte(" .-/+", c) < 0 || i == 0 || i == len(text)-1:
			return ""
		}
	}
	return string(id)
}

// Is reports whether a normal text is a number of this kind.
func (c Country) Is(id string) bool {
	for _, form := range c.forms {
		if hasForm(id, form) && c.check(id) {
			return true
		}
	}
	return false
}

func hasForm(id, form string) bool {
	if len(id) != len(form) {
		return false
	}
	for i := range len(id) {
		digit := '0' <= id[i] && id[i] <= '9'
		switch form[i] {
		case 'n':
			if !digit {
				return false
			}
		case 'a':
			if digit {
				return false
			}
		case 'c':
		default:
			if id[i] != form[i] {
				return false
			}
		}
	}
	return true
}

// weigh returns the sum of the digits of id, each multiplied by its weight. Letters count as 10 to 35.
func weigh(id string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += w * value(id[i])
	}
	return sum
}

// value returns the value of a digit, or 10 to 35 for a letter from A to Z.
func value(c byte) int {
	if c <= '9' {
		return int(c - '0')
	}
	return int(c-'A') + 10
}

// number returns the digits of id as a number. It is only for digits.
func number(id string) (n int) {
	for i := range len(id) {
		n = n*10 + int(id[i]-'0')
	}
	return n
}

// remainder returns the remainder of a long number of digits.
func remainder(id string, modulus int) (rest int) {
	for i := range len(id) {
		rest = (rest*10 + int(id[i]-'0')) % modulus
	}
	return rest
}

// luhn reports whether the last digit is the check digit of ISO/IEC 7812-1.
func luhn(id string) bool {
	sum := 0
	for i := range len(id) {
		d := int(id[len(id)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// date reports whether month and day can be those of a birth date.
func date(month, day int) bool {
	days := [...]int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	return 1 <= month && month <= 12 && 1 <= day && day <= days[month]
}

// dated returns a check that id holds a birth date whose month and day begin at these offsets.
func dated(month, day int) func(id string) bool {
	return func(id string) bool { return date(number(id[month:month+2]), number(id[day:day+2])) }
}

// repeated reports whether all characters are equal. Such a number is typical of test data, and belongs to nobody.
func repeated(id string) bool { return strings.Count(id, id[:1]) == len(id) }
