package token

import (
	"fmt"
	"math"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// PAN returns the treatment pan.
func PAN() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "pan",
			Summary: "replaces a payment card number by a valid number that no card has",
			Doc: "A card number (PAN) of 12 to 19 digits becomes a number of the same length. The result begins with 99 and has a right check digit (Luhn). In ISO/IEC 7812-1, " +
				"numbers that begin with 9 belong to national bodies, and the next three digits are the number of the country. ISO 3166-1 gives the numbers 900 to 999 to no country. Therefore no issuer has these numbers, " +
				"and the result is never a live PAN (PCI DSS 6.5.5). The brand of the card is lost.\n\n" +
				"With `keep_last`, the last digits stay, including the check digit. Truncated and replaced forms of one PAN can be combined (PCI DSS 3.5.1). " +
				"Treat the card's other columns so that the target never holds both the first six and the last four digits of a number.\n\n" +
				"In columns of numbers, a malformed value stops the refresh. In a bigint column, a value of 19 digits also stops it. By default, NaN and infinite numerics stay unchanged, as NULL does. The parameter `special` can change this." +
				identifierRule + " For the number of possible results, the plan assumes numbers of 16 digits, or fewer digits if the column is shorter.",
			Params:    []transform.Param{{Name: "keep_last", Type: "integer", Tells: transform.Larger, Default: int64(0), Doc: "number of digits that stay at the end, 0 to 4"}, treatment.SpecialParam()},
			Families:  []catalog.Family{catalog.Text, catalog.Integer, catalog.Numeric},
			Discloses: transform.Pseudonymised,
			Learns:    pseudonym + "The length and the separators of every number stay. With `keep_last`, the last digits stay too, and only a few persons may have a number with these last digits.",
			Preserves: []string{transform.Equality, transform.Length, transform.Format},
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "pan"}, In: "4111111111111111", Out: "9930244435840434"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "pan", Params: transform.Params{"keep_last": int64(4)}}, In: "4111 1111 1111 1111", Out: "9930 2444 3582 1111"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "pan"}, In: "4111-1111-11", Out: "0000-7631-34", Note: "ten digits are not a card number"},
				{Type: catalog.Type{Name: "bigint", Base: "int8", Family: catalog.Integer, Bits: 64}, Use: transform.Use{Treatment: "pan"}, In: "5555555555554444", Out: "9928370816047176"},
			},
		},
		Scalar: planPAN,
	}
}

func planPAN(c transform.Column, u transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	keep := int(a.Integer("keep_last", 0, 4))
	if t := c.Type; t.Family == catalog.Integer && t.Bits < 64 || t.Family == catalog.Numeric && t.Precision > 0 && t.Precision-t.Scale < 12 {
		a.Fail("treat", "pan needs 12 digits, but type %s holds fewer", treatment.TypeName(c))
	}
	length := 16
	if c.Type.MaxLen > 0 {
		length = max(12, min(16, c.Type.MaxLen))
	}
	return planIdentifier(c, u, identifier{
		reads: func(id []byte) bool {
			return len(id) >= 12 && len(id) <= 19 && decimalOnly(id)
		},
		draw: func(id []byte, d *draws) {
			check := len(id) - 1 - keep
			copy(id, "99")
			d.digits(id[2:check])
			fixLuhn(id, check)
		},
		space: math.Pow10(length - 3 - keep),
		shape: fmt.Sprintf("keep_last %d", keep),
	})
}

// BIC returns the treatment bic.
func BIC() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "bic",
			Summary: "replaces a bank's BIC by a test BIC of the same country",
			Doc: "A BIC has 8 or 11 characters. Its country stays. Its branch stays if the branch is XXX. Bank, location and other branches become random. The eighth character is 0, which marks test BICs. " +
				"Test BICs are not connected to the network (ISO 9362)." + plainRule,
			Families:  []catalog.Family{catalog.Text},
			Discloses: transform.Pseudonymised,
			Learns:    pseudonym + "The country of every bank stays.",
			Preserves: []string{transform.Equality, transform.Length},
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "bic"}, In: "DEUTDEFF", Out: "CIWRDEJ0"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "bic"}, In: "BNPAFRPPXXX", Out: "GMGOFRU0XXX"},
			},
		},
		Scalar: func(c transform.Column, u transform.Use, _ *treatment.Args) (treatment.ScalarPlan, error) {
			return planIdentifier(c, u, identifier{
				reads: func(id []byte) bool { return hasForm(id, "ccccaacc") || hasForm(id, "ccccaaccccc") },
				draw: func(id []byte, d *draws) {
					for _, at := range []int{0, 1, 2, 3, 6} {
						id[at] = d.of(uppers)
					}
					id[7] = '0'
					if len(id) > 8 && string(id[8:]) != "XXX" {
						id[8], id[9], id[10] = d.of(uppers[:23]), d.of(uppers), d.of(uppers)
					}
				},
				space: 26 * 26 * 26 * 26 * 26,
			})
		},
	}
}
