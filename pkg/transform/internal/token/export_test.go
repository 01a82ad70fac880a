package token

// These constants and functions are for the external tests of this package.

const (
	SealHead  = reversibleHead
	SealKeyID = reversibleKeyID
	SealLeast = sealOverhead
)

func SealedSize(folded bool, n int) int { return (&sealedText{folded: folded}).size(n) }

func BBANFormOf(country string) (form string, bank int) {
	f := bbanForms()[[2]byte{country[0], country[1]}]
	return f.form, f.bank
}

func BBANCountries() (list []string) {
	for c := range bbanForms() {
		list = append(list, string(c[:]))
	}
	return list
}

func CheckDomestic(country string, bban []byte) (right, known bool) {
	return domesticCheck(country, bban)
}

func HasFormOf(id []byte, form string) bool { return hasForm(id, form) }

func NationalCountries() []string { return countryNames() }
