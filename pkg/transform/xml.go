package transform

import (
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

func xmlSpec() *definition {
	doc := catalog.Type{Name: "xml", Base: "xml", Family: catalog.XML}
	mask := Use{Treatment: "mask", Params: Params{"keep_first": int64(1)}}
	return &definition{
		Spec: Spec{
			Name:    "xml",
			Summary: "treats the texts and attributes of an XML document path by path",
			Doc: "Written `xml: {path: rule}`, on xml and on text that holds XML. Paths are made of /element, /* (any element), //element (at any depth), and at the end " +
				"/@attribute or /@*; names are matched as written, prefix included. /x/** covers everything in x and its attributes with keep or null, which empties x; /x//* " +
				"treats every text and attribute below x; the path / is text outside elements. An element, attribute (xmlns among them) or text that no path lists stops the refresh; blanks " +
				"between elements need none. The more specific path wins, as in json. Texts are treated without their entities and CDATA marks and written with entities; comments are removed. " +
				"A DOCTYPE, an entity of the document's own or a processing instruction stops the refresh. Element and attribute names stay. NULL as a result is an empty text.",
			Parts:     "path",
			Families:  []catalog.Family{catalog.XML, catalog.Text},
			Discloses: Unchanged,
			Examples: []Example{{
				Type: doc,
				Use:  Use{Treatment: "xml", Paths: []Path{{"/person/@id", Use{Treatment: "redact"}}, {"/person/name", mask}, {"//note/**", Use{Treatment: "null"}}}},
				In:   `<person id="7"> <name>O&apos;Brien</name><!-- old --><note lang="en">x<b>y</b></note></person>`,
				Out:  `<person id="[redacted]"> <name>O******</name><note/></person>`,
			}},
		},
		whole: planXML,
	}
}

func planXML(by planner, c Column, u Use, _ *args) (blueprint, error) {
	if len(u.Paths) == 0 {
		return blueprint{}, &ParamError{"paths", "lists no path; every document would stop the refresh"}
	}
	all, tree, open := newParts(by), newPaths(), false
	plans := make([]partPlan, len(u.Paths))
	for i, p := range u.Paths {
		steps, end, ok := xmlPath(p.Path)
		if !ok {
			return blueprint{}, &ParamError{p.Path, "reads as no path: write /element, /*, //element, /element/@attribute, and at the end /** or //*"}
		}
		l := &leaf{keep: p.Use.Treatment == "keep"}
		if end == endDeep && !l.keep {
			if l.fixed = []byte{}; p.Use.Treatment != "null" {
				return blueprint{}, &ParamError{p.Path, "only keep and null cover a whole subtree; use //* to treat every text below"}
			}
		}
		b, err := all.prepareText(c, "an XML text", p.Use)
		if err != nil {
			return blueprint{}, &ParamError{p.Path, err.Error()}
		}
		if err := tree.add(p.Path, steps, end, l); err != nil {
			return blueprint{}, err
		}
		plans[i] = all.planPart(b)
		open = open || strings.Contains(p.Path, "*") || strings.Contains(p.Path, "//")
	}
	if open {
		all.traits.Discloses = Unchanged // names of elements and attributes that no path states
	}
	return limited(c, blueprint{all.traits, func(k Keys) Transform {
		tree := newPaths()
		for i, p := range u.Paths {
			steps, end, _ := xmlPath(p.Path)
			l := &leaf{keep: p.Use.Treatment == "keep", text: plans[i].blueprint.build(k), textRow: pickRow{needs: plans[i].needs}}
			if end == endDeep && !l.keep {
				l.fixed = []byte{}
			}
			if err := tree.add(p.Path, steps, end, l); err != nil {
				panic("transform: a path that was checked compiles")
			}
		}
		return &markup{matcher: matcher{root: tree.root}, kept: &leaf{keep: true, text: keep{}}}
	}}), nil
}

// xmlPath reads a path into its steps and the way it ends.
func xmlPath(path string) (steps []step, end ending, ok bool) {
	if path == "/" {
		return nil, endHere, true
	}
	rest := path
	if cut, found := strings.CutSuffix(rest, "/**"); found {
		rest, end = cut, endDeep
	} else if cut, found := strings.CutSuffix(rest, "//*"); found {
		rest, end = cut, endBelow
	}
	if path == "" {
		return nil, 0, false
	}
	for rest != "" {
		if rest, ok = strings.CutPrefix(rest, "/"); !ok {
			return nil, 0, false
		}
		if deeper, found := strings.CutPrefix(rest, "/"); found {
			steps, rest = append(steps, step{kind: stepDown, text: "/"}), deeper
		}
		name := rest
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			name = rest[:i]
		}
		rest = rest[len(name):]
		plain, attribute := strings.CutPrefix(name, "@")
		any := plain == "*"
		if !any && xmlName([]byte(plain)) != len(plain) || plain == "" || attribute && rest+end.suffix() != "" {
			return nil, 0, false
		}
		kind := stepKey
		if any && !attribute {
			kind = stepAnyKey
		}
		steps = append(steps, step{kind: kind, key: name, text: "/" + name})
	}
	return steps, end, len(steps) > 0 || end != endHere
}

// suffix is empty for a path that ends at a value.
func (e ending) suffix() string {
	if e == endHere {
		return ""
	}
	return "/"
}

// xmlName is the length of the name at the start of b, 0 where there is none.
func xmlName(b []byte) int {
	for i, c := range b {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == ':' || c >= 0x80
		if !letter && (i == 0 || c != '-' && c != '.' && (c < '0' || c > '9')) {
			return i
		}
	}
	return len(b)
}
