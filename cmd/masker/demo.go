package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/internal/demo"
)

func (a *app) demo() *cobra.Command {
	var dir string
	var clean bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show a complete refresh on a throw-away PostgreSQL server",
		Long: "Demo starts its own PostgreSQL server and makes a production database of a shop. Then it drafts rules,\n" +
			"completes them, signs and approves them, and refreshes a staging database. The server keeps running, so\n" +
			"that you can look at both databases. Demo prints how to connect. masker demo --clean removes everything.",
		Example: "  masker demo\n  masker demo --clean",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if clean {
				return a.cleanDemo(dir)
			}
			return a.runDemo(cmd.Context(), dir)
		},
	}
	c.Flags().StringVar(&dir, "dir", "demo", "`folder` for the server and the files")
	c.Flags().BoolVar(&clean, "clean", false, "stop the server and remove the folder")
	return c
}

func (a *app) cleanDemo(dir string) error {
	was, err := demo.Clean(dir)
	switch {
	case errors.Is(err, demo.ErrForeign):
		return usage("the demo did not make the folder %s; remove it yourself if nobody needs it", dir)
	case err != nil || !was:
		return err
	}
	_, err = fmt.Fprintf(a.out, "the demo's server is stopped and %s is removed\n", dir)
	return err
}

func (a *app) runDemo(ctx context.Context, dir string) error {
	d := demo.Demo{Dir: dir, Out: a.out, Env: a.env, Log: func(line string) { fmt.Fprintln(a.err, line) }}
	d.Verb = func(ctx context.Context, args ...string) (int, error) {
		again := &app{stdio: a.stdio, env: a.env}
		root := again.root()
		root.SetArgs(args)
		root.SetIn(a.in)
		root.SetOut(a.out)
		root.SetErr(a.err)
		err := root.ExecuteContext(ctx)
		return exitCode(err), err
	}
	err := d.Run(ctx)
	if errors.Is(err, demo.ErrExists) {
		return usage("%s exists; masker demo --clean removes the last demo", dir)
	}
	return err
}
