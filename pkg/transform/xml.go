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
			l := &leaf{keep: p.Use.Treatment == "keep"}
			l.treatText(plans[i].blueprint.build(k), plans[i].needs)
			if end == endDeep && !l.keep {
				l.fixed = []byte{}
			}
			if err := tree.add(p.Path, steps, end, l); err != nil {
				panic("transform: a path that was checked compiles")
			}
		}
		return newMarkup(tree)
	}}), nil
}
