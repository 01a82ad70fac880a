package library

import (
	"fmt"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/sample"
)

// Check returns the traits of a treatment on a column, or an error if the treatment cannot be used there.
// It needs no keys. Its errors are of type *transform.ParamError.
func Check(c transform.Column, u transform.Use) (transform.Traits, error) {
	if err := sample.CheckAlone(c, u); err != nil {
		return transform.Traits{}, err
	}
	b, err := prepare(c, u)
	if err != nil {
		return transform.Traits{}, err
	}
	return b.Traits, nil
}

// Compile returns the Transform of a column. The Transform also handles NULL, arrays, ranges, conditions, parts of a
// value, and subjects. Compile accepts the same uses as Check, with one exception: the treatment sample must have its
// Model.
func Compile(c transform.Column, u transform.Use, k transform.Keys) (transform.Transform, error) {
	if err := sample.CheckAlone(c, u); err != nil {
		return nil, err
	}
	b, err := prepare(c, u)
	if err == nil {
		err = sample.CheckModel(c, u)
	}
	if err != nil {
		return nil, err
	}
	return b.Build(k), nil
}

// planner is a treatment.Planner with all treatments of the library.
type planner struct{}

func (planner) Takes(treatment string, f catalog.Family) bool {
	spec, ok := Lookup(treatment)
	return ok && spec.Takes(f)
}

func (planner) Plan(c transform.Column, u transform.Use) (treatment.Blueprint, error) {
	return prepare(c, u)
}

func prepare(c transform.Column, u transform.Use) (treatment.Blueprint, error) {
	spec, ok := find(u.Treatment)
	if !ok {
		return treatment.Blueprint{}, &transform.ParamError{Param: "treat", Text: fmt.Sprintf("there is no treatment %q%s", u.Treatment, spell.Mean(u.Treatment, Names()))}
	}
	if len(u.Paths) > 0 && spec.Parts == "" {
		return treatment.Blueprint{}, &transform.ParamError{Param: "paths", Text: spec.Name + " treats a value as a whole, so it takes no paths"}
	}
	if u.When != "" {
		return prepareWhen(c, u)
	}
	for _, p := range u.Paths {
		if p.Use.When != "" {
			return treatment.Blueprint{}, &transform.ParamError{Param: p.Path, Text: "when cannot stand inside a document; put it on the column"}
		}
	}
	if u.Else != nil {
		return treatment.Blueprint{}, &transform.ParamError{Param: "else", Text: "means nothing without when"}
	}
	wanted, err := Reads(u)
	if err == nil {
		err = resolved(u, wanted)
	}
	if err != nil {
		return treatment.Blueprint{}, err
	}
	if c.Type.Family == catalog.Array && !spec.Anything {
		return prepareArray(c, u)
	}
	if c.Type.Family == catalog.Range && !spec.Takes(catalog.Range) {
		return prepareRange(c, u)
	}
	if c.Type.Family == catalog.Multirange && !spec.Takes(catalog.Multirange) {
		return prepareMultirange(c, u)
	}
	if !spec.Takes(c.Type.Family) {
		return treatment.Blueprint{}, &transform.ParamError{Param: "treat", Text: fmt.Sprintf("%s cannot take type %s; it takes %s%s", spec.Name, treatment.TypeName(c), familyList(&spec.Spec), takers(c))}
	}
	a, err := treatment.ReadArgs(&spec.Spec, u.Params)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	c = treatment.Narrow(c, a)
	b, err := single(spec, c, u, a)
	if err == nil {
		err = a.Problem()
	}
	if err != nil {
		return treatment.Blueprint{}, err
	}
	if !spec.Anything {
		b = treatment.Fit(&spec.Spec, c, a, b)
	}
	if b, err = treatment.Specials(&spec.Spec, c, a, b); err != nil {
		return treatment.Blueprint{}, err
	}
	return watched(spec, c, u, b), nil
}

// single prepares a treatment for values that are treated as a whole or by their parts. Its caller, prepare, handles
// conditions, arrays and ranges before.
func single(spec *treatment.Definition, c transform.Column, u transform.Use, a *treatment.Args) (treatment.Blueprint, error) {
	if spec.Whole != nil {
		return spec.Whole(planner{}, c, u, a)
	}
	p, err := spec.Scalar(c, u, a)
	if err == nil {
		err = a.Problem()
	}
	if err != nil {
		return treatment.Blueprint{}, err
	}
	return treatment.Wrap(c, u, p)
}

// Names lists the names of all treatments, in the order of All.
func Names() []string {
	var all []string
	for _, s := range All() {
		all = append(all, s.Name)
	}
	return all
}

// takers names the treatments that are made for the type of a column.
func takers(c transform.Column) string {
	var names []string
	for _, s := range All() {
		if !s.Anything && s.Takes(c.Type.Family) {
			names = append(names, s.Name)
		}
	}
	if names == nil {
		return ""
	}
	return fmt.Sprintf("; treatments of %s: %s", treatment.TypeName(c), strings.Join(names, ", "))
}

func familyList(s *transform.Spec) string {
	var list []string
	for _, f := range s.Families {
		list = append(list, string(f))
	}
	if s.Alone {
		return strings.Join(list, ", ")
	}
	return strings.Join(list, ", ") + ", and arrays of these"
}

// Fixed returns the text that constant or redact gives for every value. It reports false for other treatments, for a
// use with a condition, and for arrays.
func Fixed(c transform.Column, u transform.Use) (string, bool) {
	if !u.Is("constant") && !u.Is("redact") || c.Type.Family == catalog.Array {
		return "", false
	}
	b, err := prepare(c, u)
	if err != nil {
		return "", false
	}
	text, null, err := b.Build(nil).Append(nil, transform.Cell{Text: []byte("x")}, nil)
	return string(text), err == nil && !null
}
