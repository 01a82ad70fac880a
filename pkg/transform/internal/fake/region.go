package fake

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// regionFakes returns the fakes of places, and of registration plates. The regions and coordinates are those of the city
// that fake.city gives the same person.
func regionFakes() []*kind {
	return []*kind{
		regionFake(), countryFake(), countryCodeFake(),
		coordinateFake("fake.latitude", "the latitude", laneLatitude, func(c *locale.City) int { return c.Latitude }, "33.475700", "38.242801", "48.547993"),
		coordinateFake("fake.longitude", "the longitude", laneLongitude, func(c *locale.City) int { return c.Longitude }, "-122.292321", "-85.785515", "14.323501"),
		{
			name: "fake.license_plate", summary: "invents a registration plate",
			doc: "The plate has the form of the country's plates. Except in the United States, its letters or series are never issued: district XX in Germany, U and O in France, vowels in Spain, " +
				"Q in Italy, the Netherlands and Poland, Q with I in Britain, and ZZ in Portugal. The American states have no common rule, so an " +
				"American plate begins with Q, which is rare but possible on a real plate.",
			samples: []sample{{out: "QZQ-2699"}, {params: transform.Params{"locale": "fr"}, out: "UO-978-QD"}},
			least:   func(f *fake) int { return len(f.l.Plate) }, full: func(f *fake) int { return len(f.l.Plate) },
			space: func(f *fake) float64 { return locale.PatternSpace(f.l.Plate) },
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				return locale.AppendPattern(dst, f.l.Plate, draw.Lane(s, lanePlate))
			},
		},
	}
}

func regionFake() *kind {
	return &kind{
		name: "fake.region", summary: "gives the state, province or region of the invented city",
		doc: "The result is the region of the city that fake.city gives the same person. Regions are the states of the US, nations of the UK, Länder, régions, comunidades autónomas, regioni, " +
			"provincies, województwa, distritos. The result is the name, or the code if the column is too short for the names.",
		params:  []transform.Param{{Name: "form", Type: "auto|name|code", Tells: transform.Neither, Default: "auto", Doc: "name or code (ISO 3166-2 without the country; three letters in Italy); auto is the name if all names fit the column, and the code otherwise"}},
		samples: []sample{{out: "California"}, {subject: "1", out: "Kentucky"}, {typ: treatment.TextType(2), out: "CA"}, {params: transform.Params{"locale": "de"}, out: "Bayern"}},
		check: func(f *fake, _ transform.Column, a *treatment.Args) {
			switch a.Word("form", "auto", "name", "code") {
			case "auto":
				f.scale = 1
			case "name":
				f.scale = 2
			}
		},
		least: func(f *fake) int {
			if f.scale == 2 {
				return 2
			}
			return longestRegion(f.l, false)
		},
		full: func(f *fake) int { return longestRegion(f.l, f.byName()) },
		space: func(f *fake) float64 {
			var names []string
			for i := range f.l.Regions {
				names = append(names, f.region(&f.l.Regions[i]))
			}
			return locale.DistinctCut(names, f.room)
		},
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			return locale.AppendCut(dst, f.region(&f.l.Regions[home(f.l, s).Region]), f.room)
		},
	}
}

func (f *fake) byName() bool {
	return f.scale == 2 || f.scale == 1 && f.room >= 32 || f.scale == 1 && f.room >= longestRegion(f.l, true)
}

func (f *fake) region(r *locale.Region) string {
	if f.byName() {
		return r.Name
	}
	return r.Code
}

// sameForAll says what somebody learns from a result that is the same in all rows.
const sameForAll = "They learn nothing about the value, because all rows of a locale have the same result."

func countryFake() *kind {
	name := func(f *fake) int { return locale.LongestOf([]string{f.l.Country}) }
	return &kind{
		name: "fake.country", summary: "gives the country where the invented person lives",
		doc:     "The name is in the country's own language: Deutschland. It is the same for all rows of a locale, so it tells nothing about the original. If the countries of the rows matter, use keep for this column, and name the column in the parameter `country` of the other fakes.",
		samples: []sample{{out: "United States"}, {params: transform.Params{"locale": "de"}, out: "Deutschland"}},
		least:   name, full: name,
		space:  func(*fake) float64 { return 1 },
		learns: sameForAll,
		append: func(f *fake, dst []byte, _ *transform.Seed) []byte { return append(dst, f.l.Country...) },
	}
}

func countryCodeFake() *kind {
	length := func(f *fake) int { return f.length }
	return &kind{
		name: "fake.country_code", summary: "gives the code of the country where the invented person lives",
		doc:     "The code is the one in ISO 3166-1: DE, or DEU. It is the same for all rows of a locale, so it tells nothing about the original.",
		params:  []transform.Param{{Name: "letters", Type: "integer", Tells: transform.Neither, Default: int64(2), Doc: "number of letters, 2 or 3"}},
		samples: []sample{{out: "US"}, {params: transform.Params{"locale": "de", "letters": int64(3)}, out: "DEU"}},
		check:   func(f *fake, _ transform.Column, a *treatment.Args) { f.length = int(a.Integer("letters", 2, 3)) },
		least:   length, full: length,
		space:  func(*fake) float64 { return 1 },
		learns: sameForAll,
		append: func(f *fake, dst []byte, _ *transform.Seed) []byte {
			if f.length == 3 {
				return append(dst, f.l.Alpha3...)
			}
			return append(dst, f.l.Alpha2...)
		},
	}
}

// microPerHundredth converts a city's coordinates, in hundredths of a degree, to millionths.
const microPerHundredth = 10_000

func coordinateFake(name, what string, which uint64, of func(*locale.City) int, value, subject, german string) *kind {
	numeric := catalog.Type{Name: "numeric(9,6)", Base: "numeric", Family: catalog.Numeric, Precision: 9, Scale: 6}
	return &kind{
		name: name, summary: "invents " + what + " of a point in the invented city",
		doc:      "The result is in degrees, within 0.05 of the centre of the city that fake.city gives the same person. It has 6 decimals, or fewer if the column has fewer.",
		families: []catalog.Family{catalog.Numeric, catalog.Float, catalog.Text},
		samples:  []sample{{typ: numeric, out: value}, {typ: numeric, subject: "1", out: subject}, {params: transform.Params{"locale": "de"}, out: german}},
		check: func(f *fake, c transform.Column, a *treatment.Args) {
			f.scale = 6
			if c.Type.Family == catalog.Numeric && c.Type.Precision > 0 {
				f.scale = min(max(c.Type.Scale, 0), 6)
				if c.Type.Precision-c.Type.Scale < 3 {
					a.Fail("treat", "%s needs three digits before the point, but %s has fewer", name, treatment.TypeName(c))
				}
			}
		},
		least: fixedLength(len("-123.123456")), full: fixedLength(len("-123.123456")),
		space: func(f *fake) float64 { return float64(spread(f.scale)) },
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			unit := spread(6) / spread(f.scale) // in millionths of a degree
			micro := int64(of(home(f.l, s)))*microPerHundredth + int64(draw.Pick(s, which, int(spread(6)))) - spread(6)/2
			return appendScaled(dst, micro/unit, f.scale)
		},
	}
}

// spread returns the number of different coordinates with this number of decimals in a tenth of a degree.
func spread(decimals int) int64 {
	n := int64(1)
	for range decimals - 1 {
		n *= 10
	}
	return n
}

// appendScaled appends v/10^scale.
func appendScaled(dst []byte, v int64, scale int) []byte {
	if v < 0 {
		dst = append(dst, '-')
	}
	u := magnitude(v)
	unit := uint64(1)
	for range scale {
		unit *= 10
	}
	dst = decimal.AppendInt(dst, int64(u/unit))
	if scale == 0 {
		return dst
	}
	return decimal.AppendDigits(append(dst, '.'), int64(u%unit), scale)
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}
