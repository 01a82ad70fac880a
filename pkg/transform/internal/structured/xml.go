package structured

import (
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// XML is the treatment xml.
func XML() *treatment.Definition {
	doc := catalog.Type{Name: "xml", Base: "xml", Family: catalog.XML}
	mask := transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1)}}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "xml",
			Summary: "treats the texts and attributes of an XML document path by path",
			Doc: "Written `xml: {path: rule}`, on xml and on text that holds XML. Paths are made of /element, /* (any element), //element (at any depth), and at the end " +
				"/@attribute or /@*; names are matched as written, prefix included. /x/** covers everything in x and its attributes with keep or null, which empties x; /x//* " +
				"treats every text and attribute below x; the path / is text outside elements. An element, attribute (xmlns among them) or text that no path lists stops the refresh; blanks " +
				"between elements need none. The more specific path wins, as in json. Texts are treated without their entities and CDATA marks and written with entities; comments are removed. " +
				"A DOCTYPE, an entity of the document's own or a processing instruction stops the refresh. Element and attribute names stay. NULL as a result is an empty text.",
			Parts:     "path",
			Families:  []catalog.Family{catalog.XML, catalog.Text},
			Discloses: transform.Unchanged,
			Examples: []transform.Example{{
				Type: doc,
				Use:  transform.Use{Treatment: "xml", Paths: []transform.Path{{Path: "/person/@id", Use: transform.Use{Treatment: "redact"}}, {Path: "/person/name", Use: mask}, {Path: "//note/**", Use: transform.Use{Treatment: "null"}}}},
				In:   `<person id="7"> <name>O&apos;Brien</name><!-- old --><note lang="en">x<b>y</b></note></person>`,
				Out:  `<person id="[redacted]"> <name>O******</name><note/></person>`,
			}},
		},
		Whole: planXML,
	}
}

func planXML(by treatment.Planner, c transform.Column, u transform.Use, _ *treatment.Args) (treatment.Blueprint, error) {
	if len(u.Paths) == 0 {
		return treatment.Blueprint{}, &transform.ParamError{Param: "paths", Text: "lists no path; every document would stop the refresh"}
	}
	all, tree, open := newParts(by), document.NewPaths(), false
	plans := make([]partPlan, len(u.Paths))
	for i, p := range u.Paths {
		steps, end, ok := document.ParseXMLPath(p.Path)
		if !ok {
			return treatment.Blueprint{}, &transform.ParamError{Param: p.Path, Text: "reads as no path: write /element, /*, //element, /element/@attribute, and at the end /** or //*"}
		}
		l := &document.Leaf{Keep: p.Use.Treatment == "keep"}
		if end == document.EndDeep && !l.Keep {
			if l.Fixed = []byte{}; p.Use.Treatment != "null" {
				return treatment.Blueprint{}, &transform.ParamError{Param: p.Path, Text: "only keep and null cover a whole subtree; use //* to treat every text below"}
			}
		}
		b, err := all.prepareText(c, "an XML text", p.Use)
		if err != nil {
			return treatment.Blueprint{}, &transform.ParamError{Param: p.Path, Text: err.Error()}
		}
		if err := tree.Add(p.Path, steps, end, l); err != nil {
			return treatment.Blueprint{}, err
		}
		plans[i] = all.planPart(b)
		open = open || strings.Contains(p.Path, "*") || strings.Contains(p.Path, "//")
	}
	if open {
		all.traits.Discloses = transform.Unchanged // names of elements and attributes that no path states
	}
	return limited(c, treatment.Blueprint{Traits: all.traits, Build: func(k transform.Keys) transform.Transform {
		tree := document.NewPaths()
		for i, p := range u.Paths {
			steps, end, _ := document.ParseXMLPath(p.Path)
			l := &document.Leaf{Keep: p.Use.Treatment == "keep"}
			l.TreatText(plans[i].blueprint.Build(k), plans[i].needs)
			if end == document.EndDeep && !l.Keep {
				l.Fixed = []byte{}
			}
			if err := tree.Add(p.Path, steps, end, l); err != nil {
				panic("transform: a path that was checked compiles")
			}
		}
		return document.NewXML(tree)
	}}), nil
}
