package document

import "github.com/masker-project/masker/pkg/transform"

// partFault is an error about a document, as a constant. err returns the error with its text.
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
		return &transform.Error{Code: "ambiguous-path", Text: "two listed paths match one value, and neither is more specific; list a longer path that decides"}
	case faultJSON:
		return &transform.Error{Code: "bad-json", Text: "the value is not valid JSON"}
	case faultJSONDepth:
		return &transform.Error{Code: "deep-json", Text: "the document is nested too deeply"}
	case faultJSONText:
		return &transform.Error{Code: "bad-json-text", Text: "a string of the document holds \\u0000, a lone surrogate or invalid UTF-8, which PostgreSQL cannot store in a text; use redact, constant or null at its path, or treat the whole column"}
	case faultNullKey:
		return &transform.Error{Code: "null-key", Text: "the treatment of a key gave NULL, but a key cannot be null"}
	case faultSameKey:
		return &transform.Error{Code: "same-key", Text: "two keys of one object are equal before or after treatment; treat keys with token, whose results differ"}
	case faultNotNumber:
		return &transform.Error{Code: "not-a-number", Text: "the document holds a text at a path whose treatment takes numbers only"}
	case faultJSONNumber:
		return &transform.Error{Code: "bad-json-number", Text: "the treatment of a number gave a result that is not a JSON number"}
	case faultComposite:
		return &transform.Error{Code: "bad-composite", Text: "the value is not a valid row of its type"}
	case faultHstore:
		return &transform.Error{Code: "bad-hstore", Text: "the value is not valid hstore"}
	case faultHstoreKey:
		return &transform.Error{Code: "unlisted-key", Text: "the value has a key that is not listed; list it, or cover all others with *"}
	}
	return f.documentErr()
}

func (f partFault) documentErr() error {
	switch f {
	case faultXML:
		return &transform.Error{Code: "bad-xml", Text: "the value is not valid XML"}
	case faultXMLText:
		return &transform.Error{Code: "bad-xml-text", Text: "a text of the document, or its result, holds a character that XML does not allow"}
	case faultXMLMarkup:
		return &transform.Error{Code: "xml-markup", Text: "the document holds a DOCTYPE, a processing instruction or an entity of its own; treat the whole column instead"}
	case faultXMLPath:
		return &transform.Error{Code: "unlisted-path", Text: "the document holds an element, an attribute or a text that no path lists"}
	case faultDeepXML:
		return &transform.Error{Code: "deep-xml", Text: "the document is nested too deeply"}
	case faultCSV:
		return &transform.Error{Code: "bad-csv", Text: "the value is not valid CSV with this delimiter"}
	case faultCSVColumn:
		return &transform.Error{Code: "unlisted-column", Text: "the value has a CSV column that is not listed"}
	}
	return &transform.Error{Code: "unknown", Text: "the value could not be treated"}
}
