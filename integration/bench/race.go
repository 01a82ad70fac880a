package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/masker-project/masker/internal/pglocal"
)

type bench struct {
	settings
	server        *pglocal.Server
	work          string
	version       string
	heap          int64 // bytes of all tables, without indexes
	customersHeap int64
}

// contender is one way to copy the source into an empty database.
type contender struct {
	name    string
	rows    int64 // number of rows that it copies
	bytes   int64 // size of the source's tables that it copies
	treated int64 // number of values that it treats
	target  string
	orders  bool                                       // whether it also copies the tables orders and tickets
	count   func(ctx context.Context, db string) error // checks the number of copied rows; nil if nobody counts them
	prepare func(ctx context.Context) error
	run     func(ctx context.Context) (sample, error)
	samples []sample
}

// sample is one timed run.
type sample struct {
	Seconds float64 `json:"seconds"`
	Rows    float64 `json:"rows_phase_seconds,omitempty"` // seconds of the rows phase; masker only
	CPU     float64 `json:"cpu_seconds,omitempty"`        // CPU time of the program, without the server
	Server  float64 `json:"server_cpu_seconds,omitempty"`
	Peak    int64   `json:"peak_memory_bytes,omitempty"`
}

// race runs every contender once in each round, so that other load on the machine affects all of them.
func (b *bench) race(ctx context.Context, contenders []*contender) error {
	for round := 1; round <= b.rounds; round++ {
		for _, c := range contenders {
			s, err := b.once(ctx, c)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			c.samples = append(c.samples, s)
			fmt.Fprintf(os.Stderr, "round %d  %-44s %7.2f s\n", round, c.name, s.Seconds)
		}
	}
	return nil
}

func (b *bench) once(ctx context.Context, c *contender) (sample, error) {
	if err := b.drop(ctx, c.target); err != nil {
		return sample{}, err
	}
	if c.prepare != nil {
		if err := c.prepare(ctx); err != nil {
			return sample{}, err
		}
	}
	// Writes that are left from earlier contenders must not slow this one down.
	if err := b.exec(ctx, "postgres", "CHECKPOINT"); err != nil {
		return sample{}, err
	}
	used, begin := b.serverCPU(), time.Now()
	s, err := c.run(ctx)
	if err != nil {
		return sample{}, err
	}
	s.Seconds = time.Since(begin).Seconds()
	if err := b.settle(ctx); err != nil {
		return sample{}, err
	}
	s.Server = b.serverCPU() - used
	if c.count != nil {
		if err := c.count(ctx, c.target); err != nil {
			return sample{}, err
		}
	}
	return s, b.drop(ctx, c.target)
}

func (b *bench) drop(ctx context.Context, db string) error {
	return b.exec(ctx, "postgres", "DROP DATABASE IF EXISTS "+db+" WITH (FORCE)")
}

func (b *bench) contenders() ([]*contender, error) {
	all := b.baselines()
	if b.masker != "" {
		ours, err := b.maskers()
		if err != nil {
			return nil, err
		}
		all = append(all, ours...)
	}
	if b.greenmask != "" {
		theirs, err := b.greenmasks()
		if err != nil {
			return nil, err
		}
		all = append(all, theirs)
	}
	only, err := regexp.Compile(b.only)
	if err != nil {
		return nil, err
	}
	var chosen []*contender
	for _, c := range all {
		c.count = func(ctx context.Context, db string) error { return b.count(ctx, db, c.orders) }
		if only.MatchString(c.name) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("-only %s: no contender", b.only)
	}
	return chosen, nil
}
