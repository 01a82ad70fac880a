package labelled

import (
	"io"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// semantic returns the kinds of the semantic types in the reference set of the repository tsegall/semantic-types. A
// type that ends with a dot or an underscore stands for all types that begin with its text. Any other type also stands
// for the types that continue it after an underscore. The first match counts.
func semantic() [][2]string {
	return [][2]string{
		{"NAME.FIRST_LAST", "full_name"},
		{"NAME.LAST_FIRST", "full_name"},
		{"NAME.FIRST", "given_name"},
		{"NAME.LAST", "family_name"},
		{"NAME.MIDDLE_INITIAL", "initials"},
		{"NAME.MIDDLE", "middle_name"},
		{"NAME.SUFFIX", "title"},
		{"HONORIFIC_EN", "title"},
		{"EMAIL", "email"},
		{"TELEPHONE", "phone"},
		{"FULL_ADDRESS_EN", "address"},
		{"FULL_ADDRESS_NL", "address"},
		{"STREET_", "street"},
		{"CITY", "city"},
		{"POSTAL_CODE.", "postcode"},
		{"STATE_PROVINCE.", "region"},
		{"COORDINATE.LATITUDE", "latitude"},
		{"COORDINATE.LONGITUDE", "longitude"},
		{"GENDER.", "gender"},
		{"PERSON.AGE", "age"},
		{"PERSON.DATE_OF_BIRTH", "birth_date"},
		{"PERSON.YEAR_OF_BIRTH", "birth_year"},
		{"PERSON.RACE", "ethnicity"},
		{"PERSON.MARITAL_STATUS", "marital_status"},
		{"NATIONALITY_", "nationality"},
		{"JOB_TITLE_", "job_title"},
		{"COMPANY_NAME", "company"},
		{"IPADDRESS.", "ip_address"},
		{"MACADDRESS", "mac_address"},
		{"SSN", "national_id"},
		{"IDENTITY.", "national_id"},
		{"CHECKDIGIT.IBAN", "iban"},
		{"URI.URL", "url"},
		{"FREE_TEXT", "free_text"},
	}
}

// ReadSemanticTypes reads the file reference.csv of the repository tsegall/semantic-types: one row for each column of
// its data files, with the name, the base type and the semantic type of the column. It leaves out columns without
// values.
func ReadSemanticTypes(name string, from io.Reader) (Schema, error) {
	s := Schema{Name: name}
	for _, pair := range semantic() {
		s.Kinds = append(s.Kinds, pair[1])
	}
	need := []string{"File", "FieldOffset", "FieldName", "BaseType", "SemanticType"}
	err := eachRow(name, from, need, func(field func(key string) string) {
		// Older files of labels have the modifier in the field of the semantic type.
		if empty := []string{"NULL", "BLANK", "BLANKORNULL"}; slices.Contains(empty, field("TypeModifier")) || slices.Contains(empty, field("SemanticType")) {
			return
		}
		c := Column{
			Table: catalog.Name{Schema: "public", Name: field("File")}, Name: field("FieldName"), Type: baseType(field("BaseType")),
			Kind: kindOfSemantic(field("SemanticType")),
		}
		c.Sensitive = c.Kind != ""
		s.Columns = append(s.Columns, c)
	})
	return s, err
}

func kindOfSemantic(t string) string {
	for _, pair := range semantic() {
		if t == pair[0] || strings.HasPrefix(t, pair[0]) && strings.ContainsAny(pair[0][len(pair[0])-1:], "._") || strings.HasPrefix(t, pair[0]+"_") {
			return pair[1]
		}
	}
	return ""
}

// baseType returns the type of PostgreSQL for a base type of the labels.
func baseType(t string) string {
	switch t {
	case "Long":
		return "bigint"
	case "Double":
		return "double precision"
	case "Boolean":
		return "boolean"
	case "LocalDate":
		return "date"
	case "LocalDateTime":
		return "timestamp"
	case "OffsetDateTime", "ZonedDateTime":
		return "timestamptz"
	case "LocalTime":
		return "time without time zone"
	}
	return "text"
}
