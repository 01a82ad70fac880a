package token

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// nationalID is a country's national identification number.
type nationalID struct {
	country string
	forms   []string                             // as in hasForm
	draw    func(id []byte, d *draws, wrong int) // wrong is 1 to make the check digit wrong, otherwise 0
	space   float64
	unsafe  bool // no range is reserved, so only a wrong check digit avoids the numbers of real people
}

func nationalIDs() []nationalID {
	return []nationalID{
		{country: "AT", forms: []string{"nnnnnnnnnn"}, draw: drawAT, space: 100 * datesDrawn * 10 / 11},
		{country: "BE", forms: []string{"nnnnnnnnnnn"}, draw: drawBE, space: 2 * datesDrawn},
		{country: "CH", forms: []string{"756nnnnnnnnnn"}, draw: drawCH, space: 1e9, unsafe: true},
		{country: "DE", forms: []string{"nnnnnnnnnnn"}, draw: drawDE, space: 1.6e7},
		{country: "ES", forms: []string{"nnnnnnnna", "annnnnnna"}, draw: drawES, space: 1e7, unsafe: true},
		{country: "FI", forms: []string{"nnnnnnnnnc", "nnnnnnannnc"}, draw: drawFI, space: 100 * datesDrawn},
		{country: "FR", forms: []string{"nnnnncnnnnnnn", "nnnnncnnnnnnnnn", "nnnnnncnnnnnn", "nnnnnncnnnnnnnn"}, draw: drawFR, space: 2 * 1200 * 94 * 899},
		{country: "GB", forms: []string{"aannnnnna", "aannnnnn"}, draw: drawGB, space: 1e6},
		{country: "IT", forms: []string{"aaaaaaccaccaccca"}, draw: drawIT, space: 1e14},
		{country: "NL", forms: []string{"nnnnnnnnn"}, draw: drawNL, space: 9000},
		{country: "NO", forms: []string{"nnnnnnnnnnn"}, draw: drawNO, space: 800 * datesDrawn},
		{country: "PL", forms: []string{"nnnnnnnnnnn"}, draw: drawPL, space: 1e4 * datesDrawn},
		{country: "PT", forms: []string{"nnnnnnnnn"}, draw: drawPT, space: 1e7},
		{country: "SE", forms: []string{"nnnnnnnnnn", "nnnnnnnnnnnn"}, draw: drawSE, space: 1e3 * datesDrawn, unsafe: true},
		{country: "US", forms: []string{"nnnnnnnnn"}, draw: drawUS, space: ssnSpace},
	}
}

// NationalID returns the treatment national_id.
func NationalID() *treatment.Definition {
	example := func(country, in, out string, p ...string) transform.Example {
		params := transform.Params{"country": country}
		for _, check := range p {
			params["check"] = check
		}
		return transform.Example{Type: treatment.TextType(0), Use: transform.Use{Treatment: "national_id", Params: params}, In: in, Out: out}
	}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "national_id",
			Summary: "replaces a person's national number by a well-formed number that nobody has",
			Doc: "Check digits are right, and the number comes from a range that is not issued:\n\n" +
				"- AT (SVNR): the serial is below 100.\n" +
				"- BE (Rijksregister): the serial is 000 or 999.\n" +
				"- DE (Steuer-IdNr.): the number begins with 0, as test numbers do.\n" +
				"- FI (HETU): the serial is 900 to 999, which registers use for temporary numbers.\n" +
				"- FR (NIR): the serial number is 000.\n" +
				"- GB (NINO): the prefix is QQ, which is never allocated.\n" +
				"- IT (codice fiscale): the code of the birthplace begins with Y. The official list has A to M and Z.\n" +
				"- NL (BSN): the number begins with 9999, as the numbers of the state's test persons do.\n" +
				"- NO (fødselsnummer): 80 is added to the month, as in the tax agency's test population.\n" +
				"- PL (PESEL): the birth date is in the 23rd century.\n" +
				"- PT (NIF): the number begins with 0.\n" +
				"- US: the same as `ssn`.\n\n" +
				"Sex, birth date and birthplace in the number are also random. They tell nothing about the person.\n\n" +
				"In CH (AHV), ES (DNI, NIE) and SE (personnummer), no range is known to be reserved. The check digit is wrong there on purpose, so that the result is not the number of a real person. " +
				"`check: valid` makes the check digit right. A result may then be the number of a real person by chance.\n\n" +
				"Applications that check more than the check digits may refuse some of these numbers. The issuers have published the facts above, and may change them." + identifierRule,
			Params: []transform.Param{
				{Name: "country", Type: strings.Join(countryNames(), "|"), Tells: transform.Neither, Required: true, Doc: "country whose numbers the column holds"},
				{Name: "check", Type: "safe|valid", Tells: transform.Neither, Default: "safe", Doc: "with valid, check digits are right even if no range is reserved"},
			},
			Families:  []catalog.Family{catalog.Text},
			Discloses: transform.Pseudonymised,
			Learns:    pseudonym + "The length and the separators of every value stay. They read the country in the rule.",
			Preserves: []string{transform.Equality, transform.Length, transform.Format},
			Examples: []transform.Example{
				example("AT", "1237 010180", "0697 280101"), example("BE", "85.07.30-033.28", "04.05.21-000.71"), example("CH", "756.9217.0769.85", "756.1705.0676.12"), example("CH", "756.9217.0769.85", "756.1705.0676.11", "valid"),
				example("DE", "86095742719", "08185639741"), example("ES", "12345678Z", "98134122T"), example("ES", "X-1234567-L", "Z-6627731-B"), example("FI", "131052-308T", "110855-9712"), example("FR", "1 84 12 76 451 089 46", "1 28 01 62 368 000 42"),
				example("GB", "AB 12 34 56 C", "QQ 60 08 63 C"), example("IT", "RSSMRA85T10A562S", "VZFCSM82P25Y847V"), example("NL", "111222333", "999954647"), example("NO", "01010123476", "16913119804"), example("PL", "44051401458", "91622032663"),
				example("PT", "123456789", "054783615"), example("SE", "811228-9874", "890202-3344"), example("US", "078-05-1120", "923-04-4490"),
			},
		},
		Scalar: func(c transform.Column, u transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
			country := a.Word("country", countryNames()...)
			wrong := a.Word("check", "safe", "valid") == "safe"
			i := slices.IndexFunc(nationalIDs(), func(n nationalID) bool { return n.country == country })
			if i < 0 {
				return treatment.ScalarPlan{}, nil // a holds the error
			}
			return planIdentifier(c, u, nationalIDs()[i].identifier(wrong))
		},
	}
}

func countryNames() []string {
	var names []string
	for _, n := range nationalIDs() {
		names = append(names, n.country)
	}
	return names
}

func (n nationalID) identifier(safe bool) identifier {
	wrong, shape := 0, n.country
	if n.unsafe && safe {
		wrong, shape = 1, n.country+" with wrong check digits"
	}
	return identifier{
		reads: func(id []byte) bool {
			return slices.ContainsFunc(n.forms, func(form string) bool { return hasForm(id, form) })
		},
		draw:  func(id []byte, d *draws) { n.draw(id, d, wrong) },
		space: n.space,
		shape: shape,
	}
}

// drawAT sets a random serial below 100, the check digit and a random DDMMYY. Issued serials begin at 100. drawAT skips
// a number whose check digit would be 10.
func drawAT(id []byte, d *draws, _ int) {
	for {
		putNumber(id[:4], 10*d.below(100))
		d.date(id[4:], 0)
		id[4], id[5], id[8], id[9] = id[8], id[9], id[4], id[5]
		if check := weigh(id, 3, 7, 9, 0, 5, 8, 4, 2, 1, 6) % 11; check < 10 {
			id[3] = byte('0' + check)
			return
		}
	}
}

// drawBE sets a random YYMMDD, and a serial that is 000 or 999. Issued serials are 001 to 998. The check digits are 97
// minus the nine digits modulo 97.
func drawBE(id []byte, d *draws, _ int) {
	d.date(id, 0)
	putNumber(id[6:9], 999*d.below(2))
	putNumber(id[9:], 97-mod97(0, id[:9]))
}

// drawCH sets nine random digits after the fixed 756, and the check digit of EAN-13.
func drawCH(id []byte, d *draws, wrong int) {
	d.digits(id[3:12])
	sum := weigh(id, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3)
	putNumber(id[12:], (10-sum%10+wrong)%10)
}

// drawDE sets ten random digits, of which the first is 0. One digit occurs twice and one does not occur. The check
// digit follows ISO 7064 mod 11,10.
func drawDE(id []byte, d *draws, _ int) {
	copy(id, decimals)
	twice := d.below(10)
	id[(twice+1+d.below(9))%10] = byte('0' + twice)
	for i := 9; i > 0; i-- {
		j := d.below(i + 1)
		id[i], id[j] = id[j], id[i]
	}
	zero := slices.Index(id[:10], '0')
	if zero < 0 { // 0 is the missing digit; it replaces a digit that occurs once
		zero = slices.IndexFunc(id[:10], func(c byte) bool { return int(c-'0') != twice })
		id[zero] = '0'
	}
	id[0], id[zero] = id[zero], id[0]
	p := 10
	for _, c := range id[:10] {
		s := (int(c-'0') + p) % 10
		if s == 0 {
			s = 10
		}
		p = 2 * s % 11
	}
	putNumber(id[10:], (11-p)%10)
}

// drawES sets the random digits of a DNI (eight digits), or of a NIE (X, Y or Z for 0, 1 or 2, and seven digits). The
// letter at the end depends on the remainder of the number modulo 23.
func drawES(id []byte, d *draws, wrong int) {
	const letters = "TRWAGMYFPDXBNJZSQVHLCKE"
	n := 0
	if isCapital(id[0]) {
		n = d.below(3)
		id[0] = "XYZ"[n]
		d.digits(id[1:8])
	} else {
		d.digits(id[:8])
		n = int(id[0] - '0')
	}
	for _, c := range id[1:8] {
		n = n*10 + int(c-'0')
	}
	id[8] = letters[(n+wrong)%23]
}

// drawFI sets a random DDMMYY and a random serial. The sign or letter of the century stays. The check character depends
// on the nine digits modulo 31.
func drawFI(id []byte, d *draws, _ int) {
	d.date(id, 0)
	id[0], id[1], id[4], id[5] = id[4], id[5], id[0], id[1]
	serial := id[len(id)-4:]
	putNumber(serial[:3], 900+d.below(100))
	n := 0
	for _, c := range id[:6] {
		n = n*10 + int(c-'0')
	}
	serial[3] = "0123456789ABCDEFHJKLMNPRSTUVWXY"[(n*1000+weigh(serial, 100, 10, 1))%31]
}

// drawFR sets a random sex, YYMM, département and commune. The serial number is always 000. Real serial numbers are 001
// to 999, so the result belongs to nobody. The last two digits are check digits: 97 minus the first thirteen digits
// modulo 97.
func drawFR(id []byte, d *draws, _ int) {
	department := 1 + d.below(94)
	if department >= 20 { // 20 is Corsica, which has 2A and 2B
		department++
	}
	putNumber(id[:1], 1+d.below(2))
	putNumber(id[1:3], d.below(100))
	putNumber(id[3:5], 1+d.below(12))
	putNumber(id[5:7], department)
	putNumber(id[7:10], 1+d.below(899))
	putNumber(id[10:13], 0)
	if len(id) == 15 {
		putNumber(id[13:], 97-mod97(0, id[:13]))
	}
}

func drawGB(id []byte, d *draws, _ int) {
	copy(id, "QQ")
	d.digits(id[2:8])
	if len(id) == 9 {
		id[8] = d.of("ABCD")
	}
}

// drawIT sets three random letters for each name, YY, a letter for the month, the day (plus 40 for women), a birthplace
// that begins with Y, which no place has, and the check character.
func drawIT(id []byte, d *draws, _ int) {
	const consonants = "BCDFGLMNPRSTVZ"
	for i := range 6 {
		id[i] = d.of(consonants)
	}
	putNumber(id[6:8], d.below(100))
	id[8] = d.of("ABCDEHLMPRST")
	putNumber(id[9:11], 1+d.below(28)+40*d.below(2))
	id[11] = 'Y'
	d.digits(id[12:15])
	id[15] = italianCheck(id[:15])
}

// drawNL sets a random number that begins with 9999 and passes the elfproef, the Dutch check modulo 11. It skips a number
// whose last digit would be 10.
func drawNL(id []byte, d *draws, _ int) {
	copy(id, "9999")
	for {
		d.digits(id[4:8])
		if check := weigh(id, 9, 8, 7, 6, 5, 4, 3, 2) % 11; check < 10 {
			putNumber(id[8:], check)
			return
		}
	}
}

// drawNO sets a random DDMMYY, a random serial and two check digits modulo 11. 80 is added to the month. drawNO skips a
// number with a check digit that would be 10.
func drawNO(id []byte, d *draws, _ int) {
	for {
		d.date(id, 80)
		id[0], id[1], id[4], id[5] = id[4], id[5], id[0], id[1]
		d.digits(id[6:9])
		first := (11 - weigh(id, 3, 7, 6, 1, 8, 9, 4, 5, 2)%11) % 11
		putNumber(id[9:10], first%10)
		second := (11 - weigh(id, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
		putNumber(id[10:], second%10)
		if first < 10 && second < 10 {
			return
		}
	}
}

// drawPL sets a random YYMMDD, a random serial and the check digit. 60 is added to the month, which means a birth from
// 2200 on.
func drawPL(id []byte, d *draws, _ int) {
	d.date(id, 60)
	d.digits(id[6:10])
	putNumber(id[10:], (10-weigh(id, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3)%10)%10)
}

// drawPT sets random digits after a 0, and a check digit modulo 11. If the check digit would be 10 or 11, it is 0.
func drawPT(id []byte, d *draws, _ int) {
	id[0] = '0'
	d.digits(id[1:8])
	check := 11 - weigh(id, 9, 8, 7, 6, 5, 4, 3, 2)%11
	if check >= 10 {
		check = 0
	}
	putNumber(id[8:], check)
}

// drawSE sets a random YYMMDD or 19YYMMDD, a random serial, and a Luhn check digit over the last ten digits.
func drawSE(id []byte, d *draws, wrong int) {
	if len(id) == 12 {
		copy(id, "19")
		id = id[2:]
	}
	d.date(id, 0)
	d.digits(id[6:9])
	fixLuhn(id, 9)
	putNumber(id[9:], (int(id[9]-'0')+wrong)%10)
}

// ssnSpace is the number of results of drawUS: areas 900 to 999, groups 01 to 49, serials 0001 to 9999.
const ssnSpace = 100 * 49 * 9999

// drawUS sets a random social security number. Areas from 900 are not issued. The tax agency's own numbers in these
// areas have groups from 50.
func drawUS(id []byte, d *draws, _ int) {
	putNumber(id[:3], 900+d.below(100))
	putNumber(id[3:5], 1+d.below(49))
	putNumber(id[5:], 1+d.below(9999))
}

// SSN returns the treatment ssn.
func SSN() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "ssn",
			Summary: "replaces a US social security number by a number that is never issued",
			Doc: "The result has area 900 to 999 and group 01 to 49. The Social Security Administration never issues areas above 899. " +
				"The tax agency's ITIN and ATIN begin with 9, but their groups start at 50. A value has nine digits, with or without hyphens." + plainRule,
			Families:  []catalog.Family{catalog.Text},
			Discloses: transform.Pseudonymised,
			Learns:    pseudonym + "They also see whether a value has hyphens.",
			Preserves: []string{transform.Equality, transform.Length, transform.Format},
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "ssn"}, In: "078-05-1120", Out: "978-09-0088"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "ssn"}, In: "219099999", Out: "915391301"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "ssn"}, In: "unknown", Out: "cpcthxw", Note: "not a social security number"},
			},
		},
		Scalar: func(c transform.Column, u transform.Use, _ *treatment.Args) (treatment.ScalarPlan, error) {
			return planIdentifier(c, u, identifier{
				reads: func(id []byte) bool { return hasForm(id, "nnnnnnnnn") },
				draw:  func(id []byte, d *draws) { drawUS(id, d, 0) },
				space: ssnSpace,
			})
		},
	}
}
