package recognise

import (
	"bytes"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// spelledMail returns the end of an e-mail address that has words instead of its signs, such as ada.lovelace at acme
// dot io. It returns 0 if there is no such address.
func (s *Scanner) spelledMail(b []byte, i int) int {
	k, parts := s.atoms(b, i)
	odd := parts > 1 || digitsOf(b[i:k]) > 0 || bytes.IndexByte(b[i:k], '_') >= 0
	at, ok := s.signWord(b, k, atWord)
	if !ok {
		return 0
	}
	end, labels := s.atoms(b, at)
	host := b[at:end]
	switch {
	case end == at:
		return 0
	case labels > 1 && (odd || bytes.IndexByte(host, ' ') >= 0) && topLevel(lastAtom(host)):
		return end
	case odd && labels == 1:
		if w := s.fold.At(b, at); w.End == end && s.lexicon.of(&w)&provider != 0 {
			return end
		}
	}
	return 0
}

func lastAtom(host []byte) []byte { return host[bytes.LastIndexAny(host, ". ")+1:] }

// atoms reads words that are joined by dots, or by words for a dot. It returns the end of the last word and the number
// of words.
func (s *Scanner) atoms(b []byte, i int) (end, n int) {
	for end = i; end < len(b) && end-i < maxHost && n < 8 && s.fold.Starts(b, end); n++ {
		for size := 1; size > 0 && end-i < maxHost; end += size {
			size = partSize(b, end, "_-+")
		}
		next := end + 1
		if end >= len(b) || b[end] != '.' || next >= len(b) || !s.fold.Starts(b, next) {
			ok := false
			if next, ok = s.signWord(b, end, dotWord); !ok {
				return end, n + 1
			}
		}
		if n == 7 {
			return end, n + 1
		}
		end = next
	}
	return end, n
}

// signWord reads a word that stands for a sign, and the blanks around the word. It returns the offset after the blanks.
func (s *Scanner) signWord(b []byte, i int, what sense) (next int, ok bool) {
	if i+1 >= len(b) || b[i] != ' ' || !s.fold.Starts(b, i+1) {
		return i, false
	}
	w := s.fold.At(b[:min(len(b), i+maxLink)], i+1)
	if s.lexicon.of(&w)&what == 0 || w.End+1 >= len(b) || b[w.End] != ' ' || !s.fold.Starts(b, w.End+1) {
		return i, false
	}
	return w.End + 1, true
}

// spelledDate returns the end of a date whose day is written in words, such as the twenty-ninth of February 1984. The
// year may be in words too. It returns 0 if there is no such date.
func (s *Scanner) spelledDate(b []byte, w *words.Word) int {
	end, month := w.End, false
	for range 5 {
		next, ok := s.nextWord(b, end)
		if !ok {
			return 0
		}
		what := s.lexicon.of(&next)
		if _, m := s.months.find(&next); m > 0 {
			end, month = next.End, true
			break
		}
		if what&(numberWord|dayWord) == 0 && !connects(b[next.Start:next.End]) {
			return 0
		}
		end = next.End
	}
	if !month {
		return 0
	}
	return s.spelledYear(b, end)
}

// spelledYear returns the end of a year after a month: 1984, nineteen eighty-four. It returns 0 if there is no year.
func (s *Scanner) spelledYear(b []byte, i int) (end int) {
	for n := 0; n < 7; n++ {
		next, ok := s.nextWord(b, i)
		if !ok {
			break
		}
		text := b[next.Start:next.End]
		switch {
		case next.Digits == 4 && len(text) == 4:
			return next.End
		case s.lexicon.of(&next)&numberWord != 0, next.ASCII && len(text) > 12 && bytes.Contains(text, []byte("hundert")):
			end = next.End
		case !connects(text):
			return end
		}
		i = next.End
	}
	return end
}

// nextWord reads the next word on the same line. At most three blanks, commas, hyphens or dots may stand before it.
func (s *Scanner) nextWord(b []byte, i int) (w words.Word, ok bool) {
	for n := 0; n < 3 && i < len(b) && (b[i] == ' ' || b[i] == ',' || b[i] == '-' || b[i] == '.'); n++ {
		i++
	}
	if i >= len(b) || !s.fold.Starts(b, i) {
		return w, false
	}
	return s.fold.At(b[:min(len(b), i+maxSpelled)], i), true
}

const maxSpelled = 48

// connects reports whether a word may stand between the parts of a date in words, as of in the twenty-ninth of
// February.
func connects(text []byte) bool {
	switch string(text) {
	case "of", "and", "de", "del", "et", "y", "e", "und", "the", "di", "do":
		return true
	}
	return false
}
