package transform

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestRulesAreCheckedAtPlanTime(t *testing.T) {
	notNull := column(tText)
	notNull.NotNull = true
	p := func(kv ...any) Params {
		m := Params{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i].(string)] = kv[i+1]
		}
		return m
	}
	cases := []struct {
		name       string
		col        Column
		use        Use
		param, say string
	}{
		{"misspelt treatment", column(tText), Use{Treatment: "fake.emial"}, "treat", `"fake.email"`},
		{"unknown treatment", column(tText), Use{Treatment: "quux"}, "treat", "no treatment"},
		{"misspelt parameter", column(tText), Use{Treatment: "mask", Params: p("keep_frist", int64(1))}, "keep_frist", `"keep_first"`},
		{"parameter of none", column(tText), Use{Treatment: "redact", Params: p("x", int64(1))}, "x", "takes none"},
		{"wrong type", column(tInt4), Use{Treatment: "mask"}, "treat", "it takes text"},
		{"wrong element type", column(arrayOf(tInt4)), Use{Treatment: "mask"}, "treat", "it takes text"},
		{"null on NOT NULL", notNull, Use{Treatment: "null"}, "treat", "NOT NULL"},
		{"mask two characters", column(tText), Use{Treatment: "mask", Params: p("with", "**")}, "with", "one"},
		{"mask with a blank", column(tText), Use{Treatment: "mask", Params: p("with", " ")}, "with", "visible"},
		{"mask with a number", column(tText), Use{Treatment: "mask", Params: p("with", int64(0))}, "with", "quote"},
		{"mask keeps all", column(textType(4)), Use{Treatment: "mask", Params: p("keep_last", int64(4))}, "keep_first", "all 4"},
		{"mask keeps less than none", column(tText), Use{Treatment: "mask", Params: p("keep_last", int64(-1))}, "keep_last", "0"},
		{"short token", column(textType(21)), Use{Treatment: "token"}, "treat", "22 characters"},
		{"short token with prefix", column(textType(24)), Use{Treatment: "token", Params: p("prefix", "abc")}, "treat", "25 characters"},
		{"short citext", column(catalog.Type{Family: catalog.Text, MaxLen: 24, CaseInsensitive: true}), Use{Treatment: "token"}, "treat", "26 characters"},
		{"token without range", column(tInt4), Use{Treatment: "token"}, "range", "needs it"},
		{"range of text", column(tText), Use{Treatment: "token", Params: p("range", []any{int64(1), int64(2)})}, "range", "means nothing"},
		{"range upside down", column(tInt4), Use{Treatment: "token", Params: p("range", []any{int64(5), int64(2)})}, "range", "lower first"},
		{"range beyond the type", column(tInt2), Use{Treatment: "token", Params: p("range", []any{int64(0), int64(32768)})}, "range", "32767"},
		{"range beyond the precision", column(tMoney), Use{Treatment: "token", Params: p("range", []any{int64(0), int64(100000000)})}, "range", "99999999"},
		{"token per subject", column(tText), Use{Treatment: "token", Subject: "id", SubjectType: &tInt4}, "subject", "value"},
		{"as without subject", column(tText), Use{Treatment: "fake.email", As: "person"}, "as", "subject"},
		{"subject without type", column(tText), Use{Treatment: "fake.email", Subject: "id"}, "subject", "type"},
		{"short e-mail", column(textType(19)), Use{Treatment: "fake.email"}, "treat", "20 characters"},
		{"shift by nothing", column(tDate), Use{Treatment: "shift", Params: p("days", int64(0))}, "days", "1 to"},
		{"constant missing", column(tText), Use{Treatment: "constant"}, "value", "needs it"},
		{"constant null", column(tText), Use{Treatment: "constant", Params: p("value", nil)}, "value", "treatment null"},
		{"constant too long", column(textType(2)), Use{Treatment: "constant", Params: p("value", "abc")}, "value", "3 characters"},
		{"constant no integer", column(tInt4), Use{Treatment: "constant", Params: p("value", "x")}, "value", "whole number"},
		{"constant too large", column(tInt2), Use{Treatment: "constant", Params: p("value", int64(40000))}, "value", "16 bits"},
		{"constant no label", column(tEnum), Use{Treatment: "constant", Params: p("value", "hapy")}, "value", `"happy"`},
		{"constant no date", column(tDate), Use{Treatment: "constant", Params: p("value", "2023-02-29")}, "value", "ISO"},
		{"constant no uuid", column(tUUID), Use{Treatment: "constant", Params: p("value", "x")}, "value", "UUID"},
		{"constant no numeric", column(tMoney), Use{Treatment: "constant", Params: p("value", "123456789")}, "value", "fit"},
		{"constant no bool", column(tBool), Use{Treatment: "constant", Params: p("value", "maybe")}, "value", "true or false"},
		{"constant unquoted", column(tText), Use{Treatment: "constant", Params: p("value", int64(7))}, "value", "quote"},
		{"paths elsewhere", column(tText), Use{Treatment: "mask", Paths: []Path{{}}}, "paths", "json"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Check(c.col, c.use)
			var p *ParamError
			if !errors.As(err, &p) || p.Param != c.param || !strings.Contains(p.Text, c.say) {
				t.Errorf("got %v; want %s with %q", err, c.param, c.say)
			}
			if _, err := Compile(c.col, c.use, testKeys(t)); err == nil {
				t.Error("Compile accepts what Check does not")
			}
		})
	}
}
