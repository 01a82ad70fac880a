// Command bench compares a masked refresh with unmasked copies of the same database, on a throw-away server. Each round
// runs every contender once. The result compares the medians. Bench starts masker as a program, as a user does.
//
// With some flags, it measures something else instead: databases of unusual shape, a subset, a branch, or the
// verification of many people.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/masker-project/masker/internal/pglocal"
)

// settings are the options of the command line.
type settings struct {
	customers int
	rounds    int
	out       string
	masker    string
	greenmask string
	wal       string
	only      string
	tables    int
	columns   int
	subset    int
	branch    bool
	people    int
	memory    string
}

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	var s settings
	flag.IntVar(&s.customers, "scale", 1_000_000, "number of customers. There are three times as many orders")
	flag.IntVar(&s.rounds, "rounds", 3, "number of rounds. The result is the median")
	flag.StringVar(&s.out, "out", "bin/bench", "folder for the results and for temporary files")
	flag.StringVar(&s.masker, "masker", "bin/masker", "masker's program. \"\" runs the unmasked copies only")
	flag.StringVar(&s.greenmask, "greenmask", os.Getenv("GREENMASK"), "greenmask's program, if greenmask is to run too")
	flag.StringVar(&s.wal, "wal", "default", "wal_level of the server: default or minimal")
	flag.StringVar(&s.only, "only", "", "run only contenders whose names match this regular expression")
	flag.IntVar(&s.tables, "tables", 0, "compare copies of a database with this number of small tables instead")
	flag.IntVar(&s.columns, "columns", 0, "compare copies of one table with this number of columns instead")
	flag.IntVar(&s.subset, "subset", 0, "compare a subset with this percentage of the customers with all rows instead")
	flag.BoolVar(&s.branch, "branch", false, "compare a branch of a target with the copy alone instead")
	flag.IntVar(&s.people, "sampled", 0, "verify a table of this number of people strictly instead, and count the leaks that are found")
	flag.StringVar(&s.memory, "memory", "256MB", "memory for fingerprints, with -sampled")
	flag.Parse()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) (err error) {
	config := map[string]string{}
	switch s.wal {
	case "default":
	case "minimal":
		config["wal_level"], config["max_wal_senders"] = "minimal", "0"
	default:
		return fmt.Errorf("-wal %s: want default or minimal", s.wal)
	}
	for _, path := range []*string{&s.out, &s.masker, &s.greenmask} {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return err
	}
	server, err := pglocal.Start(ctx, pglocal.Options{Settings: config, Log: func(line string) { fmt.Fprintln(os.Stderr, line) }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	work, err := os.MkdirTemp(s.out, "work-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	b := &bench{settings: s, server: server, work: work}
	switch {
	case s.tables > 0:
		return b.raceShape(ctx, manyTables(s.tables))
	case s.columns > 0:
		return b.raceShape(ctx, wideTable(s.columns, wideRows))
	case s.subset > 0:
		return b.raceSubset(ctx)
	case s.branch:
		return b.raceBranch(ctx)
	case s.people > 0:
		return b.sampled(ctx)
	}
	if err := b.fill(ctx); err != nil {
		return err
	}
	contenders, err := b.contenders()
	if err != nil {
		return err
	}
	if err := b.race(ctx, contenders); err != nil {
		return err
	}
	return b.report(os.Stdout, contenders)
}
