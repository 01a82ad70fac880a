package main

import (
	"github.com/spf13/cobra"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
)

// config is masker.yaml, with what the verbs do with it.
type config struct{ *settings.Config }

func loadConfig(file string, env map[string]string) (*config, error) {
	c, err := settings.Load(file, env)
	if err != nil {
		return nil, err
	}
	return &config{c}, nil
}

func flowFlag(c *cobra.Command, flow *string) {
	c.Flags().StringVarP(flow, "flow", "f", "", "`name` of the flow; not needed where there is only one")
}

// named finds the flow that a verb was asked for, and refuses an environment that would move what decides trust.
func (a *app) named(flow string) (*config, string, settings.Flow, error) {
	c, err := loadConfig(a.configFile, a.env)
	if err != nil {
		return nil, "", settings.Flow{}, err
	}
	name, f, err := c.Named(flow)
	if err == nil {
		err = c.Fixed(name)
	}
	return c, name, f, err
}
