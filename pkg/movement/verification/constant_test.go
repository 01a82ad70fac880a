package verification

import "testing"

// Only a default that is one constant has a value that the schema states.
func TestTheConstantOfADefault(t *testing.T) {
	for expression, want := range map[string]string{
		`'Welcome to our shop'::text`:         "Welcome to our shop",
		`'it''s open'::character varying(40)`: "it's open",
		`'icon.docx'::character varying`:      "icon.docx",
		`'a'::public.kind`:                    "a",
		`'a'::public."Kind of"`:               "a",
		`1073741824`:                          "1073741824",
		`'-1073741824'::integer`:              "-1073741824",
		`(-1.5)`:                              "-1.5",
		`'1073741824'::bigint`:                "1073741824",
		`''::text`:                            "",
		``:                                    "",
		`now()`:                               "",
		`nextval('public.item_id_seq'::regclass)`:  "",
		`('a'::text || 'b'::text)`:                 "",
		`lower('Anna'::text)`:                      "",
		`'a'::text || 'b'::text`:                   "",
		`E'a\\b'::text`:                            "",
		`'now'::text::timestamp without time zone`: "",
		`CURRENT_USER`:                             "",
	} {
		if got := constantOf(expression); got != want {
			t.Errorf("%s: got %q, want %q", expression, got, want)
		}
	}
}
