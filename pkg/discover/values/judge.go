package values

import (
	"fmt"
	"math"
	"slices"
)

// The shares from which a class counts. A few other values, such as "none", do not hide what a column is about.
const (
	some   = 0.02 // a form that no other values have: mail addresses between other texts are still mail addresses
	mostly = 0.5  // check digits, or a form of its own
	nearly = 0.8  // a form that other values have too
	almost = 0.95 // a form that one in ten other values has
)

// few is the number of different values below which a comparison with lists says nothing.
const few = 5

// judge returns the classes that the values fit, the class with the most values first. It makes a weaker test only if
// no stronger test finds a class.
func (c *Column) judge() []Evidence {
	all := slices.Concat(c.formed(), c.national())
	if len(all) == 0 {
		all = c.fits("phone", nearly, "have the form of a telephone number")
	}
	all = slices.Concat(all, c.named(), c.born())
	if len(all) == 0 {
		all = c.housed()
	}
	if len(all) == 0 {
		all = c.like()
	}
	if len(all) == 0 {
		all = c.shaped()
	}
	if len(all) == 0 {
		all = c.alike()
	}
	all = append(all, c.contained(all)...)
	slices.SortStableFunc(all, func(a, b Evidence) int { return b.Hits - a.Hits })
	return all
}

// fits returns evidence for a class if at least this share of the values fits it.
func (c *Column) fits(class string, from float64, how string) []Evidence {
	e := Evidence{Class: class, Path: c.path, Looked: c.looked, Hits: c.hits[class], How: how}
	if e.Hits == 0 || e.Share() < from {
		return nil
	}
	return []Evidence{e}
}

// rare returns evidence for a class with a form of its own, which other values do not have. Three values are enough,
// and so is a share of 2 % of the values.
func (c *Column) rare(class, how string) []Evidence {
	from := some
	if c.hits[class] >= 3 {
		from = 0
	}
	return c.fits(class, from, how)
}

// contained returns the classes that texts of the column contain. It leaves out classes for which
// the argument have lists evidence that is not weak.
func (c *Column) contained(have []Evidence) (all []Evidence) {
	for _, inside := range []struct{ class, what string }{
		{"email", "mail addresses"},
		{"iban", "IBANs with right check digits"},
		{"pan", "numbers of payment cards"},
		{"phone", "telephone numbers"},
		{"street", "streets with a number"},
	} {
		e := Evidence{Class: inside.class, Path: c.path, Looked: c.looked, Hits: c.contains[inside.class], How: "are texts that contain " + inside.what, Within: true}
		enough := e.Hits >= 3 || e.Hits > 0 && e.Share() >= some && e.Class != "street" // a street has no form of its own
		known := slices.ContainsFunc(have, func(h Evidence) bool { return h.Class == e.Class && !h.Weak })
		if !known && enough {
			all = append(all, e)
		}
	}
	return all
}

// formed returns the classes whose values have a form of their own.
func (c *Column) formed() []Evidence {
	return slices.Concat(
		c.rare("email", "are mail addresses"),
		c.rare("iban", "are IBANs with right check digits"),
		c.fits("pan", mostly, "have the prefix and the check digit of a payment card"),
		c.fits("url", mostly, "are URLs"),
		c.rare("password", "have the form of a password's hash"),
		c.rare("secret", "have the form of a secret that a service issues"),
		c.fits("ip_address", mostly, "are IP addresses"),
		c.fits("mac_address", mostly, "are hardware addresses"),
		c.fits("street", mostly, "have the form of a street with a number"),
		c.fits("address", mostly, "have the form of an address with its town"),
		c.fits("photo", some, "begin as pictures do"),
		c.fits("file", some, "begin as documents do"),
	)
}

// national returns evidence for the country whose national numbers the values fit best, if far more values fit than
// chance explains. Each value counts once: one code in many rows can fit by chance. Otherwise national returns evidence
// if most values have the form of a national number.
func (c *Column) national() []Evidence {
	best, chance, different := Evidence{}, 0.0, len(c.distinct)
	for i, country := range c.looker.countries {
		hits, expected := c.countries[i], country.Chance*float64(different)
		if float64(hits) < nearly*float64(different) || float64(hits) < expected+5*math.Sqrt(expected)+3 {
			continue
		}
		if hits > best.Hits || hits == best.Hits && country.Chance < chance {
			chance = country.Chance
			best = Evidence{Class: "national_id", Path: c.path, Looked: different, Hits: hits, How: fmt.Sprintf("are valid as %s (%s), and chance explains %.0f; each value is counted once", country.Name, country.Code, math.Ceil(expected))}
		}
	}
	if best.Hits == 0 {
		return c.fits("national_id", nearly, "have the form of a national number")
	}
	return []Evidence{best}
}

// born returns evidence for birth dates: most values are dates of the last hundred years, and the dates are spread over
// at least four decades.
func (c *Column) born() []Evidence {
	if c.dates < few || float64(c.births) < nearly*float64(c.looked) || len(c.decades) < 4 {
		return nil
	}
	how := fmt.Sprintf("are dates of the last hundred years, in %d decades", len(c.decades))
	return []Evidence{{Class: "birth_date", Path: c.path, Looked: c.looked, Hits: c.births, How: how}}
}

// shaped returns what the shape of the values tells: texts in sentences, telephone numbers, and texts that look random.
func (c *Column) shaped() []Evidence {
	if e := (Evidence{Class: "free_text", Path: c.path, Looked: len(c.distinct), Hits: c.prose, How: "have five words or more; each value is counted once", Weak: true}); c.prose >= 3 && e.Share() >= half {
		return []Evidence{e}
	}
	phone := Evidence{Class: "phone", Path: c.path, Looked: c.looked, Hits: c.hits["phone"] + c.grouped, How: "have groups of digits as telephone numbers have", Weak: true}
	if phone.Hits >= few && phone.Share() >= nearly {
		return []Evidence{phone}
	}
	phone.Hits += c.dialled
	phone.How = "have the digits of telephone numbers as they are dialled at home"
	if float64(c.coded) >= tenth*float64(c.looked) {
		phone.Hits += c.numbers
		phone.How = "have the digits of telephone numbers, some with the code of a country"
	}
	if different := len(c.distinct); !c.typed && different >= severalValues && different*2 >= c.looked && phone.Share() >= almost {
		return []Evidence{phone}
	}
	e := Evidence{Class: "secret", Path: c.path, Looked: c.looked, Hits: c.random, How: "look random: letters and digits without blanks, nearly all different", Weak: true}
	if c.random >= few && e.Share() >= nearly && float64(len(c.distinct)) >= 0.95*float64(c.looked) {
		return []Evidence{e}
	}
	return nil
}
