package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/transform"
)

// The limits in the conditions of gates.
const (
	cardFirst = 6  // first digits of a card's number
	cardLast  = 4  // last digits of a card's number
	oldest    = 90 // years of age from which ages are combined
	zipDigits = 3  // digits of a postcode
)

// meets reports whether a use meets one of the conditions in each row. The list sparse holds the prefixes of postcodes
// of areas with few people.
func meets(conditions []string, u *transform.Use, sparse []string) bool {
	if u.Else != nil && !meets(conditions, u.Else, sparse) {
		return false
	}
	return slices.ContainsFunc(conditions, func(condition string) bool { return meetsOne(condition, u, sparse) })
}

func meetsOne(condition string, u *transform.Use, sparse []string) bool {
	number := func(key string, otherwise int64) int64 {
		if n, ok := u.Params[key].(int64); ok {
			return n
		}
		return otherwise
	}
	switch condition {
	case "scrubbed": // the disclosure of these treatments depends on the values, or on a program
		return slices.Contains([]string{"scrub", "command", "expr"}, u.Treatment)
	case "first-six-last-four":
		only, _ := u.Params["only"].(string)
		switch u.Treatment {
		case "mask":
			return only != "letters" && number("keep_first", 0) <= cardFirst && number("keep_last", 0) <= cardLast
		case "truncate":
			return number("length", cardFirst+1) <= cardFirst
		}
	case "year", "year-from":
		to, _ := u.Params["to"].(string)
		_, from := u.Params["earliest"].(string)
		coarse := u.Treatment == "generalize.date" && (to == "year" || to == "decade") || u.Treatment == "truncate" && to == "year"
		return coarse && (condition == "year" || from)
	case "age-ninety":
		return u.Treatment == "generalize.age" && number("fold", oldest) <= oldest
	case "zip-three":
		if u.Treatment != "generalize.postcode" || number("prefix", zipDigits) > zipDigits {
			return false
		}
		listed, _ := u.Params["sparse"].([]any)
		return !slices.ContainsFunc(sparse, func(prefix string) bool { return !slices.Contains(listed, any(prefix)) })
	}
	return false
}
