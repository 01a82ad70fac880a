package recognise

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// labelled looks for the value after a label, as in password: x, PIN 4711, ext. 22. If labelled finds a value, it
// stores the value in s.due.
func (s *Scanner) labelled(w *words.Word, what sense) {
	v := s.valueAt(w.End)
	if v.End <= v.Start {
		return
	}
	switch text := s.text[v.Start:v.End]; {
	case what&(secretLabel|weakLabel|keyLabel) != 0 && s.on[Secret] && s.secretValue(&v, what):
		s.announce(v.Span, Secret)
	case what&degreeLabel != 0 && s.on[Coordinates] && decimals(text) >= 3:
		s.announce(v.Span, Coordinates)
	case what&extLabel != 0 && s.on[Number] && digitsOf(text) >= 2, what&numberLabel != 0 && s.on[Number] && digitsOf(text) >= 4:
		s.announce(numberPart(s.text, v.Span), Number)
	case what&phoneLabel != 0 && s.on[Phone]:
		if end := dialled(s.text, v.Start); end > 0 {
			s.announce(Span{v.Start, end}, Phone)
		}
	case what&handleLabel != 0 && s.on[Handle] && (v.sign || likeUserName(text, v.linked)) && len(text) >= 3 && !s.ordinary(text) && userName(text):
		s.announce(v.Span, Handle)
	}
}

func (s *Scanner) announce(at Span, k Kind) { s.due = Match{Span: at, Kind: k} }

// endsInLabel returns secretLabel if a word ends in a word for password: Initialpasswort, dbPassword, パスワード. Otherwise
// it returns 0.
func endsInLabel(b []byte, w *words.Word) sense {
	text := b[w.Start:w.End]
	switch n := len(text); {
	case !w.ASCII && bytes.HasSuffix(b[:w.End], []byte("パスワード")):
		return secretLabel
	case n <= 8 || text[n-1] != 'd' && text[n-1] != 't':
		return 0
	case bytes.EqualFold(text[n-8:], []byte("password")), bytes.EqualFold(text[n-8:], []byte("passwort")), bytes.EqualFold(text[n-8:], []byte("kennwort")):
		return secretLabel
	}
	return 0
}

// value is the text after a label.
type value struct {
	Span
	sign   bool // a colon or an equals sign stands before the value
	linked bool // a word such as "is" stands before the value
	quoted bool
	lines  bool // the value is on another line than the label
}

// maxValue limits the number of bytes of a value without blanks.
const maxValue = 256

// valueAt reads the value after a label that ends at i.
func (s *Scanner) valueAt(i int) (v value) {
	b, after := s.text, i
	if i = s.signAt(&v, i); i == after {
		return v
	}
	for range 3 {
		if i >= len(b) || !s.fold.Starts(b, i) {
			break
		}
		w := s.fold.At(b[:min(len(b), i+maxLink)], i)
		what := s.lexicon.of(&w)
		if what&(linkWord|copula) == 0 || v.sign && w.Runes > 2 {
			break
		}
		v.linked = v.linked || what&copula != 0
		i = s.signAt(&v, w.End)
	}
	quote := byte(0)
	for i < len(b) && (b[i] == '"' || b[i] == '\'' || b[i] == '\\' || b[i] == '`' || b[i] == '<') {
		quote, v.quoted = b[i], true
		i++
	}
	v.Start, v.End = i, i
	for v.End < len(b) && v.End-i < maxValue && b[v.End] > ' ' && !(v.quoted && (b[v.End] == quote || b[v.End] == '"')) && !bytes.HasPrefix(b[v.End:], []byte("</")) {
		v.End++
	}
	for v.End > i && (strings.IndexByte(".,;:)]}>'\"\\&", b[v.End-1]) >= 0 || !v.quoted && strings.IndexByte("!?", b[v.End-1]) >= 0) {
		v.End--
	}
	for v.End < len(b) && v.End > i && !utf8.RuneStart(b[v.End]) {
		v.End++
	}
	return v
}

// maxLink is the number of bytes that the scanner reads of a following word, to look up the senses of that word.
const maxLink = 16

// signAt skips the characters between a label and its value: closing quotes and brackets, blanks,
// line breaks, and signs such as a colon or a hash. It returns the offset of the value. It stores
// in v whether it read a colon or an equals sign, and whether it read a line break.
func (s *Scanner) signAt(v *value, i int) int {
	b := s.text
	for n := 0; n < 4 && i < len(b) && strings.IndexByte("\"'`])\\", b[i]) >= 0; n++ {
		i++
	}
	for n := 0; n < 6 && i < len(b) && strings.IndexByte(" \t.:=#>-(\r\n", b[i]) >= 0; n++ {
		v.sign = v.sign || b[i] == ':' || b[i] == '='
		v.lines = v.lines || b[i] == '\n'
		i++
	}
	return i
}

// secretValue reports whether a value is a secret. Ordinary words, templates, lists and values such as *** are not. A
// value on another line than the label must have a digit. After a label such as password with a colon or equals sign,
// any other value of at least three bytes is a secret. In all other cases, the value must look like a secret.
func (s *Scanner) secretValue(v *value, what sense) bool {
	text := s.text[v.Start:v.End]
	if s.ordinary(text) || len(bytes.Trim(text, "*.x-")) == 0 || v.lines && digitsOf(text) == 0 {
		return false
	}
	digits := digitsOf(text)
	odd := digits > 0 && len(text) >= 6 || digits >= 4 || digits == 3 && len(text) == 3
	switch {
	case strings.IndexByte("{[(|,", text[0]) >= 0, bytes.HasPrefix(text, []byte("${")):
		return false // a template or a list
	case v.sign && what&secretLabel != 0:
		return len(text) >= 3
	case what&keyLabel != 0:
		return v.sign && digits > 0 && digits < len(text) && len(text) >= 8
	case v.sign:
		return odd || v.quoted && len(text) >= 6 || len(text) >= 4 && (v.End == len(s.text) || s.text[v.End] == '\n')
	case what&secretLabel == 0:
		return digits > 0 && len(text) >= 8 && len(text)-digits >= 3 && words.IsLetter(text[0])
	case v.linked:
		return odd || v.quoted && len(text) >= 3 || len(text) >= 5 && !s.proseFollows(v.End)
	}
	return odd || v.quoted && digits > 0
}

// proseFollows reports whether a sentence continues at i.
func (s *Scanner) proseFollows(i int) bool {
	return i+1 < len(s.text) && s.text[i] == ' ' && s.fold.Starts(s.text, i+1)
}

// ordinary reports whether a text is an ordinary word, which is not the value of a label.
func (s *Scanner) ordinary(text []byte) bool {
	if len(text) == 0 || !s.fold.Starts(text, 0) {
		return false
	}
	w := s.fold.At(text, 0)
	return w.End == len(text) && s.lexicon.of(&w)&ordinaryWord != 0
}

// likeUserName reports whether a text looks like a user name. It is used if no colon and no equals
// sign stands before the text.
func likeUserName(text []byte, linked bool) bool {
	return bytes.IndexByte(text, '_') > 0 || bytes.IndexByte(text, '#') > 0 || linked && bytes.ContainsAny(text, ".0123456789")
}

// userName reports whether a text has only the characters of user names.
func userName(text []byte) bool {
	for _, c := range text {
		if !words.IsAlnum(c) && c < utf8.RuneSelf && strings.IndexByte("@_.-+#", c) < 0 {
			return false
		}
	}
	return true
}

func digitsOf(text []byte) (n int) {
	for _, c := range text {
		if words.IsDigit(c) {
			n++
		}
	}
	return n
}

// decimals returns the number of digits after the dot of a number such as -13.404954. It returns 0 if the text is not
// such a number.
func decimals(text []byte) (n int) {
	dot := bytes.IndexByte(text, '.')
	if dot < 1 || dot > 4 || !words.IsDigit(text[dot-1]) {
		return 0
	}
	for dot+1+n < len(text) && words.IsDigit(text[dot+1+n]) {
		n++
	}
	return n
}

// numberPart returns the part at the beginning of a span that is a number with its separators.
func numberPart(b []byte, v Span) Span {
	end := v.Start
	for end < v.End && (words.IsAlnum(b[end]) || strings.IndexByte("-/.", b[end]) >= 0) {
		end++
	}
	for end > v.Start && !words.IsAlnum(b[end-1]) {
		end--
	}
	return Span{v.Start, end}
}

// dialled returns the end of a telephone number of at least five digits at i, or 0. Between the digits, it accepts all
// separators of telephone numbers.
func dialled(b []byte, i int) (end int) {
	n := 0
	for k := i; k < len(b) && k < i+maxDialled; k++ {
		switch {
		case words.IsDigit(b[k]):
			n, end = n+1, k+1
		case strings.IndexByte(" -/.()+,", b[k]) < 0:
			if n < 5 || words.Continues(b, end) {
				return 0
			}
			return end
		}
	}
	if n < 5 || n > 20 || words.Continues(b, end) {
		return 0
	}
	return end
}

const maxDialled = 32

// folder looks for a user name in a path. The user name is the part after a folder such as home, Users or customers:
// /home/ada/, C:\Users\ada, /customers/ada-lovelace. If folder finds a user name, it stores the name in s.due.
func (s *Scanner) folder(w *words.Word) {
	b := s.text
	if !s.on[Handle] || w.Start == 0 || !slash(b[w.Start-1]) || w.End+1 >= len(b) || !slash(b[w.End]) {
		return
	}
	if w.Start > 1 && w.Runes < 3 && words.Continues(b, w.Start-2) && endOfWord(b, w.Start-1) && bytes.LastIndexByte(b[max(0, w.Start-maxValue):w.Start-1], '.') < 0 {
		return // and/in/or
	}
	i := w.End
	for i < len(b) && slash(b[i]) {
		i++
	}
	end := i
	for end < len(b) && end-i < maxValue && b[end] > ' ' && strings.IndexByte("/\\\"'?#<>|:*,;)]}", b[end]) < 0 {
		end++
	}
	for end < len(b) && !utf8.RuneStart(b[end]) {
		end++
	}
	if end-i >= 2 && digitsOf(b[i:end]) < end-i && !s.ordinary(b[i:end]) {
		s.announce(Span{i, end}, Handle)
	}
}

// partSize returns the size of the character at i if the character belongs to a word or is one of the marks. Otherwise
// it returns 0.
func partSize(b []byte, i int, marks string) int {
	switch {
	case i >= len(b):
		return 0
	case words.Continues(b, i):
		_, size := utf8.DecodeRune(b[i:])
		return size
	case strings.IndexByte(marks, b[i]) >= 0:
		return 1
	}
	return 0
}

func slash(c byte) bool { return c == '/' || c == '\\' }

func endOfWord(b []byte, i int) bool {
	r, _ := utf8.DecodeLastRune(b[:i])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// handleAt returns the end of a user name, or 0. The user name stands after the @ at i, or after the ~ at i in a path.
// Words that often follow an @ in programs and short notes are not user names.
func (s *Scanner) handleAt(b []byte, i int) int {
	if b[i] == '~' && (i == 0 || b[i-1] != '/') || i > 0 && (endOfWord(b, i) || b[i-1] == '@' || b[i-1] == '.') {
		return 0
	}
	end := i + 1
	for size := 1; size > 0 && end-i < maxLocal; end += size {
		size = partSize(b, end, "_.-")
	}
	for end > i+1 && (b[end-1] == '.' || b[end-1] == '-') {
		end--
	}
	if end-i < 4 || words.IsDigit(b[i+1]) || words.IsDigit(b[i+2]) || b[i] == '@' && end < len(b) && (b[end] == '/' || b[end] == '@' || b[end] == '(') || !s.fold.Starts(b, i+1) && b[i+1] != '_' {
		return 0
	}
	if b[i+1] != '_' {
		if w := s.fold.At(b, i+1); s.lexicon.of(&w)&annotation != 0 && (w.End == end || b[w.End] == '-') {
			return 0
		}
	}
	return end
}
