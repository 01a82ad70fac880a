package token

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Devices returns the treatments of identifiers of devices, accounts and patients. These treatments have no parameters.
func Devices() []*treatment.Definition {
	return []*treatment.Definition{
		plainIdentifier("imei", "replaces a mobile device's number by a test number",
			"The result begins with 00, which marks test devices, and its check digit (Luhn) is right. A value has 15 digits, or 14 without check digit, or 16 with a software version."+identifierRule,
			identifier{
				reads: func(id []byte) bool {
					return len(id) >= 14 && len(id) <= 16 && decimalOnly(id)
				},
				draw: func(id []byte, d *draws) {
					copy(id, "00")
					d.digits(id[2:])
					if len(id) == 15 {
						fixLuhn(id, 14)
					}
				},
				space: 1e12,
			}, "490154203237518", "005669716291668", "49-015420-323751-8", "00-566971-629166-8"),
		plainIdentifier("imsi", "replaces a mobile subscriber's number by a number of the test network",
			"The result begins with 00101. ITU-T E.212 reserves country 001, network 01 for tests. A value has 14 or 15 digits."+plainRule,
			identifier{
				reads: func(id []byte) bool { return hasForm(id, "nnnnnnnnnnnnnnn") || hasForm(id, "nnnnnnnnnnnnnn") },
				draw: func(id []byte, d *draws) {
					copy(id, "00101")
					d.digits(id[5:])
				},
				space: 1e9,
			}, "262011234567890", "001016570792191"),
		plainIdentifier("mac", "replaces a network card's address by a locally administered address",
			"The result is a unicast address of 12 hexadecimal digits with the local bit set (IEEE 802). Manufacturers assign no addresses of this kind."+plainRule,
			identifier{reads: readsMAC, draw: drawMAC, space: 1 << 46}, "00:1b:44:11:3a:b7", "36:45:ad:cb:2f:3f", "001B.4411.3AB7", "3645.ADCB.2F3F"),
		plainIdentifier("nhs_number", "replaces a patient number of the NHS by a test number",
			"The result has ten digits and begins with 999, the range for tests. Its check digit (modulo 11) is right."+identifierRule,
			identifier{
				reads: func(id []byte) bool { return hasForm(id, "nnnnnnnnnn") },
				draw:  drawNHS,
				space: 9e5,
			}, "943 476 5919", "999 991 8557"),
		plainIdentifier("routing_number", "replaces a US bank routing number by a number that was never assigned",
			"The result has nine digits and begins with 99, which no Federal Reserve district or agency has. Its check digit (3-7-1) is right."+identifierRule,
			identifier{
				reads: func(id []byte) bool { return hasForm(id, "nnnnnnnnn") },
				draw: func(id []byte, d *draws) {
					copy(id, "99")
					d.digits(id[2:8])
					putNumber(id[8:], (10-weigh(id, 3, 7, 1, 3, 7, 1, 3, 7)%10)%10)
				},
				space: 1e6,
			}, "111000025", "991068339"),
	}
}

// plainIdentifier returns a treatment without parameters. The argument examples holds each value and then its result.
func plainIdentifier(name, summary, doc string, id identifier, examples ...string) *treatment.Definition {
	return identifierSpec(name, summary, doc, id, examples)
}

func identifierSpec(name, summary, doc string, id identifier, examples []string) *treatment.Definition {
	spec := &treatment.Definition{
		Spec: transform.Spec{
			Name: name, Summary: summary, Doc: doc,
			Families:  []catalog.Family{catalog.Text},
			Discloses: transform.Pseudonymised,
			Learns:    pseudonym + "The length and the separators of every value stay.",
			Preserves: []string{transform.Equality, transform.Length},
		},
		Scalar: func(c transform.Column, u transform.Use, _ *treatment.Args) (treatment.ScalarPlan, error) {
			return planIdentifier(c, u, id)
		},
	}
	for i := 0; i < len(examples); i += 2 {
		spec.Examples = append(spec.Examples, transform.Example{Type: treatment.TextType(0), Use: transform.Use{Treatment: name}, In: examples[i], Out: examples[i+1]})
	}
	return spec
}

func readsMAC(id []byte) bool {
	for _, c := range id {
		if !isDecimal(c) && (c < 'A' || c > 'F') {
			return false
		}
	}
	return len(id) == 12
}

func drawMAC(id []byte, d *draws) {
	for i := range id {
		id[i] = d.of("0123456789ABCDEF")
	}
	id[1] = d.of("26AE")
}

// drawNHS sets a random NHS number after the fixed 999. It skips a number whose check digit would be 10.
func drawNHS(id []byte, d *draws) {
	copy(id, "999")
	for {
		d.digits(id[3:9])
		if check := (11 - weigh(id, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11) % 11; check < 10 {
			putNumber(id[9:], check)
			return
		}
	}
}
