package structured

import (
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// XML returns the treatment xml.
func XML() *treatment.Definition {
	doc := catalog.Type{Name: "xml", Base: "xml", Family: catalog.XML}
	mask := transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1)}}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "xml",
			Summary: "treats the texts and attributes of an XML document path by path",
			Doc: "A rule has the form `xml: {path: rule}`. The column may be xml, or text that holds XML. A path is made of these steps:\n\n" +
				"- `/element` leads to that element, `/*` to any element, and `//element` to that element at any depth. Names are matched as written, with their prefix.\n" +
				"- `/@attribute` and `/@*`, at the end of a path, lead to that attribute or to any attribute.\n" +
				"- `/x/**` covers everything in x, including the attributes of x. It takes only `keep` and `null`. With `null`, x becomes an empty element.\n" +
				"- `/x//*` covers every text and attribute below x.\n" +
				"- The path `/` is text outside elements.\n\n" +
				"The more specific path wins, as in `json`. An element, an attribute or a text that no path lists stops the refresh. This includes xmlns attributes. Blanks between elements need no path. " +
				"A DOCTYPE, a processing instruction, or an entity that the document defines also stops the refresh.\n\n" +
				"Texts are treated without entities and CDATA marks, and are written with entities. Comments are removed. Element and attribute names stay. A NULL result becomes an empty text.",
			Parts:     "path",
			Families:  []catalog.Family{catalog.XML, catalog.Text},
			Discloses: transform.Unchanged,
			Varies:    transform.WithRule,
			Learns:    "They learn what the treatments of the paths tell. They also see the names and the order of elements and attributes. A rare structure can identify a person.",
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
		return treatment.Blueprint{}, &transform.ParamError{Param: "paths", Text: "lists no path, so every document would stop the refresh; list the paths"}
	}
	all, tree, open := newParts(by), document.NewPaths(), false
	plans := make([]partPlan, len(u.Paths))
	for i, p := range u.Paths {
		steps, end, ok := document.ParseXMLPath(p.Path)
		if !ok {
			return treatment.Blueprint{}, &transform.ParamError{Param: p.Path, Text: "is not a path: write /element, /*, //element, /element/@attribute, and at the end /** or //*"}
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
		all.traits.Discloses = treatment.Worse(all.traits.Discloses, transform.Generalised) // names of elements and attributes that no path names stay
	}
	return limited(c, treatment.Blueprint{Traits: all.traits, Build: func(k transform.Keys) transform.Transform {
		tree := document.NewPaths()
		for i, p := range u.Paths {
			steps, end, _ := document.ParseXMLPath(p.Path)
			l := &document.Leaf{Keep: p.Use.Treatment == "keep"}
			if end == document.EndDeep && !l.Keep {
				l.Fixed = []byte{}
				l.SeeDropped(treatment.Seen(Part(c, stringType("an XML text")), p.Use, plans[i].blueprint.Traits))
			} else {
				l.TreatText(plans[i].blueprint.Build(k), plans[i].needs)
			}
			if err := tree.Add(p.Path, steps, end, l); err != nil {
				panic("transform: a path that was checked must compile")
			}
		}
		return document.NewXML(tree)
	}}), nil
}
