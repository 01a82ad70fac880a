package probe

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
)

// In returns the Lookup of a sealed collection.
func In(s *verify.Set) Lookup { return set{s} }

type set struct{ s *verify.Set }

func (s set) Prober() Prober { return prober{s.s.Prober()} }

// prober adapts verify.Prober to the interface Prober, whose methods return interfaces.
type prober struct{ *verify.Prober }

func (p prober) Target(place verify.Place) Target { return p.Prober.Target(place) }
func (p prober) Sum(table catalog.Name) Sum       { return p.Prober.Sum(table) }
