package transform

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// definition is a treatment: its documentation, and how it is checked and compiled.
type definition struct {
	Spec
	reads  func(u Use) ([]Wanted, error) // the other columns of the row it looks at; nil where none
	scalar func(c Column, u Use, a *args) (scalarPlan, error)
	whole  func(by planner, c Column, u Use, a *args) (blueprint, error) // instead of scalar: it handles NULL and seeding itself
}

// planner plans the treatments that a treatment is made of: those of a document's parts, of the columns it reads.
type planner interface {
	plan(c Column, u Use) (blueprint, error)
	takes(treatment string, f catalog.Family) bool // false also where there is no such treatment
}

// scalar gives a non-null value's result. seed is nil unless its plan asked for one.
type scalar interface {
	append(dst, in []byte, seed *Seed) ([]byte, error)
}

// scalarPlan is a checked treatment of single values, before it has keys.
type scalarPlan struct {
	traits Traits
	seed   string // the family of treatments that shares seeds, such as "fake"; "" where none is wanted
	build  func(Keys) scalar
}

// blueprint is a checked treatment of a column, before it has keys.
type blueprint struct {
	traits Traits
	build  func(Keys) Transform
}

// entry is a treatment's name and its definition, which is built where it is wanted: plans look treatments up several
// times per column, and a definition carries all its documentation.
type entry struct {
	name       string
	definition func() *definition
}
