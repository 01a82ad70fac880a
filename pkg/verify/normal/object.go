package normal

import (
	"bytes"
	"encoding/base64"
)

// shortestObject is the number of characters of an object with a value of six characters, in base64.
const shortestObject = 18

// Objects appends the JSON objects that a text has in base64, each with a blank after it. Such objects are the parts of
// JSON Web Tokens, and the contents of many cookies. In base64, they begin with eyJ. Objects returns dst as it is if
// there are none.
func Objects(dst, text []byte) []byte {
	if len(text) < shortestObject {
		return dst
	}
	for at := 2; at < len(text); {
		n := bytes.IndexByte(text[at:], 'J') // rare in texts, so most of a text is read at full speed
		if n < 0 {
			break
		}
		at += n + 1
		if text[at-3] != 'e' || text[at-2] != 'y' {
			continue
		}
		end := at
		for end < len(text) && inBase64(text[end]) {
			end++
		}
		dst = appendBase64(dst, text[at-3:end])
		at = end + 2
	}
	return dst
}

func inBase64(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-' || b == '_' || b == '+' || b == '/'
}

// appendBase64 appends the bytes of a text in base64, and a blank. The text has the standard alphabet or the alphabet
// for URLs.
func appendBase64(dst, text []byte) []byte {
	encoding := base64.RawURLEncoding
	if bytes.ContainsAny(text, "+/") {
		encoding = base64.RawStdEncoding
	}
	if len(text)%4 == 1 { // the last character alone is not enough for a byte
		text = text[:len(text)-1]
	}
	out, err := encoding.AppendDecode(dst, text)
	if err != nil { // both alphabets in one text
		return dst
	}
	return append(out, ' ')
}
