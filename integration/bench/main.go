// Command bench measures a masked refresh against unmasked copies of the same database, on a throw-away server,
// side by side: every round runs every contender once, and the medians are compared. It knows masker only as a
// program, as a user meets it.
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

// settings are what the command line says.
type settings struct {
	customers int
	rounds    int
	out       string
	masker    string
	greenmask string
	wal       string
	only      string
}

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	var s settings
	flag.IntVar(&s.customers, "scale", 1_000_000, "customers; orders are three times as many")
	flag.IntVar(&s.rounds, "rounds", 3, "rounds; the median counts")
	flag.StringVar(&s.out, "out", "bin/bench", "folder for results and what the contenders write")
	flag.StringVar(&s.masker, "masker", "bin/masker", "the program to measure; \"\" = baselines only")
	flag.StringVar(&s.greenmask, "greenmask", os.Getenv("GREENMASK"), "greenmask's program, to measure it beside")
	flag.StringVar(&s.wal, "wal", "default", "default | minimal: wal_level of the server")
	flag.StringVar(&s.only, "only", "", "regular expression: the contenders to run")
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
