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

// entry is a treatment's name and its definition, which is built where it is wanted: plans look treatments up several
// times per column, and a definition carries all its documentation.
type entry struct {
	name       string
	definition func() *definition
}

// families are all treatments there are, in the order of the reference.
func families() []family {
	return []family{
		{"Plain", plainEntries},
		{"Masking", maskingEntries},
		{"Tokens", tokenEntries},
		{"Invented values", fakeEntries},
		{"Values made of parts", structuredEntries},
		{"Free text", textEntries},
		{"The row", rowEntries},
		{"Programs of your own", commandEntries},
		{"Learned from the column", learnedEntries},
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
