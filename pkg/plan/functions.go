package plan

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/sqlexpr"
)

// The functions that masker knows. The plan assumes that none of them fails for the results of a treatment, with the
// exceptions that risk lists.
var (
	// These functions give different texts for different texts, except if the texts differ only in the case of letters,
	// in accents, or in blanks at the ends.
	foldingFunctions = []string{"lower", "upper", "initcap", "btrim", "ltrim", "rtrim", "trim", "unaccent", "public.unaccent"}

	// The plan assumes that these give different results for different arguments.
	distinctFunctions = []string{"md5", "sha224", "sha256", "sha384", "sha512", "reverse", "encode", "convert_to", "to_json", "to_jsonb", "quote_literal", "concat", "concat_ws", "digest", "public.digest"}

	textFunctions = []string{"left", "right", "substr", "substring", "split_part", "replace", "translate", "regexp_replace", "overlay", "lpad", "rpad", "repeat", "to_char"}

	otherFunctions = []string{
		"length", "char_length", "character_length", "octet_length", "bit_length", "position", "strpos", "ascii", "starts_with", "hashtext",
		"abs", "ceil", "ceiling", "floor", "round", "trunc", "sign", "greatest", "least", "nullif", "coalesce", "num_nulls", "num_nonnulls",
		"extract", "date_part", "date_trunc", "date", "age", "timezone", "lower_inc", "upper_inc", "isempty", "isfinite",
		"jsonb_typeof", "json_typeof", "jsonb_extract_path", "jsonb_extract_path_text", "json_extract_path_text",
		"array_length", "cardinality", "array_position", "to_tsvector", "setweight", "hashtextextended",
	}

	// These read the characters of a text.
	readingFunctions = []string{"to_number", "to_date", "to_timestamp"}

	// These, and the functions that make a range, may return a value if an argument is NULL.
	takesNull = []string{"coalesce", "nullif", "greatest", "least", "concat", "concat_ws", "num_nulls", "num_nonnulls", "array_position"}

	// These fail if the lower bound is above the upper bound.
	rangeFunctions = []string{"int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange"}
)

// combine returns the outcome of a function or an operator from the outcomes of its arguments.
func combine(x *sqlexpr.Expr, args []outcome) outcome {
	o := outcome{constant: true, sameNull: true, text: givesText(x, args)}
	for _, a := range args {
		if a.treated != nil && o.treated == nil {
			o.treated, o.space = a.treated, a.space
		}
		o.constant = o.constant && a.constant
		o.null = o.null || a.null && strict(x)
		o.sameNull = o.sameNull && (a.treated == nil || a.sameNull)
		o.fails = cmp.Or(o.fails, a.fails)
		o.unsure = cmp.Or(o.unsure, a.unsure)
		o.digits = o.digits || a.digits
		o.folds = o.folds || a.folds
	}
	if o.treated == nil {
		return outcome{text: o.text, constant: o.constant}
	}
	o.sameNull = o.sameNull && strict(x)
	if o.null {
		never := false
		return outcome{treated: o.treated, null: true, constant: true, unique: true, truth: &never, fails: o.fails, unsure: o.unsure}
	}
	o.unique, o.space = uniqueness(x, args, o)
	if why, fails := risk(x, args); fails {
		o.fails = cmp.Or(o.fails, why)
	} else {
		o.unsure = cmp.Or(o.unsure, why)
	}
	return o
}

// strict reports whether the result is NULL if an argument is NULL. A function that masker does not know may return a
// value for NULL, or fail.
func strict(x *sqlexpr.Expr) bool {
	if x.Kind == sqlexpr.Call {
		return knownFunction(x) && !x.IsCall(takesNull...) && !x.IsCall(rangeFunctions...)
	}
	return x.Kind == sqlexpr.Operator && !x.IsOperator("and", "or", "is distinct from", "is not distinct from", "is null", "is not null")
}

func givesText(x *sqlexpr.Expr, args []outcome) bool {
	switch {
	case x.IsOperator("->>", "#>>", "->", "#>"):
		return true
	case x.IsOperator("||"), x.IsCall("coalesce", "nullif", "greatest", "least"), x.Kind == sqlexpr.Other:
		return slices.ContainsFunc(args, func(a outcome) bool { return a.text })
	}
	return x.IsCall(foldingFunctions...) || x.IsCall(textFunctions...) || x.IsCall("md5", "reverse", "encode", "concat", "concat_ws", "quote_literal")
}

// uniqueness says whether an expression gives different results for different arguments, and how many different
// results there can be.
func uniqueness(x *sqlexpr.Expr, args []outcome, o outcome) (unique bool, space float64) {
	if o.constant {
		return false, 1
	}
	all := true
	for _, a := range args {
		all = all && (a.treated == nil || a.unique)
	}
	switch n, cuts := limit(x); {
	case x.IsCall(foldingFunctions...) && o.folds:
		return false, 0
	case x.IsCall(foldingFunctions...), x.IsCall(distinctFunctions...), x.IsOperator("||"), x.IsCall("coalesce"):
		return all, o.space
	case cuts && o.space > 0:
		return false, min(o.space, math.Pow(32, float64(n)))
	}
	return false, 0
}

const division = "a division"

// risk says what may fail when a server computes x from its arguments. The result why is "" if nothing may fail. If the
// result fails is true, the plan refuses the expression. Otherwise the plan has a finding.
func risk(x *sqlexpr.Expr, args []outcome) (why string, fails bool) {
	name := strings.TrimPrefix(x.Name, "public.")
	switch {
	case x.IsCall(readingFunctions...) && args[0].treated != nil && args[0].text:
		return name, !args[0].digits || name != "to_number" // to_date and to_timestamp read a month and a day
	case x.IsCall(readingFunctions...):
		return "", false
	case x.IsCall(rangeFunctions...):
		if movesTogether(args) {
			return "", false
		}
		return name + ", whose lower bound must not be above its upper bound,", true
	case x.Kind == sqlexpr.Call && !knownFunction(x):
		return "the function " + x.Name, false
	case x.IsOperator("/", "%") && len(args) == 2 && args[1].treated != nil:
		return division, false
	case x.Kind == sqlexpr.Other && (x.Name == "field" || x.Name == "row"):
		return "a composite value", false
	}
	return "", false
}

// knownFunction reports whether a call is of one of the lists above.
func knownFunction(x *sqlexpr.Expr) bool {
	return slices.ContainsFunc([][]string{foldingFunctions, distinctFunctions, textFunctions, otherFunctions, readingFunctions, rangeFunctions},
		func(list []string) bool { return x.IsCall(list...) })
}

// movesTogether reports whether the two bounds of a range keep their order. Both bounds must be shifted by the same
// time. An untreated constant does not count, and a bound that is NULL allows every other bound.
func movesTogether(args []outcome) bool {
	bounds := args[:min(2, len(args))]
	if slices.ContainsFunc(bounds, func(a outcome) bool { return a.null }) {
		return true
	}
	var first *columnState
	for _, a := range bounds {
		switch {
		case a.constant && a.treated == nil:
			continue
		case a.treated == nil || a.treated.use.Treatment != "shift" || a.treated.use.Subject == "":
			return false
		case first == nil:
			first = a.treated
		case first.use.As != a.treated.use.As || first.cat.Type.Family != a.treated.cat.Type.Family || first.use.When != "" || a.treated.use.When != "" || !equalParams(first.use.Params, a.treated.use.Params):
			return false
		}
	}
	return true
}
