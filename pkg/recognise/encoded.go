package recognise

import (
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// encoded reports whether a run of characters is a text in base 64 or base 16. The decoded bytes must be a text. Random
// letters very rarely decode to a text.
func encoded(run []byte) bool {
	for len(run) > 0 && run[len(run)-1] == '=' {
		run = run[:len(run)-1]
	}
	var buf [maxDecoded]byte
	if text, ok := decode64(buf[:0], run); ok && readable(text) {
		return true
	}
	text, ok := decode16(buf[:0], run)
	return ok && len(text) >= 8 && readable(text)
}

// maxDecoded is the number of bytes to which the beginning of a run is decoded. These bytes decide whether the whole
// run counts as a text.
const maxDecoded = 96

// decode64 decodes the beginning of a run in base 64. It reads the standard alphabet and the alphabet for URLs. The
// result ok is false if the run has a character that is in neither alphabet. It is also false if the run has neither a
// capital nor a digit, because such a run may be a word.
func decode64(dst, run []byte) (text []byte, ok bool) {
	bits, n, mixed := uint32(0), 0, false
	for _, c := range run {
		v := byte(0)
		switch {
		case 'A' <= c && c <= 'Z':
			v, mixed = c-'A', true
		case 'a' <= c && c <= 'z':
			v = c - 'a' + 26
		case words.IsDigit(c):
			v, mixed = c-'0'+52, true
		case c == '+' || c == '-':
			v = 62
		case c == '/' || c == '_':
			v = 63
		default:
			return nil, false
		}
		bits = bits<<6 | uint32(v)
		if n += 6; n >= 8 {
			n -= 8
			dst = append(dst, byte(bits>>n))
		}
		if len(dst) == maxDecoded {
			break
		}
	}
	return dst, mixed
}

// decode16 decodes the beginning of a run in base 16.
func decode16(dst, run []byte) (text []byte, ok bool) {
	if len(run)%2 != 0 {
		return nil, false
	}
	for i := 0; i < len(run) && len(dst) < maxDecoded; i += 2 {
		if !words.IsHex(run[i]) || !words.IsHex(run[i+1]) {
			return nil, false
		}
		dst = append(dst, nibble(run[i])<<4|nibble(run[i+1]))
	}
	return dst, true
}

func nibble(c byte) byte {
	if words.IsDigit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// readable reports whether bytes are a text of at least six characters. All of them must be
// printable, and at least 70 % of them must be letters or digits.
func readable(text []byte) bool {
	plain, all := 0, 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && len(text) < utf8.UTFMax && all > 0 {
			break // the last character is cut at the end of the buffer
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) && r != '\n' && r != '\t' {
			return false
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			plain++
		}
		all, text = all+1, text[size:]
	}
	return all >= 6 && plain*10 >= all*7
}
