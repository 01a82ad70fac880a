package transform

import "slices"

// Group is a chapter of the reference.
type Group struct {
	Title string
	Specs []*Spec
}

// Groups is the Library by chapters.
func Groups() []Group {
	groups := []Group{
		{"Plain", plainSpecs()},
		{"Masking", maskingSpecs()},
		{"Tokens", slices.Concat(tokenSpecs(), reversibleSpecs())},
		{"Invented values", fakeSpecs()},
		{"Values made of parts", structuredSpecs()},
		{"The row", rowSpecs()},
		{"Programs of your own", commandSpecs()},
	}
	grouped := map[string]bool{}
	for _, g := range groups {
		for _, s := range g.Specs {
			grouped[s.Name] = true
		}
	}
	rest := slices.DeleteFunc(Library(), func(s *Spec) bool { return grouped[s.Name] })
	groups = append(groups, Group{"Others", rest})
	return slices.DeleteFunc(groups, func(g Group) bool { return len(g.Specs) == 0 })
}
