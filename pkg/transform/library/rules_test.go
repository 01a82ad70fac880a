package library_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

// misuse is a wrong rule. It has the parameter that the error must name, and a part of the error's text.
type misuse struct {
	name       string
	col        transform.Column
	use        transform.Use
	param, say string
}

// params returns parameters. The arguments are pairs of a name and a value.
func params(kv ...any) transform.Params {
	m := transform.Params{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i].(string)] = kv[i+1]
	}
	return m
}

// misusedTreatments returns treatments that do not exist, or that the column does not allow.
func misusedTreatments() []misuse {
	notNull := transformtest.Column(transformtest.Text)
	notNull.NotNull = true
	return []misuse{
		{"misspelt treatment", transformtest.Column(transformtest.Text), transform.Use{Treatment: "fake.emial"}, "treat", "did you mean fake.email?"},
		{"unknown treatment", transformtest.Column(transformtest.Text), transform.Use{Treatment: "quux"}, "treat", "no treatment"},
		{"misspelt parameter", transformtest.Column(transformtest.Text), transform.Use{Treatment: "mask", Params: params("keep_frist", int64(1))}, "keep_frist", "did you mean keep_first?"},
		{"parameter of none", transformtest.Column(transformtest.Text), transform.Use{Treatment: "null", Params: params("x", int64(1))}, "x", "takes none"},
		{"wrong type", transformtest.Column(transformtest.Int4), transform.Use{Treatment: "mask"}, "treat", "it takes text"},
		{"wrong element type", transformtest.Column(transformtest.ArrayOf(transformtest.Int4)), transform.Use{Treatment: "mask"}, "treat", "it takes text"},
		{"null on NOT NULL", notNull, transform.Use{Treatment: "null"}, "treat", "NOT NULL"},
		{"paths elsewhere", transformtest.Column(transformtest.Text), transform.Use{Treatment: "mask", Paths: []transform.Path{{}}}, "paths", "takes no paths"},
	}
}

// misusedMasks returns parameters that mask does not accept.
func misusedMasks() []misuse {
	return []misuse{
		{"mask two characters", transformtest.Column(transformtest.Text), transform.Use{Treatment: "mask", Params: params("with", "**")}, "with", "one"},
		{"mask with a blank", transformtest.Column(transformtest.Text), transform.Use{Treatment: "mask", Params: params("with", " ")}, "with", "visible"},
		{"mask with a number", transformtest.Column(transformtest.Text), transform.Use{Treatment: "mask", Params: params("with", int64(0))}, "with", "quote"},
		{"mask keeps all", transformtest.Column(treatment.TextType(4)), transform.Use{Treatment: "mask", Params: params("keep_last", int64(4))}, "keep_first", "less than 50 percent"},
		{"mask keeps less than none", transformtest.Column(transformtest.Text), transform.Use{Treatment: "mask", Params: params("keep_last", int64(-1))}, "keep_last", "0"},
	}
}

// misusedSeeds returns treatments with a wrong or missing length of the column, range, subject or number of days.
func misusedSeeds() []misuse {
	return []misuse{
		{"short token", transformtest.Column(treatment.TextType(21)), transform.Use{Treatment: "token"}, "treat", "22 characters"},
		{"short token with prefix", transformtest.Column(treatment.TextType(24)), transform.Use{Treatment: "token", Params: params("prefix", "abc")}, "treat", "25 characters"},
		{"short citext", transformtest.Column(catalog.Type{Family: catalog.Text, MaxLen: 24, CaseInsensitive: true}), transform.Use{Treatment: "token"}, "treat", "26 characters"},
		{"token without range", transformtest.Column(transformtest.Int4), transform.Use{Treatment: "token"}, "range", "needs it"},
		{"range of text", transformtest.Column(transformtest.Text), transform.Use{Treatment: "token", Params: params("range", []any{int64(1), int64(2)})}, "range", "means nothing"},
		{"range upside down", transformtest.Column(transformtest.Int4), transform.Use{Treatment: "token", Params: params("range", []any{int64(5), int64(2)})}, "range", "lower first"},
		{"range beyond the type", transformtest.Column(transformtest.Int2), transform.Use{Treatment: "token", Params: params("range", []any{int64(0), int64(32768)})}, "range", "32767"},
		{"range beyond the precision", transformtest.Column(transformtest.Money), transform.Use{Treatment: "token", Params: params("range", []any{int64(0), int64(100000001)})}, "range", "100000000"},
		{"token per subject", transformtest.Column(transformtest.Text), transform.Use{Treatment: "token", Subject: "id", SubjectType: &transformtest.Int4}, "subject", "value"},
		{"as without subject", transformtest.Column(transformtest.Text), transform.Use{Treatment: "fake.email", As: "person"}, "as", "subject"},
		{"subject without type", transformtest.Column(transformtest.Text), transform.Use{Treatment: "fake.email", Subject: "id"}, "subject", "type"},
		{"short e-mail", transformtest.Column(treatment.TextType(19)), transform.Use{Treatment: "fake.email"}, "treat", "20 characters"},
		{"shift by nothing", transformtest.Column(transformtest.Date), transform.Use{Treatment: "shift", Params: params("days", int64(0))}, "days", "1 to"},
	}
}

// misusedConstants returns wrong rules with the treatments constant and redact.
func misusedConstants() []misuse {
	return []misuse{
		{"constant missing", transformtest.Column(transformtest.Text), transform.Use{Treatment: "constant"}, "value", "needs it"},
		{"constant null", transformtest.Column(transformtest.Text), transform.Use{Treatment: "constant", Params: params("value", nil)}, "value", "treatment null"},
		{"constant too long", transformtest.Column(treatment.TextType(2)), transform.Use{Treatment: "constant", Params: params("value", "abc")}, "value", "3 characters"},
		{"constant no integer", transformtest.Column(transformtest.Int4), transform.Use{Treatment: "constant", Params: params("value", "x")}, "value", "whole number"},
		{"constant too large", transformtest.Column(transformtest.Int2), transform.Use{Treatment: "constant", Params: params("value", int64(40000))}, "value", "16 bits"},
		{"constant no label", transformtest.Column(transformtest.Enum), transform.Use{Treatment: "constant", Params: params("value", "hapy")}, "value", "did you mean happy?"},
		{"redact no label", transformtest.Column(transformtest.Enum), transform.Use{Treatment: "redact"}, "treat", "no label [redacted] or redacted"},
		{"redact no label of elements", transformtest.Column(transformtest.ArrayOf(transformtest.Enum)), transform.Use{Treatment: "redact"}, "treat", "no label [redacted] or redacted"},
		{"constant no date", transformtest.Column(transformtest.Date), transform.Use{Treatment: "constant", Params: params("value", "2023-02-29")}, "value", "ISO"},
		{"constant no uuid", transformtest.Column(transformtest.UUID), transform.Use{Treatment: "constant", Params: params("value", "x")}, "value", "UUID"},
		{"constant no numeric", transformtest.Column(transformtest.Money), transform.Use{Treatment: "constant", Params: params("value", "123456789")}, "value", "fit"},
		{"constant no bool", transformtest.Column(transformtest.Bool), transform.Use{Treatment: "constant", Params: params("value", "maybe")}, "value", "true or false"},
		{"constant unquoted", transformtest.Column(transformtest.Text), transform.Use{Treatment: "constant", Params: params("value", int64(7))}, "value", "quote"},
	}
}

func TestRulesAreCheckedAtPlanTime(t *testing.T) {
	for _, c := range slices.Concat(misusedTreatments(), misusedMasks(), misusedSeeds(), misusedConstants()) {
		t.Run(c.name, func(t *testing.T) {
			_, err := library.Check(c.col, c.use)
			var p *transform.ParamError
			if !errors.As(err, &p) || p.Param != c.param || !strings.Contains(p.Text, c.say) {
				t.Errorf("got %v; want %s with %q", err, c.param, c.say)
			}
			if _, err := library.Compile(c.col, c.use, transformtest.Keys(t)); err == nil {
				t.Error("Compile accepts what Check does not")
			}
		})
	}
}
