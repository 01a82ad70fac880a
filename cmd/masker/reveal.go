package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/reveal"
)

// maxTokenBytes bounds what is read from stdin.
const maxTokenBytes = 16 << 20

func (a *app) reveal() *cobra.Command {
	r := revealing{app: a}
	c := &cobra.Command{
		Use:   "reveal --column SCHEMA.TABLE.COLUMN [TOKEN…]",
		Short: "Give back the values behind tokens of the treatment reversible",
		Long: "Reveal opens tokens that a refresh made of a column with the treatment reversible. It works only\n" +
			"where the flow's configuration names the column under reveal, wants a reason, and writes who asked,\n" +
			"for what column, how many and why into the ledger before it prints anything. Tokens come as\n" +
			"arguments, or one a line on stdin. The schema is asked for the column's rule; no row is read.",
		Example: "  masker reveal --flow nightly --column public.customers.email --reason 'ticket 4711' rv1.0c0579ec.…\n" +
			"  masker reveal --column public.customers.email --reason 'ticket 4711' --format json < tokens.txt",
		RunE: func(cmd *cobra.Command, args []string) error { return r.run(cmd.Context(), args) },
	}
	flowFlag(c, &r.flow)
	c.Flags().StringVar(&r.column, "column", "", "the `column` the tokens are of, schema.table.column")
	c.Flags().StringVar(&r.reason, "reason", "", "`why`, for the ledger; a terminal is asked for it")
	c.Flags().StringVar(&r.format, "format", "text", "`text|json`: a value a line, or a JSON string a line")
	return c
}

// revealing is one reveal.
type revealing struct {
	*app
	flow, column, reason, format string
}

// run asks the policy, then for the reason, then opens, then records, and only then prints.
func (r *revealing) run(ctx context.Context, tokens []string) error {
	if err := oneOf("format", r.format, "text", "json"); err != nil {
		return err
	}
	c, name, f, err := r.named(r.flow)
	if err != nil {
		return err
	}
	if r.column, err = settings.ColumnName(r.column); err != nil {
		return usage("--column: %w", err)
	}
	g := c.GuardFlow(name, f)
	if err := g.AllowReveal(r.column, "asked below"); err != nil {
		return err
	}
	if r.reason == "" && len(tokens) > 0 {
		r.reason = r.askReason()
	}
	if err := g.AllowReveal(r.column, r.reason); err != nil {
		return err
	}
	if tokens, err = r.tokens(tokens); err != nil {
		return err
	}
	p, err := r.build(ctx, name)
	if err != nil {
		return err
	}
	rings, err := c.rings(ctx, f)
	if err != nil {
		return err
	}
	values, err := reveal.Open(reveal.Request{
		Flow: g, Plan: p, Rings: rings, Column: r.column, Tokens: tokens, Reason: r.reason, Actor: actor(r.env), Record: c.recordReveal,
	})
	if err != nil {
		return err
	}
	return r.print(values)
}

// askReason asks a person; whoever is none gives no answer.
func (r *revealing) askReason() string {
	in, ok := r.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) || !isTerminal(r.err) {
		return ""
	}
	fmt.Fprint(r.err, "Why? It goes into the ledger: ")
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		return ""
	}
	return strings.TrimSpace(line)
}

// tokens are the arguments, or the lines of stdin.
func (r *revealing) tokens(args []string) ([]string, error) {
	if len(args) == 0 {
		data, err := io.ReadAll(io.LimitReader(r.in, maxTokenBytes+1))
		if err != nil {
			return nil, fmt.Errorf("reading tokens: %w", err)
		}
		if len(data) > maxTokenBytes {
			return nil, usage("stdin holds more than %d MB; reveal a few tokens at a time", maxTokenBytes>>20)
		}
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimSpace(line); line != "" {
				args = append(args, line)
			}
		}
	}
	if len(args) == 0 {
		return nil, usage("there is no token; give them as arguments, or one a line on stdin")
	}
	return args, nil
}

// rings are the flow's key and those it replaced.
func (c *config) rings(ctx context.Context, f settings.Flow) ([]*keyring.Ring, error) {
	name := c.KeyName(f)
	if name == "" {
		return nil, usage("the flow has a key made for each run and forgotten: nobody can reveal anything")
	}
	var rings []*keyring.Ring
	for _, location := range c.Keys[name].All() {
		ring, err := c.open(ctx, name, location)
		if err != nil {
			return nil, err
		}
		rings = append(rings, ring)
	}
	return rings, nil
}

// recordReveal makes the entry durable.
func (c *config) recordReveal(entry ledger.Reveal) error {
	l, err := c.openLedger()
	if err != nil {
		return err
	}
	return errors.Join(l.Reveal(entry), l.Close())
}

// print writes the values to stdout and nowhere else. A terminal gets no control characters.
func (r *revealing) print(values []string) error {
	w := bufio.NewWriter(r.out)
	for _, v := range values {
		if r.format == "json" {
			data, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("a value cannot be written as JSON")
			}
			v = string(report.ASCII(data))
		} else if isTerminal(r.out) {
			v = report.Clean(v)
		}
		fmt.Fprintln(w, v)
	}
	return w.Flush()
}
