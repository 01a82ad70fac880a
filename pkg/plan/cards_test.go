package plan

import (
	"strings"
	"testing"
)

// C8: a target that holds both truncated and tokenised PANs gives a finding. The two columns can be in one table or
// in two tables.
func TestC8APANTruncatedAndTokenisedIsAFinding(t *testing.T) {
	for name, c := range map[string]struct {
		schema []string
		rules  string
		want   string // the column of the finding, "" where there is none
	}{
		"one table":      {[]string{"public.t: card_number text, pan_masked text"}, "public.t: {columns: {card_number: {treat: pan}, pan_masked: {treat: mask, keep_first: 6, keep_last: 4}}}", "pan_masked"},
		"two tables":     {[]string{"public.t: pan text", "public.u: card_no text"}, "public.t: {columns: {pan: {treat: token}}}, public.u: {columns: {card_no: {treat: truncate, length: 6}}}", "card_no"},
		"by class":       {[]string{"public.t: a text, masked_card_number text"}, "public.t: {columns: {a: {class: pan}, masked_card_number: {treat: truncate, length: 6}}}", "masked_card_number"},
		"only truncated": {[]string{"public.t: pan text, card_no text"}, "public.t: {columns: {pan: {treat: truncate, length: 6}, card_no: {treat: redact}}}", ""},
		"only tokenised": {[]string{"public.t: pan text, card_no text"}, "public.t: {columns: {pan: {treat: pan}, card_no: {treat: redact}}}", ""},
		"not a card":     {[]string{"public.t: pan text, company text"}, "public.t: {columns: {pan: {treat: pan}, company: {treat: truncate, length: 6}}}", ""},
		"left behind":    {[]string{"public.t: pan text", "public.u: card_no text"}, "public.t: {columns: {pan: {treat: pan}}}, public.u: {skip: x}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := mustBuild(t, schema(t, c.schema...), "tables: {"+c.rules+"}\n")
			have := ""
			for _, f := range p.Findings {
				if f.Code == "pan-truncated-and-tokenised" {
					have += f.Column
					if !strings.Contains(f.Text, "pseudonym") || f.Pos == "" {
						t.Errorf("%+v", f)
					}
				}
			}
			if have != c.want {
				t.Errorf("found on %q, want %q", have, c.want)
			}
		})
	}
}
