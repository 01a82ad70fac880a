package transform

import (
	"slices"
	"strconv"
)

// prepareWhen chooses between two uses by a condition on the source row. Its Needs are those of the
// condition, of the use, and of its Else, one after the other.
func prepareWhen(c Column, u Use) (blueprint, error) {
	own, condition, err := reads(u)
	if err != nil {
		return blueprint{}, err
	}
	if u.Else == nil {
		return blueprint{}, &ParamError{"when", "needs else: what happens to the rows it does not hold for"}
	}
	wanted := Use{Treatment: "when", Reads: u.Reads[min(len(own), len(u.Reads)):]}
	if err := resolved(wanted, condition); err != nil {
		return blueprint{}, err
	}
	if err := checkCondition(u.When, wanted.Reads); err != nil {
		return blueprint{}, err
	}
	inner := u
	inner.When, inner.Else, inner.Reads = "", nil, u.Reads[:len(own)]
	then, err := prepare(c, inner)
	if err != nil {
		return blueprint{}, err
	}
	other, err := prepare(c, *u.Else)
	if err != nil {
		return blueprint{}, insideOf(ElseParam, err)
	}
	needs := [][]string{readNeeds(everything{}, wanted), then.traits.Needs, other.traits.Needs}
	traits := eitherOf(u, then.traits, other.traits)
	traits.Needs = slices.Concat(needs...)
	return blueprint{traits, func(k Keys) Transform {
		return &conditional{
			condition: newCondition(u.When, wanted.Reads, newReading(everything{}, wanted, k)),
			then:      then.build(k), other: other.build(k),
			thenRow: newView(len(needs[0])), otherRow: newView(len(needs[0]) + len(needs[1])),
		}
	}}, nil
}

// insideOf says where in a rule a nested use's error is.
func insideOf(place string, err error) error {
	if pe, ok := err.(*ParamError); ok {
		return &ParamError{place + pe.Param, pe.Text}
	}
	return err
}

// eitherOf is what can be promised of a column of which some values go one way and some the other.
func eitherOf(u Use, then, other Traits) Traits {
	t := Traits{Space: min(then.Space, other.Space), Discloses: worse(then.Discloses, other.Discloses), Shape: then.Shape}
	if then.Shape != other.Shape {
		t.Shape = strconv.Quote(then.Shape) + " or " + strconv.Quote(other.Shape)
	}
	switch { // NULLs are never duplicates
	case u.Treatment == "null":
		t.Unique = other.Unique
	case u.Else.Treatment == "null" && u.Else.When == "":
		t.Unique = then.Unique
	}
	return t
}

// conditional is a use with a condition. NULL stays NULL either way.
type conditional struct {
	condition         *condition
	then, other       Transform
	thenRow, otherRow *view
}

func (t *conditional) Append(dst []byte, in Cell, row Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	holds, err := t.condition.holds(row)
	if err != nil {
		return dst, false, err
	}
	if holds {
		return t.then.Append(dst, in, t.thenRow.of(row))
	}
	return t.other.Append(dst, in, t.otherRow.of(row))
}
