package transform

// What the tests beside this package look at.

const (
	sealHead  = reversibleHead
	sealKeyID = reversibleKeyID
	sealLeast = sealOverhead
)

func sealedSize(folded bool, n int) int { return (&sealedText{folded: folded}).size(n) }

func bbanFormOf(country string) (form string, bank int) {
	f := bbanForms()[[2]byte{country[0], country[1]}]
	return f.form, f.bank
}

func bbanCountries() (list []string) {
	for c := range bbanForms() {
		list = append(list, string(c[:]))
	}
	return list
}

func checkDomestic(country string, bban []byte) (right, known bool) {
	return domesticCheck(country, bban)
}

func hasFormOf(id []byte, form string) bool { return hasForm(id, form) }

func nationalCountries() []string { return countryNames() }
