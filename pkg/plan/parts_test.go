package plan

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// If a document is kept whole, the rules name no paths, but an index may name a path.
func TestAKeptDocumentIsJudgedByWhatIndexesRead(t *testing.T) {
	for expr, want := range map[string]string{
		`lower((doc ->> 'email'::text))`:                        "public.t.doc has kept paths that look personal: $.email looks like email",
		`(doc #>> '{owner,iban}'::text[])`:                      "$.owner.iban looks like iban",
		`(doc ->> 'E-Mail'::text)`:                              "$.\"E-Mail\" looks like email",
		`((doc -> 'owner'::text) ->> 'téléphone mobile'::text)`: "$.owner.\"téléphone mobile\" looks like phone",
		`(doc ->> 0)`:                          "",
		`(doc ->> 'version'::text)`:            "",
		`(((doc ->> 'n'::text))::integer + 1)`: "",
	} {
		db := schema(t, "public.t: id int pk, doc jsonb")
		db.Tables[0].Keys = append(db.Tables[0].Keys, catalog.Key{Name: "i", Columns: []string{"doc"}, Members: []string{expr}})
		got := told(t, db, "tables: {public.t: {columns: {id: {keep: x}, doc: {keep: x}}}}\n")
		if want == "" && strings.Contains(got, "personal") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}

// The last key of a path is judged also if rules have to write it in quotes, or if it has other letters than English.
func TestKeptPathsInQuotesAreJudged(t *testing.T) {
	for path, want := range map[string]string{
		`$."E-Mail"`:           "looks like email",
		`$.e-mail`:             "looks like email",
		`$.kontakt."IBAN Nr."`: "looks like iban",
		`$.téléphone`:          "looks like phone",
		`$."x"[*]`:             "",
		`$.list[0]`:            "",
	} {
		db := schema(t, "public.t: id int pk, doc jsonb")
		got := told(t, db, "tables: {public.t: {columns: {id: {keep: x}, doc: {json: {'"+path+"': {keep: x}, '$..*': {treat: redact}}}}}}\n")
		if want == "" && strings.Contains(got, "personal") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// Rules may keep all paths that they do not list. An expression over such a path has the same result as in the source.
func TestPathsThatAreNotListedCanBeKept(t *testing.T) {
	const listed = "$.mark: {treat: redact}, $.o.mark: {treat: redact}, '$..*': {keep: x}"
	for _, c := range []struct{ rules, expr, want string }{
		{listed, `((doc ->> 'n'::text))::integer`, ""},
		{listed, `(doc -> 'list'::text)`, ""},
		{listed, `(doc #>> '{o,n}'::text[])`, ""},
		{listed, `(doc -> 'o'::text)`, "computes from public.t.doc"},
		{listed, `(doc ->> 'mark'::text)`, "gives every row the same value"},
		{"$.mark: {treat: redact}, '$..n': {treat: redact}, '$..*': {keep: x}", `(doc ->> 'n'::text)`, "computes from public.t.doc"},
		{"$.n: {keep: x}, '$..*': {treat: redact}", `(doc ->> 'm'::text)`, "computes from public.t.doc"},
		{`'$."a-b"': {keep: x}, '$..*': {treat: redact}`, `(doc ->> 'a-b'::text)`, ""},
		{`'$."a-b"': {treat: redact}, '$..*': {keep: x}`, `(doc ->> 'a-b'::text)`, "gives every row the same value"},
		{`'$.a-b': {treat: redact}, '$..*': {keep: x}`, `(doc ->> 'a-b'::text)`, "computes from public.t.doc"},
		{`'$."a-b"': {treat: redact}, '$..*': {keep: x}`, `(doc ->> 'a b'::text)`, "computes from public.t.doc"},
	} {
		db := schema(t, "public.t: id int pk, doc jsonb")
		db.Tables[0].Keys = append(db.Tables[0].Keys, catalog.Key{Name: "i", Columns: []string{"doc"}, Members: []string{c.expr}})
		got := told(t, db, "tables: {public.t: {columns: {id: {keep: x}, doc: {json: {"+c.rules+"}}}}}\n")
		if c.want == "" && strings.Contains(got, "unique key") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.expr, got, c.want)
		}
	}
}

// A key that reads paths of a document needs only these paths. masker init does not keep the rest of the document.
func TestOfADocumentOnlyTheKeysPathsAreProposed(t *testing.T) {
	for expr, want := range map[string]string{
		`(doc ->> 'email'::text)`:        `doc: {json: {'$..*': {treat: redact}, '$.email': {treat: token}}}`,
		`lower((doc ->> 'email'::text))`: `doc: {json: {'$..*': {treat: redact}, '$.email': {treat: token}}}`,
		`(doc ->> 'version'::text)`:      `doc: {json: {'$..*': {treat: redact}, '$.version': {keep: "REVIEW: part of a key"}}}`,
		`(doc ->> 'E-Mail'::text)`:       `doc: {json: {'$..*': {treat: redact}, '$."E-Mail"': {treat: token}}}`,
		`doc`:                            `doc: {keep: "REVIEW: part of a key"}`,
	} {
		db := schema(t, "public.t: id int pk, doc jsonb")
		db.Tables[0].Keys = append(db.Tables[0].Keys, catalog.Key{Name: "i", Columns: []string{"doc"}, Members: []string{expr}})
		_, err := build(t, db, "tables: {public.t: {columns: {id: {keep: x}}}}\n")
		undecided, ok := errors.AsType[*Undecided](err)
		if !ok || !strings.Contains(undecided.Snippet(), want) {
			t.Errorf("%s: %v, want %s", expr, err, want)
			if ok {
				t.Log(undecided.Snippet())
			}
		}
	}
}
