package library

// What the tests beside this package look at.

func QuotedElement(text string) []byte {
	return (&array{delimiter: ','}).quote(nil, []byte(text))
}

func NumbersCompare(a, b string) (c int, ok bool) { return compareNumbers([]byte(a), []byte(b)) }
