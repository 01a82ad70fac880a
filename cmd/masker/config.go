package main

import (
	"github.com/spf13/cobra"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
)

// config is masker.yaml, with methods that the verbs share.
type config struct{ *settings.Config }

func loadConfig(file string, env map[string]string) (*config, error) {
	c, err := settings.Load(file, env)
	if err != nil {
		return nil, err
	}
	return &config{c}, nil
}

func flowFlag(c *cobra.Command, flow *string) {
	c.Flags().StringVarP(flow, "flow", "f", "", "`name` of the flow. Not needed if there is only one")
}

// findFlow returns the configuration and the flow that a verb is for. It refuses environment variables that change what
// the flow trusts (see CheckOverrides).
func (a *app) findFlow(flow string) (*config, string, settings.Flow, error) {
	c, err := loadConfig(a.configFile, a.env)
	if err != nil {
		return nil, "", settings.Flow{}, err
	}
	name, f, err := c.FindFlow(flow)
	if err == nil {
		err = c.CheckOverrides(name)
	}
	return c, name, f, err
}
