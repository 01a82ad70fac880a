package transform

// Group is a family of treatments, as the reference lists it.
type Group struct {
	Title string
	Specs []*Spec
}

// family is a Group whose definitions are not built yet.
type family struct {
	title   string
	entries func() []entry
}

// families are all treatments there are, in the order of the reference.
func families() []family {
	return []family{
		{"Plain", plainEntries},
		{"Masking", maskingEntries},
		{"Tokens", tokenEntries},
		{"Invented values", fakeEntries},
		{"Values made of parts", structuredEntries},
		{"Free text", func() []entry { return []entry{{"scrub", scrubSpec}} }},
		{"The row", func() []entry { return []entry{{"expr", exprSpec}} }},
		{"Programs of your own", func() []entry { return []entry{{"command", commandSpec}} }},
		{"Learned from the column", func() []entry { return []entry{{"sample", sampleSpec}} }},
	}
}

func plainEntries() []entry {
	return []entry{{"keep", keepSpec}, {"null", nullSpec}, {"constant", constantSpec}, {"redact", redactSpec}}
}

func maskingEntries() []entry {
	return []entry{
		{"mask", maskSpec},
		{"truncate", truncateSpec},
		{"generalize.number", bandSpec},
		{"generalize.age", ageSpec},
		{"generalize.date", periodSpec},
		{"generalize.postcode", postcodeSpec},
		{"generalize.ip", networkSpec},
		{"generalize.geo", geoSpec},
		{"noise", noiseSpec},
		{"shift", shiftSpec},
		{"regex", regexSpec},
		{"map", mapSpec},
	}
}

func tokenEntries() []entry {
	values := []entry{
		{"token", tokenSpec},
		{"permute", permuteSpec},
		{"pan", panSpec},
		{"iban", ibanSpec},
		{"bic", bicSpec},
		{"ssn", ssnSpec},
		{"national_id", nationalIDSpec},
	}
	return append(append(values, deviceEntries()...), entry{"reversible", reversibleSpec})
}

func structuredEntries() []entry {
	return []entry{
		{"json", jsonSpec},
		{"hstore", hstoreSpec},
		{"fields", fieldsSpec},
		{"xml", xmlSpec},
		{"csv", csvSpec},
		{"placeholder", placeholderSpec},
	}
}

// Groups are the treatments by family, in the order of the reference.
func Groups() []Group {
	var groups []Group
	for _, f := range families() {
		g := Group{Title: f.title}
		for _, e := range f.entries() {
			g.Specs = append(g.Specs, &e.definition().Spec)
		}
		groups = append(groups, g)
	}
	return groups
}

// Library is every treatment there is, in the order of the reference.
func Library() []*Spec {
	var all []*Spec
	for _, g := range Groups() {
		all = append(all, g.Specs...)
	}
	return all
}

// Lookup finds a treatment by its name.
func Lookup(name string) (*Spec, bool) {
	d, ok := find(name)
	if !ok {
		return nil, false
	}
	return &d.Spec, true
}

func find(name string) (*definition, bool) {
	for _, f := range families() {
		for _, e := range f.entries() {
			if e.name == name {
				return e.definition(), true
			}
		}
	}
	return nil, false
}
