package transform

// What the tests beside this package look at.

func quotedElement(text string) []byte {
	return (&array{delimiter: ','}).quote(nil, []byte(text))
}

func numbersCompare(a, b string) (c int, ok bool) { return compareNumbers([]byte(a), []byte(b)) }
