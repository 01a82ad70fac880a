// Package treatment is what treatments are made with: their definition, the parameters they read, their seeds, and the
// columns they look at. It knows none of them.
package treatment

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// Definition is a treatment: its documentation, and how it is checked and compiled.
type Definition struct {
	transform.Spec
	Reads  func(u transform.Use) ([]transform.Wanted, error) // the other columns of the row it looks at; nil where none
	Scalar func(c transform.Column, u transform.Use, a *Args) (ScalarPlan, error)
	Whole  func(by Planner, c transform.Column, u transform.Use, a *Args) (Blueprint, error) // instead of scalar: it handles NULL and seeding itself
}

// Planner plans the treatments that a treatment is made of: those of a document's parts, of the columns it reads.
type Planner interface {
	Plan(c transform.Column, u transform.Use) (Blueprint, error)
	Takes(treatment string, f catalog.Family) bool // false also where there is no such treatment
}

// Scalar gives a non-null value's result. seed is nil unless its plan asked for one.
type Scalar interface {
	Append(dst, in []byte, seed *transform.Seed) ([]byte, error)
}

// ScalarPlan is a checked treatment of single values, before it has keys.
type ScalarPlan struct {
	Traits transform.Traits
	Seed   string // the family of treatments that shares seeds, such as "fake"; "" where none is wanted
	Build  func(transform.Keys) Scalar
}

// Blueprint is a checked treatment of a column, before it has keys.
type Blueprint struct {
	Traits transform.Traits
	Build  func(transform.Keys) transform.Transform
}
