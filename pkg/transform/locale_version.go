package transform

import (
	"fmt"
	"io"
)

// fingerprint writes everything a locale decides, for the version that plans are signed with. The words between the
// values are part of it: they stay as they are, whatever the fields are called.
func (l *locale) fingerprint(w io.Writer) {
	var phones, regions, cities []string
	for _, p := range l.phones {
		phones = append(phones, fmt.Sprintf("{pattern:%s numbers:%d}", p.pattern, p.numbers))
	}
	for _, r := range l.regions {
		regions = append(regions, fmt.Sprintf("{code:%s name:%s}", r.code, r.name))
	}
	for _, c := range l.cities {
		cities = append(cities, fmt.Sprintf("{name:%s postcode:%s region:%d latitude:%d longitude:%d}", c.name, c.postcode, c.region, c.latitude, c.longitude))
	}
	fmt.Fprintf(w, "{name:%s country:%s alpha2:%s alpha3:%s also:%s madam:%s sir:%s", l.name, l.country, l.alpha2, l.alpha3, l.also, l.madam, l.sir)
	fmt.Fprintf(w, " female:%s male:%s family:%s feminine:%t dial:%s trunk:%s phones:%s", l.female, l.male, l.family, l.feminine, l.dial, l.trunk, phones)
	fmt.Fprintf(w, " streets:%s kinds:%s kindFirst:%t glue:%s houses:%d houseFirst:%t", l.streets, l.kinds, l.kindFirst, l.glue, l.houses, l.houseFirst)
	fmt.Fprintf(w, " beforeHouse:%s town:%s firms:%s plate:%s regions:%s cities:%s}\n", l.beforeHouse, l.town, l.firms, l.plate, regions, cities)
}
