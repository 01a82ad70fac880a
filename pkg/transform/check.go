package transform

import (
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// Check says what a treatment promises on a column, or why it cannot be put to work there.
// It needs no keys. Its errors are *ParamError.
func Check(c Column, u Use) (Traits, error) {
	if err := sampledAlone(c, u); err != nil {
		return Traits{}, err
	}
	b, err := prepare(c, u)
	if err != nil {
		return Traits{}, err
	}
	return b.traits, nil
}

// Compile makes the whole treatment of a column: NULLs, arrays, JSON paths and subjects included.
// It accepts exactly what Check does, but that sample needs its Model.
func Compile(c Column, u Use, k Keys) (Transform, error) {
	if err := sampledAlone(c, u); err != nil {
		return nil, err
	}
	b, err := prepare(c, u)
	if err == nil {
		err = modelled(c, u)
	}
	if err != nil {
		return nil, err
	}
	return b.build(k), nil
}

// everything plans with every treatment there is.
type everything struct{}

func (everything) takes(treatment string, f catalog.Family) bool {
	spec, ok := Lookup(treatment)
	return ok && spec.Takes(f)
}

func (everything) plan(c Column, u Use) (blueprint, error) { return prepare(c, u) }

func prepare(c Column, u Use) (blueprint, error) {
	spec, ok := find(u.Treatment)
	if !ok {
		return blueprint{}, &ParamError{"treat", fmt.Sprintf("there is no treatment %q%s", u.Treatment, nearest(u.Treatment, names()))}
	}
	if len(u.Paths) > 0 && spec.Parts == "" {
		return blueprint{}, &ParamError{"paths", "only the treatment json has paths"}
	}
	if u.When != "" {
		return prepareWhen(c, u)
	}
	for _, p := range u.Paths {
		if p.Use.When != "" {
			return blueprint{}, &ParamError{p.Path, "when cannot stand inside a document; put it on the column"}
		}
	}
	if u.Else != nil {
		return blueprint{}, &ParamError{"else", "means nothing without when"}
	}
	wanted, err := Reads(u)
	if err == nil {
		err = resolved(u, wanted)
	}
	if err != nil {
		return blueprint{}, err
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
		return blueprint{}, &ParamError{"treat", fmt.Sprintf("%s cannot take type %s; it takes %s", spec.Name, typeName(c), familyList(&spec.Spec))}
	}
	a, err := readArgs(&spec.Spec, u.Params)
	if err != nil {
		return blueprint{}, err
	}
	if spec.whole != nil {
		return spec.whole(everything{}, c, u, a)
	}
	p, err := spec.scalar(c, u, a)
	if err == nil {
		err = a.problem()
	}
	if err != nil {
		return blueprint{}, err
	}
	return wrap(c, u, p)
}

func names() []string {
	var all []string
	for _, s := range Library() {
		all = append(all, s.Name)
	}
	return all
}

func familyList(s *Spec) string {
	var list []string
	for _, f := range s.Families {
		list = append(list, string(f))
	}
	if s.Alone {
		return strings.Join(list, ", ")
	}
	return strings.Join(list, ", ") + ", and arrays of these"
}
