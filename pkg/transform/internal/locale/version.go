package locale

import (
	"fmt"
	"io"
)

// Fingerprint writes all data of a locale. The version in a plan's digest is computed from this output. The output also
// contains the labels before the values, such as "country:". They must not change, even if a field is renamed.
func (l *Locale) Fingerprint(w io.Writer) {
	var phones, regions, cities []string
	for _, p := range l.Phones {
		phones = append(phones, fmt.Sprintf("{pattern:%s numbers:%d}", p.Pattern, p.Numbers))
	}
	for _, r := range l.Regions {
		regions = append(regions, fmt.Sprintf("{code:%s name:%s}", r.Code, r.Name))
	}
	for _, c := range l.Cities {
		cities = append(cities, fmt.Sprintf("{name:%s postcode:%s region:%d latitude:%d longitude:%d}", c.Name, c.Postcode, c.Region, c.Latitude, c.Longitude))
	}
	fmt.Fprintf(w, "{name:%s country:%s alpha2:%s alpha3:%s also:%s madam:%s sir:%s", l.Name, l.Country, l.Alpha2, l.Alpha3, l.also, l.Madam, l.Sir)
	fmt.Fprintf(w, " female:%s male:%s family:%s feminine:%t dial:%s trunk:%s phones:%s", l.Female, l.Male, l.Family, l.Feminine, l.dial, l.trunk, phones)
	fmt.Fprintf(w, " streets:%s kinds:%s kindFirst:%t glue:%s houses:%d houseFirst:%t", l.Streets, l.Kinds, l.kindFirst, l.Glue, l.Houses, l.HouseFirst)
	fmt.Fprintf(w, " beforeHouse:%s town:%s firms:%s plate:%s regions:%s cities:%s}\n", l.BeforeHouse, l.Town, l.Firms, l.Plate, regions, cities)
}
