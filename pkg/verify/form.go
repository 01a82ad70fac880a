package verify

import "fmt"

// code says how a fingerprint was made from a value. A source has one label for each code that it uses.
type code uint8

const (
	whole      code = iota // the value
	word                   // the value, if it is a lone word
	knownWhole             // the value, if it is a name whose first and last word are in a dictionary
	pair                   // given and family name
	knownPair              // given and family name, if both are in a dictionary
	decoy                  // given name of one row with family name of another row, both in a dictionary. Decoys show how often chance finds names
	tail                   // the last digits of a phone number
	rawBytes               // the bytes of a bytea
	reversed
	base64Form
	hexForm
	md5Hex
	md5Base64
	md5Bytes
	sha1Hex
	sha1Base64
	sha1Bytes
	sha256Hex
	sha256Base64
	sha256Bytes
	digitsOf                                   // digitsOf+d: the value, if it consists of d digits
	reversedDigits = digitsOf + mostDigits + 1 // reversedDigits+d: the same digits in reverse
	codes          = reversedDigits + mostDigits + 1
)

// mostDigits is the largest number of digits that has a code of its own. Numbers with more digits share the last code,
// because chance does not find such long numbers.
const mostDigits = 40

// inDigits returns the code of a value of d digits: digitsOf or reversedDigits.
func inDigits(of code, d int) code { return of + code(min(d, mostDigits)) }

// digits returns d for a code of d digits, or 0.
func (c code) digits() int {
	if c >= reversedDigits {
		return int(c - reversedDigits)
	}
	return max(int(c)-int(digitsOf), 0)
}

func (c code) form() Form {
	switch c {
	case pair, knownPair, decoy:
		return Pair
	case tail:
		return Tail
	}
	if c >= reversedDigits {
		return Reversed
	}
	if reversed <= c && c <= sha256Bytes {
		return [...]Form{Reversed, Base64, Hex, MD5, MD5Base64, MD5Bytes, SHA1, SHA1Base64, SHA1Bytes, SHA256, SHA256Base64, SHA256Bytes}[c-reversed]
	}
	return Plain
}

// encoded reports whether a form is one that an encoder makes of chosen values. One value may have several fingerprints
// of such a form.
func encoded(c code) bool { return reversed <= c && c <= sha256Bytes || c >= reversedDigits }

// label is a code of a source.
type label struct {
	source *source
	code   code
}

// class returns the class over which the subjects of a code are counted. Decoys have a class of their own, so that they
// do not make a real name common.
func (c code) class(s *source) string {
	switch {
	case c == decoy:
		return fmt.Sprintf("decoy of source %d", s.id)
	case s.Class == "":
		return fmt.Sprintf("source %d", s.id)
	}
	return "class " + s.Class
}
