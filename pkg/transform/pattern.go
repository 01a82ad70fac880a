package transform

// patternKind is what a pattern finds in free text.
type patternKind int

const (
	kindEmail patternKind = iota
	kindURL
	kindUUID
	kindMAC
	kindIP
	kindDate
	kindPAN
	kindIBAN
	kindNationalID
	kindPhone
	kindSecret
	kindNumber
	kinds
)

// name is the word of the parameter patterns.
func (k patternKind) name() string {
	switch k {
	case kindEmail:
		return "email"
	case kindURL:
		return "url"
	case kindUUID:
		return "uuid"
	case kindMAC:
		return "mac"
	case kindIP:
		return "ip"
	case kindDate:
		return "date"
	case kindPAN:
		return "pan"
	case kindIBAN:
		return "iban"
	case kindNationalID:
		return "national_id"
	case kindPhone:
		return "phone"
	case kindSecret:
		return "secret"
	}
	return "number"
}

// patternNames are the words of the parameter patterns, by kind.
func patternNames() (names []string) {
	for k := range kinds {
		names = append(names, k.name())
	}
	return names
}

// numerals are groups of digits that separators join: what telephone, card and other numbers look like.
// They start at a digit, "+" or "(" before which no word stands.
type numerals struct {
	start  int
	group  [maxGroups]span
	sep    [maxGroups]byte // before the group: ' ', '-', '.' or '/'; '(' where parentheses stand among others
	n      int
	digits [maxNumerals]byte
	first  byte // of the text: '+', '(' or a digit
}

type span struct{ start, end int }

const (
	maxGroups   = 12
	maxNumerals = maxMentionDigits
)

// gather reads the numerals at i. A single group longer than any number with a meaning stands alone, its digits left out.
func (r *numerals) gather(b []byte, i int) {
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
	for r.n < maxGroups && i < len(b) && digitByte(b[i]) {
		g := span{start: i}
		for i < len(b) && digitByte(b[i]) {
			i++
		}
		g.end = i
		if glued(b, i) && !clockAt(b, i) {
			return
		}
		if count += g.end - g.start; count > maxNumerals {
			if r.n == 0 {
				r.group[0], r.n = g, 1
			}
			return
		}
		copy(r.digits[count-(g.end-g.start):], b[g.start:g.end])
		r.group[r.n], r.sep[r.n] = g, sep
		r.n++
		sep, i = separator(b, i)
		if sep == 0 {
			return
		}
	}
}

// clockAt says whether a time follows a date as in ISO 8601.
func clockAt(b []byte, i int) bool { return b[i] == 'T' && i+1 < len(b) && digitByte(b[i+1]) }

// separator reads what may stand between two groups of one number: a blank, a dash, a dot, a slash, or
// parentheses with a blank or dash around them.
func separator(b []byte, i int) (sep byte, next int) {
	for n := 0; n < 3 && i < len(b); n++ {
		c, size := b[i], 1
		switch {
		case c == 0xc2 && i+1 < len(b) && b[i+1] == 0xa0: // no-break space
			c, size = ' ', 2
		case c == 0xe2 && i+2 < len(b) && b[i+1] == 0x80:
			switch b[i+2] {
			case 0xaf, 0x89: // narrow no-break and thin space
				c, size = ' ', 3
			case 0x90, 0x91, 0x93: // hyphen, no-break hyphen, en dash
				c, size = '-', 3
			}
		}
		switch c {
		case '(', ')':
			sep = '('
		case ' ', '-', '.', '/':
			if sep != 0 && sep != '(' {
				return 0, i
			}
			if sep == 0 {
				sep = c
			}
		default:
			return sep, i
		}
		i += size
	}
	return sep, i
}

// upTo are the digits of the first k groups.
func (r *numerals) upTo(k int) []byte { return r.digits[:r.count(k)] }

func (r *numerals) count(k int) int {
	n := 0
	for _, g := range r.group[:k] {
		n += g.end - g.start
	}
	return min(n, maxNumerals)
}

func (r *numerals) length(k int) int { return r.group[k].end - r.group[k].start }

// joined says whether the first k groups have one of the separators between them.
func (r *numerals) joined(k int, by string) bool {
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

// shaped says whether the first groups have these lengths.
func (r *numerals) shaped(lengths ...int) bool {
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

// pan is the end of a payment card number: 13 to 19 digits in one piece or in groups, with Luhn's check digit.
func (r *numerals) pan() int {
	for k := r.n; k > 0 && digitByte(r.first); k-- {
		if n := r.count(k); n >= 13 && n <= 19 && (r.joined(k, " ") || r.joined(k, "-") || r.joined(k, ".")) && luhnValid(r.upTo(k)) {
			return r.group[k-1].end
		}
	}
	return 0
}

// luhnValid is ISO/IEC 7812-1's check. A row of zeros passes it and is no card.
func luhnValid(digits []byte) bool {
	sum, any := 0, false
	for i, c := range digits {
		v := int(c - '0')
		any = any || v != 0
		if (len(digits)-i)%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return any && sum%10 == 0
}

// phone is the end of a telephone number: international, with a trunk zero, or as North America writes it.
func (r *numerals) phone() int {
	for k := r.n; k > 0; k-- {
		n := r.count(k)
		if n < 7 || n > 15 || k > 1 && n-r.length(k-1) >= 10 && r.length(k-1) < 2 {
			continue
		}
		if r.phoneLike(k, n) {
			return r.group[k-1].end
		}
	}
	return 0
}

func (r *numerals) phoneLike(k, n int) bool {
	if r.first == '(' && !r.closed(k) {
		return false
	}
	switch {
	case r.first == '+':
		return n >= 8
	case r.first == '(':
		return true
	case r.digits[0] == '0':
		return !r.joined(k, ".") || k > 3 || k == 1
	case r.shaped(3, 3, 4), r.shaped(3, 4, 4):
		return k == 3
	case r.shaped(1, 3, 3, 4):
		return k == 4
	case r.shaped(3, 4):
		return k == 2 && r.sep[1] == '-'
	}
	return k >= 4 && n >= 9 && n <= 12 && r.joined(k, " ") // 12 34 56 78 90
}

// closed says whether a number that starts with a parenthesis also closes it.
func (r *numerals) closed(k int) bool { return k > 1 && r.sep[1] == '(' }

// number is the end of any other number of six digits or more, in one piece, joined by dashes and slashes, or in groups of three
// and more.
func (r *numerals) number() int {
	if r.first == '(' {
		return 0 // it starts behind the parenthesis
	}
	if r.length(0) > maxNumerals {
		return r.group[0].end
	}
	for k := r.n; k > 0; k-- {
		n, even := r.count(k), true
		for g := 1; g < k; g++ {
			even = even && r.length(g) >= 3
		}
		switch {
		case n < 6 || k == 2 && r.years():
		case k == 1, r.joined(k, "-/"), even && r.joined(k, " .-/(") && n >= 7:
			return r.group[k-1].end
		}
	}
	return 0
}

// years says whether two groups are a period such as 2023/2024.
func (r *numerals) years() bool {
	century := func(k int) bool {
		return r.length(k) == 4 && (r.digits[4*k] == '1' && r.digits[4*k+1] == '9' || r.digits[4*k] == '2' && r.digits[4*k+1] == '0')
	}
	return century(0) && century(1)
}
