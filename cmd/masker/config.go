package main

import "github.com/masker-project/masker/cmd/masker/internal/settings"

// config is masker.yaml, with what the verbs do with it.
type config struct{ *settings.Config }

func loadConfig(file string, env map[string]string) (*config, error) {
	c, err := settings.Load(file, env)
	if err != nil {
		return nil, err
	}
	return &config{c}, nil
}
