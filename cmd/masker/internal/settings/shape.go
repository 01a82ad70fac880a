package settings

import (
	"reflect"
	"strings"
	"time"

	"github.com/masker-project/masker/pkg/guard"
)

// shape describes the values that are allowed for one setting of masker.yaml. It is made from the structs into which
// the file is decoded, so that each setting is described only once. The tags of a field are:
//
//	mapstructure  the name of the setting, if it is not the field's name in lower case
//	doc           the meaning of the setting, for editors
//	words         the words that are allowed as the value, or as an entry of a list; or the name of a list of guard
//	required      if a field has this tag, editors report a missing setting
//	override      "yes" if an environment variable may replace the value; for a mapping, a name: variables may
//	              replace only the settings under this name of the mapping
type shape struct {
	keys map[string]*shape // a mapping with these keys
	each *shape            // a mapping with any lower-case name
	list *shape            // a list of values with this shape
	word *shape            // with keys: the value may also be a word, which is the value of this key
	kind string            // the type, as JSON Schema names it

	doc, override string
	words         []any
	required      bool
}

// configShape returns the shape of the whole file.
func configShape() *shape {
	s := shapeOf(reflect.TypeFor[Config]())
	s.doc = "The environments where data lives, and the conditions under which it moves."
	return s
}

func shapeOf(t reflect.Type) *shape {
	switch t.Kind() {
	case reflect.Pointer:
		return shapeOf(t.Elem())
	case reflect.Struct:
		s := &shape{kind: "object", keys: keysOf(t)}
		if t == reflect.TypeFor[Verify]() {
			s.word = s.keys["level"]
		}
		return s
	case reflect.Map:
		return &shape{kind: "object", each: shapeOf(t.Elem())}
	case reflect.Slice:
		return &shape{kind: "array", list: shapeOf(t.Elem())}
	case reflect.Int:
		return &shape{kind: "integer"}
	case reflect.Float64:
		return &shape{kind: "number"}
	case reflect.Bool:
		return &shape{kind: "boolean"}
	}
	if t.Kind() == reflect.String || t == reflect.TypeFor[time.Duration]() {
		return &shape{kind: "string"}
	}
	return &shape{}
}

func keysOf(t reflect.Type) map[string]*shape {
	keys := make(map[string]*shape)
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		s := shapeOf(f.Type)
		s.doc, s.override, s.required = f.Tag.Get("doc"), f.Tag.Get("override"), f.Tag.Get("required") != ""
		if value := s; f.Tag.Get("words") != "" {
			if s.list != nil {
				value = s.list
			}
			value.words = wordsOf(f.Tag.Get("words"))
		}
		keys[keyOf(f)] = s
	}
	return keys
}

// keyOf returns the name of the setting that is decoded into a field.
func keyOf(f reflect.StructField) string {
	if name := f.Tag.Get("mapstructure"); name != "" {
		return name
	}
	return strings.ToLower(f.Name)
}

func wordsOf(tag string) []any {
	var words []any
	switch tag {
	case "kinds":
		for _, kind := range guard.Kinds() {
			words = append(words, kind)
		}
	case "levels":
		for _, level := range guard.Verifications() {
			if words = append(words, level); level == guard.VerifyOff {
				words = append(words, false) // YAML 1.1 and many editors read off without quotes as false
			}
		}
	case "codes":
		for _, code := range guard.Codes() {
			words = append(words, code)
		}
	default:
		for _, word := range strings.Fields(tag) {
			words = append(words, word)
		}
	}
	return words
}
