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

// maxTokenBytes is how many bytes of tokens stdin may hold.
const maxTokenBytes = 16 << 20

func (a *app) reveal() *cobra.Command {
	r := revealing{app: a}
	c := &cobra.Command{
		Use:   "reveal --column SCHEMA.TABLE.COLUMN [TOKEN…]",
		Short: "Print the original values of tokens that the treatment reversible made",
		Long: "Reveal opens tokens of a column with the treatment reversible. The flow must name the column under\n" +
			"reveal in masker.yaml, and you must give a reason. Before reveal prints a value, it writes into the\n" +
			"ledger who asked, for which column, for how many tokens, and why.\n\n" +
			"Give the tokens as arguments, or one on each line of stdin. Reveal reads the schema of the source to\n" +
			"find the column's rule. It reads no rows.",
		Example: "  masker reveal --flow nightly --column public.customers.email --reason 'ticket 4711' rv1.0c0579ec.…\n" +
			"  masker reveal --column public.customers.email --reason 'ticket 4711' --format json < tokens.txt",
		RunE: func(cmd *cobra.Command, args []string) error { return r.run(cmd.Context(), args) },
	}
	flowFlag(c, &r.flow)
	c.Flags().StringVar(&r.column, "column", "", "the `column` of the tokens: schema.table.column")
	c.Flags().StringVar(&r.reason, "reason", "", "the `reason` for the ledger. On a terminal, reveal asks for it")
	c.Flags().StringVar(&r.format, "format", "text", "`text|json`: one value or one JSON string on each line")
	return c
}

// revealing is one call of masker reveal.
type revealing struct {
	*app
	flow, column, reason, format string
}

// run checks the policy, asks for the reason, opens the tokens, records the reveal in the ledger, and only then prints
// the values.
func (r *revealing) run(ctx context.Context, tokens []string) error {
	if err := oneOf("format", r.format, "text", "json"); err != nil {
		return err
	}
	c, name, f, err := r.findFlow(r.flow)
	if err != nil {
		return err
	}
	if r.column == "" {
		return usage("--column SCHEMA.TABLE.COLUMN is needed: the column that the tokens are from")
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

// askReason asks for the reason on the terminal. It returns "" if there is no terminal.
func (r *revealing) askReason() string {
	in, ok := r.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) || !isTerminal(r.err) {
		return ""
	}
	fmt.Fprint(r.err, "Reason (it is written into the ledger): ")
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		return ""
	}
	return strings.TrimSpace(line)
}

// tokens returns the arguments, or the lines of stdin if there are no arguments.
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
		return nil, usage("there are no tokens; give them as arguments, or one on each line of stdin")
	}
	return args, nil
}

// rings returns the flow's key and its retired keys.
func (c *config) rings(ctx context.Context, f settings.Flow) ([]*keyring.Ring, error) {
	name := c.KeyName(f)
	if name == "" {
		return nil, usage("the flow's key is made for each run and then discarded, so nobody can reveal its tokens")
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

// recordReveal writes the entry into the ledger.
func (c *config) recordReveal(entry ledger.Reveal) error {
	l, err := c.openLedger()
	if err != nil {
		return err
	}
	return errors.Join(l.Reveal(entry), l.Close())
}

// print writes the values to stdout only. If stdout is a terminal, it escapes control characters.
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
