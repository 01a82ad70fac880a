package recognise

import (
	"bytes"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// ibanAt returns the end of an IBAN (ISO 13616) that starts at i, or 0. An IBAN has two letters, two check digits, and
// 11 to 30 letters and digits. It is written in one piece or in groups of four. If only digits follow the two letters,
// the groups may have any length. The check digits must be right. ibanAt does not check the country code, because the
// check digits (mod 97) refuse 99 % of texts that are not an IBAN.
func ibanAt(b []byte, i int) int {
	if len(b)-i < minIBAN || !words.IsLetter(b[i]) || !words.IsLetter(b[i+1]) {
		return 0
	}
	best, sum, n, head, regular, digits := 0, 0, 0, [4]byte{}, true, true
	for k := i; k < len(b) && n < 34; k++ {
		c := b[k]
		if strings.IndexByte(" -._/", c) >= 0 && n > 1 && words.IsAlnum(b[k-1]) {
			regular = regular && n%4 == 0
			continue
		}
		if !words.IsAlnum(c) || (n == 2 || n == 3) && !words.IsDigit(c) {
			break
		}
		if n < 4 {
			head[n] = c
		} else {
			sum = modLetter(sum, c)
			digits = digits && words.IsDigit(c)
		}
		if !regular && !digits {
			break
		}
		if n++; n >= minIBAN && !words.Continues(b, k+1) && checks97(sum, head) {
			best = k + 1
		}
	}
	return best
}

const minIBAN = 15 // the length of a Norwegian IBAN

// checks97 finishes the checksum mod 97-10 (ISO 7064). In this checksum, the first four characters come last. It
// reports whether the check passes.
func checks97(sum int, head [4]byte) bool {
	for _, c := range head {
		sum = modLetter(sum, c)
	}
	return sum == 1
}

func modLetter(sum int, c byte) int {
	if words.IsDigit(c) {
		return (sum*10 + int(c-'0')) % 97
	}
	return (sum*100 + int(c|0x20-'a') + 10) % 97
}

// nationalNumber returns the end of a national identification number of digits only, or 0. It covers the US social
// security number, the Brazilian CPF, the French NIR and the Swiss AHV number. The US number has no check digit, so it
// must have its separators.
func (r *Numerals) nationalNumber() int {
	switch d := r.digits[:]; {
	case !words.IsDigit(r.first):
	case r.hasLengths(3, 2, 4) && (r.joined(3, "-") || r.joined(3, " ") || r.joined(3, ".") || r.joined(3, "/") || r.joined(3, "_")) && issuableSSN(d):
		return r.group[2].End
	case r.hasLengths(3, 3, 3, 2) && r.joined(4, " .-/") && cpf(d[:11]):
		return r.group[3].End
	case r.hasLengths(3, 4, 4, 2) && r.joined(4, " .-") && bytes.HasPrefix(d, []byte("756")) && ean13(d[:13]):
		return r.group[3].End
	case r.hasLengths(1, 2, 2, 2, 3, 3, 2) && r.joined(7, " .-") && (d[0] == '1' || d[0] == '2'): // the groups are so unusual that the check digits need not be right
		return r.group[6].End
	case r.n > 0 && r.length(0) == 15 && nir(d[:15]):
		return r.group[0].End
	}
	return 0
}

// formedID returns the end of a national identification number, or 0. It knows only numbers that can be recognised by
// their form. looseForm says what the characters of a form mean.
func formedID(b []byte, i int) int {
	for _, form := range [...]string{
		"ll dd dd dd l", "lldddddd l", // United Kingdom
		"dddddd-dddl", "dddddd+dddl", "ddddddlddd", // Finland
		"l ddddddd l", "lddddddd l", "l ddddddd", // Spain, NIE
		"dddddddd l", "dd ddd ddd l", "dd ddd ddd d", "dddddddd-l", // Spain, Chile
		"lll lll ddldd ldddl", // Italy
		"dd dddddd l ddd",     // Germany
		"lllllddddl",          // India
		"dd dd dd-ddd dd",     // Belgium
	} {
		if (form[0] == 'd') != words.IsDigit(b[i]) {
			continue
		}
		if end := looseForm(b, i, form); end > 0 {
			return end
		}
	}
	return 0
}

// formMayBegin reports whether a number in one of the forms of formedID may begin with the word w. With this test,
// most words are rejected quickly.
func formMayBegin(b []byte, w *words.Word) bool {
	next := w.End + 1
	if w.Runes == 3 {
		next = w.End + 5
	}
	return w.Digits > 0 || w.Runes <= 3 && next < len(b) && words.IsDigit(b[next])
}

// looseForm returns the end of the text at i if that text has the given form. Otherwise it returns 0. In the form, d is
// a digit, l is a letter, and a blank is a blank, dot, hyphen or slash. Any other character stands for itself.
func looseForm(b []byte, i int, form string) int {
	end := i + len(form)
	if len(b) < end {
		return 0
	}
	for k := range len(form) {
		c, ok := b[i+k], false
		switch form[k] {
		case 'd':
			ok = words.IsDigit(c)
		case 'l':
			ok = words.IsLetter(c)
		case ' ':
			ok = strings.IndexByte(" .-/", c) >= 0
		default:
			ok = c == form[k]
		}
		if !ok {
			return 0
		}
	}
	if words.Continues(b, end) {
		return 0
	}
	return end
}

// issuableSSN reports whether the Social Security Administration could have issued the number.
func issuableSSN(d []byte) bool {
	area := string(d[:3])
	return area != "000" && area != "666" && d[0] != '9' && string(d[3:5]) != "00" && string(d[5:9]) != "0000"
}

// cpf checks the two check digits of a Brazilian CPF.
func cpf(d []byte) bool {
	for n := 9; n <= 10; n++ {
		sum := 0
		for i := range n {
			sum += int(d[i]-'0') * (n + 1 - i)
		}
		if int(d[n]-'0') != sum*10%11%10 {
			return false
		}
	}
	return true
}

func ean13(d []byte) bool {
	sum := 0
	for i, c := range d {
		sum += int(c-'0') * (1 + 2*(i%2))
	}
	return sum%10 == 0
}

// nir checks the first digit of a French NIR, which is 1 or 2, and INSEE's key: 97 minus the number modulo 97.
func nir(d []byte) bool {
	number, key := 0, int(d[13]-'0')*10+int(d[14]-'0')
	for _, c := range d[:13] {
		number = (number*10 + int(c-'0')) % 97
	}
	return (d[0] == '1' || d[0] == '2') && key == 97-number
}

// nationalWord reports whether a word of letters and digits is a national identification number: a Spanish DNI or NIE,
// an Italian codice fiscale, or a British national insurance number.
func nationalWord(w []byte) bool {
	switch len(w) {
	case 9:
		return dni(w) || nino(w)
	case 16:
		return codiceFiscale(w)
	}
	return false
}

// IDIsCertain reports whether a text is certainly a national identification number. It is certain if it is written as a
// US social security number, or if it has the right check digits of a Spanish, Brazilian, Swiss, French or Italian
// number. For other countries, the scanner looks only at the form, and article numbers can have the same form.
func IDIsCertain(text []byte) bool {
	var buf [MaxDigits]byte
	id := buf[:0]
	for _, c := range text {
		if words.IsAlnum(c) && len(id) < cap(id) {
			id = append(id, c)
		}
	}
	digits := !slices.ContainsFunc(id, words.IsLetter)
	switch {
	case digits && len(id) == 9:
		return len(text) == 11 && text[3] == '-' && text[6] == '-' && issuableSSN(id)
	case len(id) == 9:
		return dni(id)
	case digits && len(id) == 11:
		return cpf(id)
	case digits && len(id) == 13:
		return bytes.HasPrefix(id, []byte("756")) && ean13(id)
	case digits && len(id) == 15:
		return nir(id)
	case len(id) == 16:
		return codiceFiscale(id)
	}
	return false
}

// dni checks the letter of a Spanish DNI (eight digits) or NIE (X, Y or Z and seven digits).
func dni(w []byte) bool {
	n := 0
	for i, c := range w[:8] {
		switch {
		case i == 0 && 'x' <= c|0x20 && c|0x20 <= 'z':
			n = int(c | 0x20 - 'x')
		case words.IsDigit(c):
			n = n*10 + int(c-'0')
		default:
			return false
		}
	}
	return words.IsLetter(w[8]) && "trwagmyfpdxbnjzsqvhlcke"[n%23] == w[8]|0x20
}

// nino checks the form of a British national insurance number: two letters, six digits, and A to D. The number has no
// check digit.
func nino(w []byte) bool {
	for i, c := range w {
		if letter := i < 2 || i == 8; letter != words.IsLetter(c) || !letter && !words.IsDigit(c) {
			return false
		}
	}
	return 'a' <= w[8]|0x20 && w[8]|0x20 <= 'd'
}

// codiceFiscale checks the last letter of an Italian codice fiscale. The letter is a sum of the other characters. The
// tables for the sum are those of the decree of 23 December 1976.
func codiceFiscale(w []byte) bool {
	odd := [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i, c := range w[:15] {
		v := int(c|0x20) - 'a'
		if words.IsDigit(c) {
			v = int(c - '0')
		}
		if v < 0 || v > 25 || i < 6 && words.IsDigit(c) {
			return false
		}
		if i%2 == 0 {
			v = odd[v]
		}
		sum += v
	}
	return words.IsLetter(w[15]) && sum%26 == int(w[15]|0x20-'a')
}

// secretAt returns the end of a possible key or token or of an encoded text, or 0. A key begins with a prefix of a
// known service, or it is a long run of base 64 or base 16 characters that does not look like a word. checked is the
// end of the run. The caller need not look at the run again.
func secretAt(b []byte, i int) (end, checked int) {
	jwt := bytes.HasPrefix(b[i:], []byte("eyJ"))
	for end = i; end < len(b) && (words.IsAlnum(b[end]) || strings.IndexByte("_-+/=", b[end]) >= 0 || jwt && b[end] == '.'); end++ {
	}
	n := end - i
	if n < minSecret || words.Continues(b, end) {
		return 0, end
	}
	if run := b[i:end]; encoded(run) || n >= minKey && (issuedPrefix(run) || mixed(run)) {
		return end, end
	}
	return 0, end
}

// A key has at least minKey characters. An encoded text has at least minSecret characters.
const (
	minKey    = 16
	minSecret = 12
)

// mixed reports whether a run of characters has a mixture that words and numbers do not have: lower-case letters,
// capitals and digits, or many letters and digits in base 16.
func mixed(w []byte) bool {
	var upper, lower, digit, hex, mark int
	for _, c := range w {
		switch {
		case words.IsDigit(c):
			digit++
		case !words.IsLetter(c):
			mark++
		case c < 'a':
			upper++
		default:
			lower++
		}
		if words.IsHex(c) {
			hex++
		}
	}
	n := len(w)
	return n >= 32 && hex == n && digit > 3 && digit < n || n >= 20 && upper >= 3 && lower >= 3 && digit >= 3 && mark*8 <= n
}

func issuedPrefix(w []byte) bool {
	for _, p := range [...]string{
		"sk_live_", "sk_test_", "pk_live_", "rk_live_", "sk-", "ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-",
		"xoxb-", "xoxp-", "AKIA", "ASIA", "AIza", "eyJ",
	} {
		if len(w) > len(p) && string(w[:len(p)]) == p {
			return true
		}
	}
	return false
}
