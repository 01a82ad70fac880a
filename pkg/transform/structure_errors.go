package transform

// partFault is why a document cannot be treated, as a constant; err gives it its sentence.
type partFault int

const (
	faultAmbiguous partFault = iota
	faultJSON
	faultJSONDepth
	faultJSONText
	faultNullKey
	faultSameKey
	faultNotNumber
	faultJSONNumber
	faultComposite
	faultHstore
	faultHstoreKey
	faultXML
	faultXMLText
	faultXMLMarkup
	faultXMLPath
	faultDeepXML
	faultCSV
	faultCSVColumn
)

func (f partFault) err() error {
	switch f {
	case faultAmbiguous:
		return &Error{"ambiguous-path", "two listed paths fit one value and neither is more specific; list a longer path that decides"}
	case faultJSON:
		return &Error{"bad-json", "the value does not read as JSON"}
	case faultJSONDepth:
		return &Error{"deep-json", "the document is nested too deeply"}
	case faultJSONText:
		return &Error{"bad-json-text", "a string of the document holds \\u0000, a lone surrogate or invalid UTF-8, which no text of PostgreSQL can hold; treat the whole column instead"}
	case faultNullKey:
		return &Error{"null-key", "the treatment of a key gave NULL, and a key cannot be null"}
	case faultSameKey:
		return &Error{"same-key", "two keys of one object are the same, or become it; treat keys with token, whose results differ"}
	case faultNotNumber:
		return &Error{"not-a-number", "a text stands where the treatment takes numbers only"}
	case faultJSONNumber:
		return &Error{"bad-json-number", "the treatment of a number gave what JSON cannot write as one"}
	case faultComposite:
		return &Error{"bad-composite", "the value does not read as a row of its type"}
	case faultHstore:
		return &Error{"bad-hstore", "the value does not read as hstore"}
	case faultHstoreKey:
		return &Error{"unlisted-key", "the value has a key that is not listed; list it, or cover all others with *"}
	}
	return f.documentErr()
}

func (f partFault) documentErr() error {
	switch f {
	case faultXML:
		return &Error{"bad-xml", "the value does not read as XML"}
	case faultXMLText:
		return &Error{"bad-xml-text", "a text of the document, or what it became, holds a character XML cannot hold"}
	case faultXMLMarkup:
		return &Error{"xml-markup", "the document holds a DOCTYPE, a processing instruction or an entity of its own; treat the whole column instead"}
	case faultXMLPath:
		return &Error{"unlisted-path", "the document holds an element, an attribute or a text that no path lists"}
	case faultDeepXML:
		return &Error{"deep-xml", "the document is nested too deeply"}
	case faultCSV:
		return &Error{"bad-csv", "the value does not read as CSV with this delimiter"}
	case faultCSVColumn:
		return &Error{"unlisted-column", "the value has a CSV column that is not listed"}
	}
	return &Error{"unknown", "the value could not be treated"}
}
