package literal

import (
	"fmt"
	"net"
	"regexp"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform/internal/document"
)

// OtherFamilies lists the type families for which the treatments constant and redact use otherText and redactedOther.
func OtherFamilies() []catalog.Family {
	return []catalog.Family{
		catalog.Composite, catalog.Range, catalog.Multirange, catalog.Hstore, catalog.XML, catalog.Time, catalog.Interval,
		catalog.MAC, catalog.Bits, catalog.Money, catalog.Geometric, catalog.TSVector,
	}
}

// otherText checks the form of a constant of OtherFamilies. It accepts any tsvector. In most other type families, it
// does not check the parts of the constant, because PostgreSQL does that.
func otherText(t catalog.Type, s string) (string, error) {
	forms := map[catalog.Family]string{
		catalog.Composite:  `(?s)^\(.*\)$`,
		catalog.Range:      `(?s)^(empty|[[(].*,.*[\])])$`,
		catalog.Multirange: `(?s)^\{.*\}$`,
		catalog.Time:       `^([01]\d|2[0-4]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?([+-]\d\d(:\d\d){0,2})?$`,
		catalog.Interval:   `^[+-]?\d[\d a-z:.+-]*$`,
		catalog.Bits:       `^[01]*$`,
		catalog.Money:      `^-?\d+(\.\d+)?$`,
		catalog.Geometric:  `^[\d(<{[][\d(){}\[\]<>,. eE+-]*$`,
	}
	if form, ok := forms[t.Family]; ok && !regexp.MustCompile(form).MatchString(s) {
		return "", fmt.Errorf("is not a value of type %s", t.Name)
	}
	switch t.Family {
	case catalog.MAC:
		mac, err := net.ParseMAC(s)
		if err != nil || len(mac) != 6 && len(mac) != 8 || len(mac) == 8 && t.Base == "macaddr" {
			return "", fmt.Errorf("is not a value of type %s", t.Name)
		}
	case catalog.Bits:
		if n := len(s); t.MaxLen > 0 && (n > t.MaxLen || t.Base == "bit" && n != t.MaxLen) {
			return "", fmt.Errorf("has %d bits, the column holds %d", n, t.MaxLen)
		}
	case catalog.Hstore:
		if !document.ReadsHstore([]byte(s)) {
			return "", fmt.Errorf(`is not hstore as PostgreSQL prints it: "key"=>"value", "key"=>NULL`)
		}
	case catalog.XML:
		if !document.ReadsXML([]byte(s)) {
			return "", fmt.Errorf("is not XML, or has a DOCTYPE, a processing instruction or entities of its own")
		}
	}
	return s, nil
}
