package sqltext_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/sqltext"
)

// show returns the kinds and values of tokens as one text.
func show(tokens []sqltext.Token) string {
	kinds := [...]string{"word", "quoted", "string", "number", "parameter", "operator", "symbol", "comment"}
	var out []string
	for _, t := range tokens {
		out = append(out, fmt.Sprintf("%s %q", kinds[t.Kind], t.Value))
	}
	return strings.Join(out, ", ")
}

// The expected tokens are those of PostgreSQL's own scanner, which drops comments. Scan accepts more numbers: it reads
// 1_000 and 0xFF, which PostgreSQL knows since version 16, and it splits 1e and 0xFFu, which newer versions refuse.
func TestScan(t *testing.T) {
	for text, want := range map[string]string{
		`Select "A""b".x`:                 `word "select", quoted "A\"b", symbol ".", word "x"`,
		`É é_1$`:                          `word "É", word "é_1$"`,
		`'it''s\'`:                        `string "it's\\"`,
		`E'\'\n\x41\101\u0042\\'''`:       `string "'\nAAB\\'"`,
		`e'\U0001F600' E'\ud83d\ude00'`:   `string "😀", string "😀"`,
		`U&'d\0061t\+000061 \\'`:          `string "data \\"`,
		`u&'d!0061ta' uescape '!'`:        `string "data"`,
		`U&'\d83d\de00'`:                  `string "😀"`,
		`U&"d!0061ta" /* x */ UESCAPE'!'`: `quoted "data"`,
		`U & 'a'`:                         `word "u", operator "&", string "a"`,
		`B'101' x'1F' N'a'`:               `string "101", string "1F", string "a"`,
		`'a' 'b'`:                         `string "a", string "b"`,
		"'a'\n 'b'":                       `string "ab"`,
		"'a' -- x\n'b'":                   `string "ab"`,
		"'a' /* x */\n'b'":                `string "a", comment " x ", string "b"`,
		"E'\\x41'\n'\\x42'":               `string "AB"`,
		"$$a'$b$$ $t$a$$b$t$":             `string "a'$b", string "a$$b"`,
		`$1+$22 a$1`:                      `parameter "$1", operator "+", parameter "$22", word "a$1"`,
		`1.5e-3 .5 1..9 1_000 0xFFu`:      `number "1.5e-3", number ".5", number "1", symbol "..", number "9", number "1_000", number "0xFF", word "u"`,
		`1e x`:                            `number "1", word "e", word "x"`,
		`a=-1 @-1 *--x`:                   `word "a", operator "=", operator "-", number "1", operator "@-", number "1", operator "*", comment "x"`,
		`a/*x/*y*/z*/b`:                   `word "a", comment "x/*y*/z", word "b"`,
		"--x\na":                          `comment "x", word "a"`,
		`a::b := c => d[1:2];`:            `word "a", symbol "::", word "b", symbol ":=", word "c", operator "=>", word "d", symbol "[", number "1", symbol ":", number "2", symbol "]", symbol ";"`,
	} {
		tokens, err := sqltext.Scan(text)
		if got := show(tokens); err != nil || got != want {
			t.Errorf("%s\n got %s, %v\nwant %s", text, got, err, want)
		}
	}
}

func TestScanRefuses(t *testing.T) {
	for _, text := range []string{
		`'a`, `"a`, `""`, `/* a`, `/* /* */`, `$a$b`, `$`, `$a`, `E'\'`, `E'\u12'`, `E'\ud83d'`, `U&'\12'`, `U&'\d83d'`, `U&'a' uescape 'a'`, `U&'a' uescape`, `\`, "a\x00", `{`,
	} {
		if tokens, err := sqltext.Scan(text); err == nil {
			t.Errorf("%s: %s", text, show(tokens))
		}
	}
}

func TestTokensKnowTheirPlaces(t *testing.T) {
	const text = "a 'b' /* c */\n$$d$$ 1"
	tokens, err := sqltext.Scan(text)
	var parts []string
	for _, t := range tokens {
		parts = append(parts, text[t.From:t.To])
	}
	if got := strings.Join(parts, "|"); err != nil || got != "a|'b'|/* c */|$$d$$|1" {
		t.Errorf("got %s, %v", got, err)
	}
}

// FuzzScan checks that tokens are in order, and that only white space is between them. It also checks that At reads the
// same token at the place of each token.
func FuzzScan(f *testing.F) {
	for _, text := range []string{`select 'a' "b" $1 $x$y$x$`, "E'\\n' U&'\\0041' uescape '!'", "'a'\n'b' -- c", "/*/**/*/ 1.5e3 <= ||"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens, err := sqltext.Scan(text)
		at := 0
		for _, one := range tokens {
			if one.From < at || one.To <= one.From || one.To > len(text) || strings.Trim(text[at:one.From], " \t\n\v\f\r") != "" {
				t.Fatalf("%q: token %+v after %d", text, one, at)
			}
			at = one.To
			if again, ok := sqltext.At(text, one.From); !ok || again != one {
				t.Fatalf("%q: %+v and then %+v", text, one, again)
			}
		}
		if err == nil && strings.Trim(text[at:], " \t\n\v\f\r") != "" {
			t.Fatalf("%q: %q is left", text, text[at:])
		}
	})
}
