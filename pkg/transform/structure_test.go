package transform

import "github.com/masker-project/masker/pkg/catalog"

// goodFor is a value a treatment takes on a family: texts may have to hold a document.
func goodFor(treatment string, f catalog.Family, good map[catalog.Family]string) (string, bool) {
	documents := map[string]string{"json": `{"a": "se\ncret", "b": [null], "c": [1]}`, "xml": good[catalog.XML], "csv": "a,\"b\"\"c\",\n"}
	if in, ok := documents[treatment]; ok {
		return in, true
	}
	in, ok := good[f]
	return in, ok
}
