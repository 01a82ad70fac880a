// Package guess says what columns probably hold, from their names, types and comments, from the name of the table, from
// the columns beside them, and from foreign keys. It reads no rows.
//
// Each possible guess gets points. Most points are for a phrase of the vocabulary that is in the column's name. The
// table, the other words of the name and the comment can change the number of points.
package guess

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// Guess is what a column probably holds.
type Guess struct {
	Kind    string // a class of the pack baseline, or a kind without a class, such as "health"
	Points  int
	Sure    bool   // the guess has enough points for drafting a rule
	As      bool   // the column describes a person together with other columns
	Special bool   // the column holds a special category of personal data (GDPR, articles 9 and 10), such as health
	Quasi   bool   // the column is a quasi-identifier: together with other columns it identifies a person
	Why     string // the evidence, in words. It quotes no comment and no value
}

// The points that evidence gives or takes, and the points that a guess needs.
const (
	forPhrase     = 6
	forSuggestion = 3
	forComment    = 3
	againstAbout  = 6
	sure          = 5 // with at least this number of points, a guess is sure
	least         = 3 // with fewer points, there is no guess
)

// belongsDepth is how often all foreign keys are followed to find the tables that belong to people. So a table that
// references people over one other table is found: diagnoses reference visits, and visits reference patients.
const belongsDepth = 2

// Guesses holds the guesses for the columns of a database.
type Guesses struct {
	byColumn map[catalog.ColumnName]*Guess
	harmless map[catalog.ColumnName]string
}

// Of returns the guess for a column, or nil if there is too little evidence of personal data. The table is no
// partition.
func (g *Guesses) Of(table catalog.Name, column string) *Guess {
	return g.byColumn[catalog.ColumnName{Table: table, Column: column}]
}

// Harmless returns the reason why a column without a guess looks harmless, or "" if there is no reason.
func (g *Guesses) Harmless(table catalog.Name, column string) string {
	return g.harmless[catalog.ColumnName{Table: table, Column: column}]
}

// Database guesses what the columns of a database hold. There are no guesses for partitions, only for their root.
func (d *Detectors) Database(db *catalog.Database) *Guesses {
	out := &Guesses{byColumn: map[catalog.ColumnName]*Guess{}, harmless: map[catalog.ColumnName]string{}}
	tables := map[catalog.Name]*table{}
	prefix := d.prefixOfTables(db)
	for _, t := range db.Tables {
		if t.Root == nil {
			tables[t.Name] = d.table(t, prefix)
		}
	}
	d.schema(tables)
	for range belongsDepth {
		var children []*table // marked at the end of the round, so that the order of the foreign keys does not matter
		for _, fk := range db.ForeignKeys {
			child, parent := tables[fk.Child], tables[fk.Parent]
			if child != nil && parent != nil && parent.isOfPeople() {
				children = append(children, child)
			}
		}
		for _, child := range children {
			child.ofPeople = true
			child.nobody = child.nobody && !child.catalogue // a catalogue belongs to nobody
		}
	}
	for _, t := range tables {
		for i := range t.columns {
			c := &t.columns[i]
			at := catalog.ColumnName{Table: t.cat.Name, Column: c.cat.Name}
			if g := d.column(t, c); g != nil {
				out.byColumn[at] = g
			} else if why := d.harmless(t, c); why != "" {
				out.harmless[at] = why
			}
		}
	}
	out.followKeys(db)
	out.followNames(tables)
	out.carry(db)
	return out
}

// followKeys removes the guess for a column that references a key whose values the database makes, if there is no guess
// for the key. The column holds values of the key, even if its name says something else. An example is diagnosis_id.
func (g *Guesses) followKeys(db *catalog.Database) {
	for _, fk := range db.ForeignKeys {
		parent := db.Table(fk.Parent)
		for i := range fk.ChildColumns {
			child, key := catalog.ColumnName{Table: fk.Child, Column: fk.ChildColumns[i]}, catalog.ColumnName{Table: fk.Parent, Column: fk.ParentColumns[i]}
			if parent == nil || g.byColumn[key] != nil {
				continue
			}
			if c := parent.Column(key.Column); c != nil && Surrogate(parent, c) {
				delete(g.byColumn, child)
			}
		}
	}
}

// carry gives a referencing column the guess of the column that it references, unless its own guess has the same kind
// or at least as many points. References can form a chain, so carry goes on until nothing changes.
func (g *Guesses) carry(db *catalog.Database) {
	for changed := true; changed; {
		changed = false
		for _, fk := range db.ForeignKeys {
			for i := range fk.ChildColumns {
				child, parent := catalog.ColumnName{Table: fk.Child, Column: fk.ChildColumns[i]}, catalog.ColumnName{Table: fk.Parent, Column: fk.ParentColumns[i]}
				from := g.byColumn[parent]
				if have := g.byColumn[child]; from == nil || have != nil && (have.Kind == from.Kind || have.Points >= from.Points) {
					continue
				}
				carried := *from
				carried.Why = "it references " + parent.Table.Column(parent.Column)
				g.byColumn[child], changed = &carried, true
				delete(g.harmless, child)
			}
		}
	}
}

// candidate is a possible guess for a column.
type candidate struct {
	kind       *kind
	points     int
	start, end int  // of the phrase, in words of the name
	role       bool // the phrase may be the role of a person or a company, because it has no word for name
	why        string
}

// better reports whether a is a better guess than b. In most names, the last word says what the column holds: for
// example, customer_city holds a city. So with equal points, the later of two phrases is better. An exception is the
// role of the person to whom the value of the other phrase belongs: the role is the worse guess.
func (a *candidate) better(b *candidate) bool {
	switch {
	case b == nil || a.points != b.points:
		return b == nil || a.points > b.points
	case a.role != b.role && (a.reaches() || b.reaches()):
		return b.role
	case a.end != b.end:
		return a.end > b.end
	}
	return a.end-a.start > b.end-b.start
}

// reaches reports whether the kind reaches or identifies a person, such as an email address. If so, a role beside it in
// the name says whose it is: email_responsable holds the email of a person, and not the name of the person.
func (a *candidate) reaches() bool {
	return slices.Contains([]string{"email", "phone", "iban", "bank_account", "national_id"}, a.kind.name)
}

// column guesses what a column holds.
func (d *Detectors) column(t *table, c *column) *Guess {
	best := d.byName(t, c)
	key := len(c.words) > 0 && c.words[0] == "id" && c.family == catalog.Integer
	if c.shared && !key && (best == nil || best.end == 1 && best.start == 0) { // a word that most columns share says nothing about this one
		rest := *c
		rest.words, rest.shared = c.words[1:], false
		if !d.namesShared(t, c) {
			best = d.byName(t, &rest)
		}
	}
	if full := d.written(c.words); best == nil && full != nil {
		rest := *c
		rest.words = full
		best = d.byName(t, &rest)
	}
	if n := byType(c.family); n != nil && n.better(best) {
		best = n
	}
	if surrogate(t, c) && (best == nil || best.kind.families == nil || best.kind.name != "identifier" && numbered(c)) {
		return nil // the key of a row says nothing about a person, even in a table about health or faith
	}
	best = d.withComment(t, c, best)
	if best == nil {
		return nil
	}
	d.inContext(t, c, best)
	return &Guess{
		Kind: best.kind.name, Points: best.points, Sure: best.points >= sure, As: best.kind.as,
		Special: best.kind.special, Quasi: best.kind.quasi, Why: best.why,
	}
}

// byName guesses by the words of a column's name.
func (d *Detectors) byName(t *table, c *column) (best *candidate) {
	consider := func(n *candidate) {
		if n != nil && n.points >= least && c.fits(n.kind.name) && !d.ofNobody(t, c, n) && !d.ofOthers(t, c, n) && n.better(best) {
			best = n
		}
	}
	for _, n := range d.phrasesIn(c.words, c.family) {
		d.judge(t, c, &n)
		consider(&n)
	}
	consider(d.nameOf(t, c))
	consider(d.personOf(t, c))
	consider(d.numberOf(t, c))
	consider(d.byTable(t, c))
	consider(d.whenOf(t, c))
	consider(d.payOf(t, c))
	consider(d.ofGeneral(t, c))
	if best == nil {
		consider(d.unknownOf(t, c))
	}
	if best == nil {
		consider(d.findingOf(t, c))
	}
	return best
}

// phrasesIn returns a candidate for each phrase of the vocabulary that is in the words. It leaves out kinds that a
// column of the family cannot hold. The field points of a candidate holds the mark of the phrase, until judge sets it.
func (d *Detectors) phrasesIn(words []string, f catalog.Family) []candidate {
	var out []candidate
	add := func(e entry, start, end int) {
		if e.kind.takes(f) {
			out = append(out, candidate{kind: e.kind, points: int(e.mark), start: start, end: end})
		}
	}
	for start := range words {
		phrase := ""
		for end := start + 1; end <= min(len(words), start+d.longest); end++ {
			phrase = strings.TrimPrefix(phrase+" "+words[end-1], " ")
			for _, e := range d.phrases[phrase] {
				add(e, start, end)
			}
			if general := d.general(words[start:end]); general != "" && general != phrase {
				for _, e := range d.phrases[general] {
					add(e, start, end)
				}
			}
		}
		for _, s := range d.stemsOf(words[start]) {
			if strings.HasPrefix(words[start], s.text) {
				add(s.entry, start, start+1)
			}
		}
	}
	return out
}

// judge sets the points, the reason and the role of a candidate that phrasesIn found in the name of a column.
func (d *Detectors) judge(t *table, c *column, n *candidate) {
	phrase := `"` + strings.Join(c.words[n.start:n.end], " ") + `"`
	n.points, n.why = d.pointsOf(mark(n.points), t, c, n)
	n.why = strings.ReplaceAll(n.why, "%", phrase)
	n.role = slices.Contains([]string{"full_name", "company", "job_title", "nationality"}, n.kind.name) && !d.among(c.words[n.start:n.end], "@name")
	if d.about(t, c, n) || d.counted(c, n) || d.keyed(t, c, n) || d.ofThing(t, c, n) || d.lists(t, c, n) || d.coded(t, c, n) || d.partOf(c, n) || d.isShown(t, c, n) || t.refersTo(c, n) {
		n.points -= againstAbout
	}
}

func (d *Detectors) pointsOf(m mark, t *table, c *column, n *candidate) (points int, why string) {
	k := n.kind
	if k.name == "secret" && (d.postal(t, c, n) || slices.Contains(c.words, "public") && !slices.Contains(c.words, "private")) {
		return 0, ""
	}
	switch m {
	case enough:
		return forPhrase, "its name says %"
	case alone:
		if n.end-n.start == len(c.words) {
			return forPhrase, "its name says %"
		}
	case suggests:
		if d.isLast(c, n) && (k.name != "bank_account" || t.people || d.isWhole(c, n)) {
			return forSuggestion, "its name says %"
		}
	case ofPeople:
		if k.name == "free_text" && d.isWhole(c, n) && d.ofTexts(t) {
			return sure, "its name says %, in a table of texts"
		}
		return d.ofPerson(t, c, n)
	case inPlace:
		if k.name == "bank_account" {
			if t.has("bank_account", c) || t.has("iban", c) || t.called("bank") {
				return sure, "its name says %, beside a number of an account"
			}
			return 0, ""
		}
		if k.name == "street" && n.end-n.start == 1 && same(c.words[n.start]) == number {
			if d.isWhole(c, n) && t.afterStreet(c) {
				return sure, "its name says %, after a street"
			}
			return 0, ""
		}
		if t.places(c) > 0 && t.inAddress(c, n) && (k.name != "region" || !t.has("region", c) || c.words[n.start] == "state" && t.places(c) > 1) && (k.name != "street" || d.isLast(c, n) && !d.sets["@name"][c.words[len(c.words)-1]]) &&
			(len(c.words[n.start]) > 3 || n.end-n.start > 1 || d.isWhole(c, n)) {
			return sure, "its name says %, beside a city, postcode or street"
		}
	case inMail:
		if t.mail && (k.name == "free_text" && d.isLast(c, n) || d.isWhole(c, n)) {
			return forPhrase + 1, "its name says %, in a table of mail"
		}
	}
	return 0, ""
}

// ofPerson returns the points and the reason of a phrase that counts only if the table is about people or about a
// special category of personal data, or if the name has the role of a person. The kind ethnicity needs none of them.
func (d *Detectors) ofPerson(t *table, c *column, n *candidate) (points int, why string) {
	k := n.kind
	// These kinds describe a person only if the row itself is about the person. A row about a thing that belongs to
	// the person is not enough.
	own := slices.Contains([]string{"title", "job_title", "license_plate", "age", "city"}, k.name) || d.sets["@body"][c.words[n.start]]
	if (k.name == "age" || k.name == "license_plate") && n.start > 0 && n.end == len(c.words) && d.role(c.words[n.start-1]) {
		return sure, "its name says % of a person"
	}
	if own && (!t.persons || t.named || !d.isWhole(c, n)) || k.name == "money" && !t.persons || k.name == "free_text" && ((t.named || t.company) && !t.ofPeople || !d.isLast(c, n)) ||
		slices.Contains([]string{"identifier", "money", "national_id", "photo", "file"}, k.name) && !d.isWhole(c, n) ||
		k.name == "password" && !d.isWhole(c, n) || (k.name == "user_name" || k.special) && !d.isLast(c, n) ||
		n.end-n.start == 1 && (len(c.words[n.start]) <= shortestTail || k.special && len(c.words[n.start]) <= shortestPart) && !d.isWhole(c, n) {
		return 0, ""
	}
	if t.people || t.ofPeople && !t.thing && !own {
		return sure, "its name says %, in a table about people"
	}
	if k.special && d.ofSpecial(t) && !t.thing {
		return sure, "its name says %, in a table about this"
	}
	if d.ofRole(c, n) {
		return sure, "its name says % of a person"
	}
	if k.name == "ethnicity" && !t.thing {
		return forSuggestion, "its name may say %"
	}
	return 0, ""
}

// isLast reports whether a phrase ends the name of its column, apart from words for name and words that say nothing.
func (d *Detectors) isLast(c *column, n *candidate) bool {
	return !slices.ContainsFunc(c.words[n.end:], func(w string) bool { return !d.sets["@plain"][w] && !d.sets["@name"][w] })
}

// isWhole reports whether the other words of the name say nothing, or name the person.
func (d *Detectors) isWhole(c *column, n *candidate) bool {
	for i, w := range c.words {
		if (i < n.start || i >= n.end) && !d.sets["@plain"][w] && !d.sets["@person"][w] {
			return false
		}
	}
	return true
}

// byType guesses by the type alone.
func byType(f catalog.Family) *candidate {
	switch f {
	case catalog.Inet:
		return &candidate{kind: &kind{name: "ip_address"}, points: sure, why: "its type is for internet addresses"}
	case catalog.MAC:
		return &candidate{kind: &kind{name: "mac_address"}, points: sure, why: "its type is for addresses of devices"}
	}
	return nil
}
