// Package treatment holds what all treatments need: their definition, their parameters, their seeds, and access to the
// other columns that they read. It does not import any treatment.
package treatment

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// Definition is a treatment: its documentation, and the functions that check and compile it.
type Definition struct {
	transform.Spec
	Reads  func(u transform.Use) ([]transform.Wanted, error) // other columns that the treatment reads; nil for none
	Scalar func(c transform.Column, u transform.Use, a *Args) (ScalarPlan, error)
	Whole  func(by Planner, c transform.Column, u transform.Use, a *Args) (Blueprint, error) // in place of Scalar, for a treatment that itself handles NULL and makes its seeds
}

// Planner plans the treatments that a treatment contains: the treatments of a document's parts, and the treatments of
// the columns that it reads.
type Planner interface {
	Plan(c transform.Column, u transform.Use) (Blueprint, error)
	Takes(treatment string, f catalog.Family) bool // also false if there is no treatment with that name
}

// Scalar treats values that are not NULL. seed is nil if the ScalarPlan has no Seed.
type Scalar interface {
	Append(dst, in []byte, seed *transform.Seed) ([]byte, error)
}

// ScalarPlan is a checked treatment of single values. Build compiles it with keys.
type ScalarPlan struct {
	Traits transform.Traits
	Blind  bool            // the result does not depend on the value
	Words  func() []string // returns the words that results consist of; nil if there is no list of them
	Seed   string          // name of the family of treatments that share seeds, for example "fake"; "" for a treatment without a seed
	Build  func(transform.Keys) Scalar
}

// Blueprint is a checked treatment of a column. Build compiles it with keys.
type Blueprint struct {
	Traits transform.Traits
	Build  func(transform.Keys) transform.Transform
	Blind  bool            // the result does not depend on the value, unless it is NULL
	Words  func() []string // returns the words that results consist of, except parts of the value; nil if there is no list of them
}
