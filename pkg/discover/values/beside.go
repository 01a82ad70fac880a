package values

// Shares of a column's values. Evidence counts only if at least this share of the values supports it.
const (
	manyOf = 0.9
	mostOf = 0.75
	half   = 0.5
	tenth  = 0.1
)

// severalValues is how many values a column needs before a shape says something.
const severalValues = 20

// Beside adds the evidence that columns of one table give about each other. A word beside given names can be a family
// name. A number beside streets can be a postcode.
func Beside(columns []*Column) {
	given, street, birth := false, false, false
	for _, c := range columns {
		for _, e := range c.judge() {
			given = given || e.Class == "given_name"
			street = street || e.Class == "street" || e.Class == "address"
			birth = birth || e.Class == "birth_date"
		}
	}
	for _, c := range columns {
		c.besideGiven, c.besideStreet, c.besideBirth = given, street, birth
	}
}

// alike returns evidence that comes only from the shape of the values, or from a column beside them.
func (c *Column) alike() []Evidence {
	different := len(c.distinct)
	weak := func(class string, hits, of int, from float64, how string) []Evidence {
		e := Evidence{Class: class, Path: c.path, Looked: of, Hits: hits, How: how, Weak: true}
		if of == 0 || e.Share() < from {
			return nil
		}
		return []Evidence{e}
	}
	if c.looked < severalValues {
		return nil
	}
	if found := c.near(weak); len(found) > 0 {
		return found
	}
	unique := float64(different) >= 0.95*float64(c.looked)
	var found []Evidence
	switch {
	case c.besideStreet && different >= few && float64(c.shapes[postcode]) >= manyOf*float64(c.looked) && !(c.typed && unique):
		found = weak("postcode", c.shapes[postcode], c.looked, manyOf, "have the form of a postcode, beside streets")
	case c.besideStreet && c.listed["city"] >= 3 && c.shapes[word] > 0:
		found = weak("city", c.listed["city"], different, tenth/2, "are in the list of this class, beside streets; each value is counted once")
	case c.besideGiven && c.listed["family_name"] >= 3 && float64(c.shapes[word]) >= manyOf*float64(different):
		found = weak("family_name", c.listed["family_name"], different, tenth/2, "are in the list of this class, beside given names; each value is counted once")
	}
	switch {
	case len(found) > 0:
		return found
	case c.typed:
		return nil
	case different >= 2 && different <= 6 && c.shapes[gender] >= 2 && c.shapes[gender]*2 > different:
		return weak("gender", c.shapes[gender], different, mostOf, "are words or letters for a gender; each value is counted once")
	case different >= 2 && different <= 12 && c.shapes[married] >= 2:
		return weak("marital_status", c.shapes[married], different, half, "are words for being married or not; each value is counted once")
	case different >= 2 && different <= 40 && c.shapes[title] >= 2:
		return weak("title", c.shapes[title], different, half, "are titles of persons; each value is counted once")
	case c.shapes[account] > 0:
		return weak("user_name", c.shapes[account], c.looked, manyOf, "name a user of a domain")
	case different >= few && c.shapes[job] >= few:
		return weak("job_title", c.shapes[job], different, half, "have a word for a job; each value is counted once")
	case (c.besideGiven || c.besideStreet || c.besideBirth) && unique && float64(c.shapes[article]) < manyOf*float64(c.looked):
		return weak("identifier", c.shapes[digits], c.looked, manyOf, "are texts of digits only, nearly all different, beside given names, streets or birth dates")
	}
	return nil
}

// near returns evidence about dates and single letters, which mean something only beside data about people.
func (c *Column) near(weak func(class string, hits, of int, from float64, how string) []Evidence) []Evidence {
	different := len(c.distinct)
	switch {
	case c.typed && c.besideBirth && c.days == c.looked:
		return weak("date_of_event", c.days, c.looked, manyOf, "are days, beside birth dates")
	case c.besideGiven && different >= few && c.shapes[initial]*2 >= c.looked:
		return weak("middle_name", c.shapes[initial], c.looked, half, "are one letter, as initials are, beside given names")
	case c.besideBirth && different >= 2 && different <= 4 && c.shapes[status] == c.looked:
		return weak("marital_status", c.shapes[status], c.looked, manyOf, "are letters for being married or not, beside birth dates")
	}
	return nil
}
