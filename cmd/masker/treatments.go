package main

import (
	"github.com/spf13/cobra"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/transform/show"
)

func (a *app) treatments() *cobra.Command {
	return &cobra.Command{
		Use:   "treatments [NAME]",
		Short: "Print the reference of treatments, with examples",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return show.List(a.out)
			}
			spec, ok := library.Lookup(args[0])
			if !ok {
				return usage("there is no treatment %q%s; masker treatments lists them", args[0], spell.Mean(args[0], library.Names()))
			}
			return show.Treatment(a.out, spec)
		},
	}
}
