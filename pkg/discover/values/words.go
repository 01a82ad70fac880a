package values

import (
	"bytes"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Common is the class of words that are names, but mean something else in most columns: colours, months, trades.
const Common = "common"

// classes says in which lists a word is.
type classes uint16

// The bits of classes.
const (
	givenName classes = 1 << iota
	familyName
	city
	street
	common
	lesser      // stands beside names: a title, a particle, an addition
	wayFirst    // a word for a street before its name
	wayLast     // a word for a street after its name
	wayAmerican // a word for a street after its name, in texts that begin with a number
	wayEnd      // the end of a word that is a street
	wayUnit     // stands between the name of a street and a number
)

// listClasses returns the classes of lists, in the order of their bits.
func listClasses() []string { return []string{"given_name", "family_name", "city", "street", Common} }

// lesserWords stand beside names, and do not say which part of a name is which.
const lesserWords = "mr mrs ms miss mx dr prof sir madam rev hon herr frau fraulein mag dipl m mme mlle me sr sra srta don dona sig signor signora dott " +
	"dottssa ing mgr bc judr mudr phdr ir drs drg hj h dhr mevr mevrouw heer pan pani jr snr ii iii iv phd md dds dvm esq herra rouva hr fru bay bayan " +
	"gda gdin g ga sro dna dl domnul doamna κ κος κα κυρια г гн гжа пан пані kundze kungs doktor doktore doktorn " +
	"van von der den de del della di da do dos das du des la le los las el al bin binti ibn bint ben abu bar ter ten zu zum zur af av y e i of mac mc o d l st san ap nic ni " +
	"خانم آقای دکتر مهندس السيد السيدة الشيخ الدكتور بن بنت ابن أبو الآنسة גברת מר פרופ בן श्री श्रीमती डॉ कुमारी"

// familyEnds and cityEnds are the ends of names in languages where many names have one of a few ends.
const (
	familyEnds = "ova eva ska ski sky cka cki dzki vic ovic evic escu eanu yan idze adze shvili nen enko chuk oglu poulos opoulou idis iadis akis sson ssen " +
		"dottir evicius auskas iene ов ова ев ева ёв ёва ин ина ский ская цкий цкая енко чук юк ський ська цький цька ски ска вић յան շվիլի ძე შვილი იანი " +
		"όπουλος πούλου ίδης άδης άκης ίδου άδου زاده نژاد"
	cityEnds = "ville burg bourg burgh stadt dorf hausen kirchen hofen koping havn gorod град город abad nagar ganj garh minster chester haza hely varos polis chaven " +
		"市 区 區 县 縣 町 村"
)

// enter adds the entries of a list to the words of a class.
func (l *Looker) enter(class classes, entries []string) {
	for _, entry := range entries {
		hash, n := l.phrase([]byte(entry))
		switch {
		case n == 0:
			continue
		case len(entry) <= 2: // in many languages, such a word is no name
			l.words[hash] |= common
		}
		l.words[hash] |= class
	}
}

// enterEnds adds ends of names.
func (l *Looker) enterEnds(class classes, ends string) {
	for _, end := range strings.Fields(ends) {
		folded := l.folding.Append(nil, []byte(end))
		l.ends[string(folded)] |= class
		l.endSizes[folded[len(folded)-1]] |= 1 << len(folded)
	}
}

// part is a word of a value, without hyphens.
type part struct {
	text  []byte
	is    classes
	runes int
}

// mostParts is the number of parts of the longest text that is compared with names.
const mostParts = 8

// split returns the parts of a text. The result is empty if the text has too many parts, or a part that is no word of
// letters. It is valid until the next call.
func (l *Looker) split(text []byte) []part {
	l.parts = l.parts[:0]
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if between(r) {
			i += size
			continue
		}
		start, runes := i, 0
		for i < len(text) {
			if r, size = utf8.DecodeRune(text[i:]); between(r) {
				break
			} else if !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(".'’`´\u200c\u200d\"", r) {
				return nil
			}
			i, runes = i+size, runes+1
		}
		if len(l.parts) == mostParts {
			return nil
		}
		hash, _ := l.phrase(text[start:i])
		l.parts = append(l.parts, part{text[start:i], l.words[hash], runes})
	}
	return l.parts
}

// between reports whether a rune stands between the parts of a name.
func between(r rune) bool {
	return unicode.IsSpace(r) || r == ',' || r == '-' || r == '・' || r == '·' || r == '(' || r == ')'
}

// end returns the classes of names with the end of a word. The word has at least two bytes before its end.
func (l *Looker) end(word []byte) (is classes) {
	var space [64]byte
	folded := l.folding.Append(space[:0], word[:min(len(word), 48)])
	if len(folded) == 0 {
		return 0
	}
	for sizes := l.endSizes[folded[len(folded)-1]]; sizes != 0; sizes &= sizes - 1 {
		if n := bits.TrailingZeros32(sizes); n+2 <= len(folded) {
			is |= l.ends[string(folded[len(folded)-n:])]
		}
	}
	return is
}

// proper reports whether a word begins with a capital letter, or is in a script without capital letters. Georgian has
// capital letters, but names do not begin with them.
func proper(word []byte) bool {
	r, _ := utf8.DecodeRune(word)
	return unicode.In(r, unicode.Lu, unicode.Lt, unicode.Lo, unicode.Georgian)
}

// eastern reports whether a text has only letters of China, Japan and Korea.
func eastern(text []byte) bool {
	return !bytes.ContainsFunc(text, func(r rune) bool {
		return !unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
	})
}
