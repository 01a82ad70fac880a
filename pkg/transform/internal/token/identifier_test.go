package token_test

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/token"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// identifierUses returns the treatments that invent numbers, with every country.
func identifierUses() []transform.Use {
	var uses []transform.Use
	for _, name := range []string{"pan", "iban", "bic", "ssn", "imei", "imsi", "mac", "nhs_number", "routing_number"} {
		uses = append(uses, transform.Use{Treatment: name})
	}
	for _, country := range token.NationalCountries() {
		uses = append(uses, transform.Use{Treatment: "national_id", Params: transform.Params{"country": country}},
			transform.Use{Treatment: "national_id", Params: transform.Params{"country": country, "check": "valid"}})
	}
	return append(uses, transform.Use{Treatment: "pan", Params: transform.Params{"keep_last": int64(4)}})
}

// sumOf returns the weighted sum of a number's digits. weight(0) is the weight of the last digit.
func sumOf(s string, weight func(i int) int) int {
	sum := 0
	for i := range len(s) {
		sum += int(s[len(s)-1-i]-'0') * weight(i)
	}
	return sum
}

// luhnOK checks Luhn's rule in the usual way: it doubles every second digit from the right and adds up the digits.
func luhnOK(s string) bool {
	sum := 0
	for i := range len(s) {
		for _, c := range strconv.Itoa(int(s[len(s)-1-i]-'0') * (1 + i%2)) {
			sum += int(c - '0')
		}
	}
	return sum%10 == 0
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// bigMod97 returns the remainder modulo 97 of a number in which letters count as 10 to 35. It computes with the whole
// number at once.
func bigMod97(s string) int64 {
	var b strings.Builder
	for _, c := range s {
		if c >= 'A' {
			b.WriteString(strconv.Itoa(int(c-'A') + 10))
		} else {
			b.WriteRune(c)
		}
	}
	n, _ := new(big.Int).SetString(b.String(), 10)
	return new(big.Int).Mod(n, big.NewInt(97)).Int64()
}

func bare(s string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", ".", "", "/", "", ":", "").Replace(s))
}

// checks returns, for each kind of number, numbers that are valid by the issuer's rule, and a function that checks the
// rule. The function computes the rule in another way than the treatment does.
func checks() map[string]struct {
	known []string
	ok    func(s string) bool
	void  func(s string) bool // reports whether the number is in a range that is not issued
} {
	starts := func(p string) func(string) bool { return func(s string) bool { return strings.HasPrefix(s, p) } }
	type c = struct {
		known []string
		ok    func(s string) bool
		void  func(s string) bool
	}
	return map[string]c{
		"pan":            {[]string{"4111111111111111", "378282246310005"}, luhnOK, starts("99")},
		"imei":           {[]string{"490154203237518"}, luhnOK, starts("00")},
		"routing_number": {[]string{"111000025", "021000021"}, func(s string) bool { return sumOf(s, func(i int) int { return []int{1, 7, 3}[i%3] })%10 == 0 }, starts("99")},
		"nhs_number":     {[]string{"9434765919"}, func(s string) bool { return sumOf(s, func(i int) int { return i + 1 })%11 == 0 }, starts("999")},
		"AT": {[]string{"1237010180"}, func(s string) bool {
			return (3*atoi(s[:1])+7*atoi(s[1:2])+9*atoi(s[2:3])+5*atoi(s[4:5])+8*atoi(s[5:6])+4*atoi(s[6:7])+2*atoi(s[7:8])+atoi(s[8:9])+6*atoi(s[9:]))%11 == atoi(s[3:4])
		}, starts("0")},
		"BE": {[]string{"85073003328"}, func(s string) bool { return (atoi(s[:9])+atoi(s[9:]))%97 == 0 }, func(s string) bool { return s[6:9] == "000" || s[6:9] == "999" }},
		"CH": {[]string{"7569217076985"}, func(s string) bool { return sumOf(s, func(i int) int { return 1 + i%2*2 })%10 == 0 }, nil},
		"DE": {[]string{"86095742719", "47036892816"}, steuerIDOK, starts("0")},
		"ES": {[]string{"12345678Z", "X1234567L"}, func(s string) bool {
			n := atoi(strings.NewReplacer("X", "0", "Y", "1", "Z", "2").Replace(s[:8]))
			return "TRWAGMYFPDXBNJZSQVHLCKE"[n%23] == s[8]
		}, nil},
		"FI": {[]string{"131052308T"}, func(s string) bool { return "0123456789ABCDEFHJKLMNPRSTUVWXY"[atoi(s[:9])%31] == s[9] }, func(s string) bool { return s[6] == '9' }},
		"FR": {[]string{"184127645108946"}, func(s string) bool { return (atoi(s[:13])+atoi(s[13:]))%97 == 0 }, func(s string) bool { return s[10:13] == "000" }},
		"GB": {[]string{"AB123456C"}, func(string) bool { return true }, starts("QQ")},
		"IT": {[]string{"RSSMRA85T10A562S"}, func(s string) bool { return codiceOK(s) }, func(s string) bool { return s[11] == 'Y' }},
		"NL": {[]string{"111222333"}, func(s string) bool {
			return sumOf(s, func(i int) int {
				if i == 0 {
					return -1
				}
				return i + 1
			})%11 == 0
		}, starts("9999")},
		"NO": {[]string{"01010123476"}, func(s string) bool {
			return sumOf(s[:10], func(i int) int { return []int{1, 2, 5, 4, 9, 8, 1, 6, 7, 3}[i] })%11 == 0 && sumOf(s, func(i int) int { return []int{1, 2, 3, 4, 5, 6, 7, 2, 3, 4, 5}[i] })%11 == 0
		}, func(s string) bool { return atoi(s[2:4]) > 80 }},
		"PL": {[]string{"44051401458"}, func(s string) bool {
			return sumOf(s, func(i int) int { return []int{1, 3, 1, 9, 7, 3, 1, 9, 7, 3, 1}[i] })%10 == 0
		}, func(s string) bool { return atoi(s[2:4]) > 60 }},
		"PT": {[]string{"123456789", "999999990"}, func(s string) bool {
			r := sumOf(s, func(i int) int { return i + 1 }) % 11
			return r == 0 || s[8] == '0' && r == 1
		}, starts("0")},
		"SE": {[]string{"8112289874"}, luhnOK, nil},
		"US": {[]string{"900010001"}, func(s string) bool { return s[5:] != "0000" }, func(s string) bool { return s[0] == '9' && s[3:5] >= "01" && s[3:5] <= "49" }},
	}
}

// steuerIDOK checks ISO 7064 mod 11,10, and that exactly one of the first ten digits occurs twice.
func steuerIDOK(s string) bool {
	m := 10
	count := map[rune]int{}
	for _, c := range s[:10] {
		count[c]++
		m = (m + int(c-'0')) % 10
		if m == 0 {
			m = 10
		}
		m = m * 2 % 11
	}
	return (m+atoi(s[10:]))%10 == 1 && len(count) == 9
}

// codiceOK checks the last character of a codice fiscale. It uses the table of the decree for characters at odd
// indexes, counted from 1.
func codiceOK(s string) bool {
	odd := map[byte]int{
		'0': 1, '1': 0, '2': 5, '3': 7, '4': 9, '5': 13, '6': 15, '7': 17, '8': 19, '9': 21, 'A': 1, 'B': 0, 'C': 5, 'D': 7, 'E': 9, 'F': 13, 'G': 15, 'H': 17,
		'I': 19, 'J': 21, 'K': 2, 'L': 4, 'M': 18, 'N': 20, 'O': 11, 'P': 3, 'Q': 6, 'R': 8, 'S': 12, 'T': 14, 'U': 16, 'V': 10, 'W': 22, 'X': 25, 'Y': 24, 'Z': 23,
	}
	sum := 0
	for i := range 15 {
		switch c := s[i]; {
		case i%2 == 0:
			sum += odd[c]
		case c >= 'A':
			sum += int(c - 'A')
		default:
			sum += int(c - '0')
		}
	}
	return s[15] == byte('A'+sum%26)
}

func TestDrawnNumbersAreValidAndUnissued(t *testing.T) {
	for name, c := range checks() {
		for _, known := range c.known {
			if !c.ok(known) {
				t.Errorf("%s: the test's own rule refuses %s", name, known)
			}
		}
		u := transform.Use{Treatment: name}
		if name == strings.ToUpper(name) {
			u = transform.Use{Treatment: "national_id", Params: transform.Params{"country": name}}
		}
		tr := transformtest.Compile(t, transformtest.Text, u)
		rapid.Check(t, func(rt *rapid.T) {
			in := []byte(rapid.SampledFrom(c.known).Draw(rt, "form"))
			for i := range in {
				if '0' <= in[i] && in[i] <= '9' && !strings.HasPrefix(string(in), "756") {
					in[i] = byte('0' + rapid.IntRange(0, 9).Draw(rt, "digit"))
				}
			}
			out := transformtest.Run(t, tr, string(in), nil)
			if out == string(in) || len(out) != len(in) {
				rt.Fatalf("%s: %s became %s", name, in, out)
			}
			if c.ok(out) != (c.void != nil) {
				rt.Fatalf("%s: %s has right check digits: %v", name, out, c.ok(out))
			}
			if c.void != nil && !c.void(out) {
				rt.Fatalf("%s: %s is not of the range nobody issues", name, out)
			}
			if c.void == nil {
				valid := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "national_id", Params: transform.Params{"country": name, "check": "valid"}}), string(in), nil)
				if !c.ok(valid) {
					rt.Fatalf("%s: check: valid gave %s", name, valid)
				}
			}
		})
	}
}

func TestPANKeepsTheLastFour(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "pan", Params: transform.Params{"keep_last": int64(4)}})
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.StringMatching(`[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4,11}`).Draw(rt, "in")
		out := transformtest.Run(t, tr, in, nil)
		if out[len(out)-4:] != in[len(in)-4:] || !luhnOK(bare(out)) || !strings.HasPrefix(out, "99") || len(out) != len(in) || out == in {
			rt.Fatalf("%s became %s", in, out)
		}
	})
}

func TestDrawnNumbersDoNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 64)
	for name, c := range checks() {
		u := transform.Use{Treatment: name}
		if name == strings.ToUpper(name) {
			u = transform.Use{Treatment: "national_id", Params: transform.Params{"country": name}}
		}
		tr, cell := transformtest.Compile(t, transformtest.Text, u), transform.Cell{Text: []byte(c.known[0])}
		if n := testing.AllocsPerRun(50, func() { tr.Append(dst, cell, nil) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	for _, use := range []transform.Use{{Treatment: "iban"}, {Treatment: "bic"}, {Treatment: "mac"}} {
		in := map[string]string{"iban": "FR1420041010050500013M02606", "bic": "DEUTDEFFXXX", "mac": "00:1b:44:11:3a:b7"}[use.Treatment]
		tr, cell := transformtest.Compile(t, transformtest.Text, use), transform.Cell{Text: []byte(in)}
		if n := testing.AllocsPerRun(50, func() { tr.Append(dst, cell, nil) }); n != 0 {
			t.Errorf("%s: %v allocations", use.Treatment, n)
		}
	}
}

// registryExamples holds examples from SWIFT's registry (ISO 13616) for the countries with known domestic check digits.
var registryExamples = strings.Fields(`BE68539007547034 ES9121000418450200051332 FI2112345600000785 FR1420041010050500013M02606 MC5811222000010123456789030
	IT60X0542811101000000123456 SM86U0322509800000000270100 NO9386011117947 ME25505000012345678951 MK07250120000058984 PT50000201231234567890154
	RS35260005601001611379 SI56263300012039086 XK051212012345678906`)

func TestDomesticCheckDigitsOfTheRegistrysExamples(t *testing.T) {
	for _, iban := range registryExamples {
		if right, known := token.CheckDomestic(iban[:2], []byte(iban[4:])); !right || !known {
			t.Errorf("%s: right %v, known %v", iban, right, known)
		}
		other := []byte(iban[4:])
		other[len(other)-3] = '0' + (other[len(other)-3]-'0'+1)%10
		if right, _ := token.CheckDomestic(iban[:2], other); right {
			t.Errorf("%s: the check does not notice a changed digit", iban)
		}
	}
}

func TestIBANsAreValidButUnissued(t *testing.T) {
	countries, tr := token.BBANCountries(), transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "iban"})
	if len(countries) != 89 {
		t.Errorf("%d countries", len(countries))
	}
	const decimals, uppers = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	rapid.Check(t, func(rt *rapid.T) {
		country := rapid.SampledFrom(countries).Draw(rt, "country")
		form, bank := token.BBANFormOf(country)
		in := []byte(country + "00")
		for _, class := range form {
			set := map[rune]string{'n': decimals, 'a': uppers, 'c': decimals + uppers}[class]
			in = append(in, set[rapid.IntRange(0, len(set)-1).Draw(rt, "character")])
		}
		out := transformtest.Run(t, tr, string(in), nil)
		if out[:2] != country || !token.HasFormOf([]byte(out[4:]), form) || bigMod97(out[4:]+out[:4]) != 1 || out == string(in) {
			rt.Fatalf("%s became %s", in, out)
		}
		right, known := token.CheckDomestic(country, []byte(out[4:]))
		invented := strings.Trim(out[4:4+bank], "9X") == "" || country == "DE" && out[4] == '9'
		if known && right || !known && !invented {
			rt.Fatalf("%s may be a bank's: domestic check %v, invented %v", out, right, invented)
		}
		if low := transformtest.Run(t, tr, strings.ToLower(string(in[:4]))+" "+strings.ToLower(string(in[4:])), nil); bare(low) != out || low != strings.ToLower(low) {
			rt.Fatalf("%s in another spelling became %s", in, low)
		}
	})
}

func TestCardNumbersInColumnsOfNumbers(t *testing.T) {
	text := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "pan"}), "4111-1111-1111-1111", nil)
	if got := transformtest.Run(t, transformtest.Compile(t, transformtest.Int8, transform.Use{Treatment: "pan"}), "4111111111111111", nil); got != bare(text) {
		t.Errorf("%s, and %s as text", got, text)
	}
	wide := catalog.Type{Name: "numeric(20,2)", Base: "numeric", Family: catalog.Numeric, Precision: 20, Scale: 2}
	if got := transformtest.Run(t, transformtest.Compile(t, wide, transform.Use{Treatment: "pan"}), "4111111111111111.00", nil); got != bare(text)+".00" {
		t.Errorf("got %s", got)
	}
	for _, in := range []string{"17", "-4111111111111111", "0", "4111111111111111111", "NaN"} {
		_, _, err := transformtest.Compile(t, transformtest.Int8, transform.Use{Treatment: "pan"}).Append(nil, transform.Cell{Text: []byte(in)}, nil)
		var e *transform.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", in, err)
		}
	}
	if _, err := library.Check(transformtest.Column(transformtest.Int4), transform.Use{Treatment: "pan"}); err == nil {
		t.Error("pan is accepted for a 32-bit column, which cannot hold a card number")
	}
}

// FuzzIdentifiers checks that every value that is not empty changes, and that its length stays.
func FuzzIdentifiers(f *testing.F) {
	for _, in := range append(transformtest.Adversaries(catalog.Text), "4111 1111 1111", "41111111111111111111", "DE89 3704 0044 0532 0130 00", "DE89", "0", "-", "078-05-1120", "٠١٢٣") {
		for i := range 10 { // the treatments without a country, and one treatment with a country
			f.Add(in, i)
		}
	}
	f.Fuzz(func(t *testing.T, in string, which int) {
		uses := identifierUses()
		u := uses[(which%len(uses)+len(uses))%len(uses)]
		out := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, u), in, nil)
		if in != "" && out == in || utf8.RuneCountInString(out) != utf8.RuneCountInString(in) {
			t.Fatalf("%v: %q became %q", u, in, out)
		}
		if in2 := transformtest.Run(t, transformtest.Compile(t, transformtest.Citext, u), in, nil); in != "" && strings.EqualFold(in2, in) {
			t.Fatalf("%v in citext: %q became %q", u, in, in2)
		}
	})
}

func BenchmarkIdentifiers(b *testing.B) {
	in := map[string]string{"pan": "4111111111111111", "iban": "DE89370400440532013000", "ssn": "078-05-1120"}
	for name, value := range in {
		b.Run(name, func(b *testing.B) {
			tr, cell, dst := transformtest.Compile(b, transformtest.Text, transform.Use{Treatment: name}), transform.Cell{Text: []byte(value)}, make([]byte, 0, 64)
			b.ReportAllocs()
			for b.Loop() {
				tr.Append(dst, cell, nil)
			}
		})
	}
}
