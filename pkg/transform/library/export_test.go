package library

// These functions are for the external tests of this package.

func QuotedElement(text string) []byte {
	return (&array{delimiter: ','}).quote(nil, []byte(text))
}

func NumbersCompare(a, b string) (c int, ok bool) { return compareNumbers([]byte(a), []byte(b)) }
