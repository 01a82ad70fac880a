package token

import (
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// ibanForms lists the account numbers (BBANs) of SWIFT's IBAN registry (ISO 13616). An entry has the country, the
// bank's part and the rest. In a form, n is a digit, a is a letter, and c is a digit or a letter. In Italy and San
// Marino, the first letter is a check character. This list counts it as a character of the bank's part.
const ibanForms = `
AD 4n 4n12c|AE 3n 16n|AL 8n 16c|AT 5n 11n|AZ 4a 20c|BA 3n 3n8n2n|BE 3n 9n|BG 4a 4n2n8c|BH 4a 14c|BI 5n 5n11n2n|BR 8n 5n10n1a1c|BY 4c 4n16c|
CH 5n 12c|CR 4n 14n|CY 3n 5n16c|CZ 4n 16n|DE 8n 10n|DJ 5n 5n11n2n|DK 4n 10n|DO 4c 20n|EE 2n 14n|EG 4n 4n17n|ES 4n 4n2n10n|FI 3n 11n|FK 2a 12n|
FO 4n 10n|FR 5n 5n11c2n|GB 4a 6n8n|GE 2a 16n|GI 4a 15c|GL 4n 10n|GR 3n 4n16c|GT 4c 20c|HN 4a 20n|HR 7n 10n|HU 3n 4n1n15n1n|IE 4a 6n8n|IL 3n 3n13n|
IQ 4a 3n12n|IS 4n 2n6n10n|IT 1a5n 5n12c|JO 4a 4n18c|KW 4a 22c|KZ 3n 13c|LB 4n 20c|LC 4a 24c|LI 5n 12c|LT 5n 11n|LU 3n 13c|LV 4a 13c|LY 3n 3n15n|
MC 5n 5n11c2n|MD 2c 18c|ME 3n 13n2n|MK 3n 10c2n|MN 4n 12n|MR 5n 5n11n2n|MT 4a 5n18c|MU 4a2n 2n12n3n3a|NI 4a 20n|NL 4a 10n|NO 4n 7n|OM 3n 16c|PK 4a 16c|
PL 8n 16n|PS 4a 21c|PT 4n 4n11n2n|QA 4a 21c|RO 4a 16c|RS 3n 13n2n|RU 9n 5n15c|SA 2n 18c|SC 4a2n 2n16n3a|SD 2n 12n|SE 3n 17n|SI 5n 8n2n|SK 4n 6n10n|
SM 1a5n 5n12c|SO 4n 3n12n|ST 4n 4n11n2n|SV 4a 20n|TL 3n 14n2n|TN 2n 3n13n2n|TR 5n 1n16c|UA 6n 19c|VA 3n 15n|VG 4a 16n|XK 4n 10n2n|YE 4a 4n18c`

// bbanForm is the form of a country's BBAN. It has one letter (n, a or c) for each character.
type bbanForm struct {
	form string
	bank int // number of characters of the bank's part
}

func bbanForms() map[[2]byte]bbanForm {
	forms := map[[2]byte]bbanForm{}
	for _, line := range strings.Split(ibanForms, "|") {
		part := strings.Fields(line)
		bank := spellOut(part[1])
		forms[[2]byte{part[0][0], part[0][1]}] = bbanForm{bank + spellOut(part[2]), len(bank)}
	}
	return forms
}

// spellOut converts "4a2n" to "aaaann".
func spellOut(s string) string {
	var out strings.Builder
	n := 0
	for _, c := range s {
		if '0' <= c && c <= '9' {
			n = n*10 + int(c-'0')
			continue
		}
		out.WriteString(strings.Repeat(string(c), n))
		n = 0
	}
	return out.String()
}

// IBAN returns the treatment iban.
func IBAN() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "iban",
			Summary: "replaces an IBAN by an IBAN of the same country with right check digits",
			Doc: "The length stays, and the IBAN's check digits (mod 97) are right. In the account, a letter becomes a letter, and a digit becomes a digit. The result avoids real accounts:\n\n" +
				"- In BE, ES, FI, FR, IT, MC, ME, MK, NO, PT, RS, SI, SM and XK, the check digits within the account number are wrong on purpose. No bank can have issued the account. " +
				"A validator that also checks these digits refuses the result.\n" +
				"- In DE, the bank code begins with 9. The Bundesbank issues no code that begins with 9.\n" +
				"- In all other countries, each digit of the bank code is 9, and each letter is X. No bank is known to have this code, but no registry reserves the code or guarantees this." +
				identifierRule + " For the number of possible results, the plan assumes the shortest accounts of all countries (ten digits).",
			Families:  []catalog.Family{catalog.Text},
			Discloses: transform.Pseudonymised,
			Learns:    pseudonym + "The country, the length and the separators of every IBAN stay.",
			Preserves: []string{transform.Equality, transform.Length, transform.Format},
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "iban"}, In: "DE89 3704 0044 0532 0130 00", Out: "DE05 9867 3170 6534 2525 32"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "iban"}, In: "gb29nwbk60161331926819", Out: "gb81xxxx25684663212710"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "iban"}, In: "FR1420041010050500013M02606", Out: "FR9459662660194917314N06401"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "iban"}, In: "DE89 3704 0044", Out: "CC00 0064 4003", Note: "too short for a German IBAN"},
			},
		},
		Scalar: func(c transform.Column, u transform.Use, _ *treatment.Args) (treatment.ScalarPlan, error) {
			forms := bbanForms() // shared by all workers; it does not change
			return planIdentifier(c, u, identifier{
				reads: func(id []byte) bool {
					if len(id) < 5 || !isDecimal(id[2]) || !isDecimal(id[3]) {
						return false
					}
					f, ok := forms[[2]byte{id[0], id[1]}]
					return ok && hasForm(id[4:], f.form)
				},
				draw:  func(id []byte, d *draws) { drawIBAN(id, forms[[2]byte{id[0], id[1]}], d) },
				space: 9e9,
			})
		},
	}
}

func drawIBAN(id []byte, f bbanForm, d *draws) {
	country := string(id[:2]) // two bytes only, so it stays on the stack
	bban := id[4:]
	wrong := false // whether the domestic check digits are wrong
	for !wrong {
		_, checked := domesticCheck(country, bban)
		for i, c := range bban {
			bban[i] = drawBBAN(c, f.form[i], i < f.bank && !checked && (country != "DE" || i == 0), d)
		}
		right, checked := domesticCheck(country, bban)
		wrong = !checked || !right
	}
	copy(id[2:4], "00")
	putNumber(id[2:4], 98-mod97(mod97(0, bban), id[:4]))
}

// drawBBAN returns a random character of a class. In a bank's part, it returns a fixed character: 9 or X.
func drawBBAN(c, class byte, bank bool, d *draws) byte {
	letter := class == 'a' || class == 'c' && isCapital(c)
	switch {
	case bank && letter:
		return 'X'
	case bank:
		return '9'
	case letter:
		return d.of(uppers)
	}
	return d.of(decimals)
}

// domesticCheck reports whether the check digits within a BBAN are right by the country's own rule. The result known
// is false for a country whose rule is not implemented here.
func domesticCheck(country string, b []byte) (right, known bool) {
	switch country {
	case "BE": // the first ten digits modulo 97, with 97 for 0
		r := mod97(0, b[:10])
		if r == 0 {
			r = 97
		}
		return r == weigh(b[10:], 10, 1), true
	case "ES": // one digit for bank and branch, one for the account, modulo 11
		return spanishCheck(weigh(b, 4, 8, 5, 10, 9, 7, 3, 6)) == int(b[8]-'0') && spanishCheck(weigh(b[10:], 1, 2, 4, 8, 5, 10, 9, 7, 3, 6)) == int(b[9]-'0'), true
	case "FI":
		return luhnSum(b) == 0, true
	case "FR", "MC": // clé RIB
		return ribKey(b), true
	case "IT", "SM":
		return italianCheck(b[1:]) == b[0], true
	case "NO":
		return weigh(b, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0, true
	case "ME", "MK", "PT", "RS", "SI", "XK": // ISO 7064 mod 97-10
		return mod97(0, b) == 1, true
	}
	return false, false
}

func spanishCheck(sum int) int {
	switch r := 11 - sum%11; r {
	case 10:
		return 1
	case 11:
		return 0
	default:
		return r
	}
}

// ribKey reports whether the number is divisible by 97. Letters count as digits: A and J as 1, B, K and S as 2, and so
// on.
func ribKey(b []byte) bool {
	r := 0
	for _, c := range b {
		d := int(c - '0')
		if isCapital(c) {
			if i := int(c - 'A'); i < 18 {
				d = i%9 + 1
			} else {
				d = i - 18 + 2
			}
		}
		r = (r*10 + d) % 97
	}
	return r == 0
}

// italianCheck returns the check character of Italian account numbers and tax codes. Characters at odd indexes, counted
// from 1, use a table.
func italianCheck(b []byte) byte {
	const odd = "BAFHJNPRTVCESULDGIMOQKWZYX" // the values of 0 or A, 1 or B, …, each as a letter from A
	sum := 0
	for i, c := range b {
		v := int(c - '0')
		if isCapital(c) {
			v = int(c - 'A')
		}
		if i%2 == 0 {
			v = int(odd[v] - 'A')
		}
		sum += v
	}
	return byte('A' + sum%26)
}
