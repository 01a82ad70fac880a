package target

import "context"

// Finish x
func (s *Shadow) Finish(ctx context.Context) error { return nil }

// Hook is a SQL script that runs on the shadow before it is published.
type Hook struct {
	Name string // of its file, for errors
	SQL  string
}

// Hooks x
func (s *Shadow) Hooks(ctx context.Context, hooks []Hook) error { return nil }

// ReapplyGrants x
func (s *Shadow) ReapplyGrants(ctx context.Context) (lost []string, err error) { return nil, nil }

// Publish x
func (s *Shadow) Publish(ctx context.Context) error { return nil }
