package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// Bounds on one reveal: a tool for a case at hand, not a way to undo a database.
const (
	maxTokens     = 10_000
	maxTokenBytes = 16 << 20
	maxReason     = 500
)

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
	c.Flags().StringVarP(&r.flow, "flow", "f", "", "`name` of the flow; not needed where there is only one")
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
	c, err := loadConfig(r.configFile, r.env)
	if err != nil {
		return err
	}
	name, f, err := c.Named(r.flow)
	if err == nil {
		err = c.Fixed(name)
	}
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
	domains, err := r.domains(ctx, name)
	if err != nil {
		return err
	}
	rings, err := c.rings(ctx, f)
	if err != nil {
		return err
	}
	values, err := open(tokens, rings, domains, f.To)
	if err != nil {
		return err
	}
	if err := r.saysNothing(tokens, values); err != nil {
		return err
	}
	if err := r.record(c, ledger.Reveal{Flow: name, Environment: f.To, Count: len(values), KeyIDs: fingerprints(rings)}); err != nil {
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
	switch {
	case len(args) == 0:
		return nil, usage("there is no token; give them as arguments, or one a line on stdin")
	case len(args) > maxTokens:
		return nil, usage("%d tokens are more than one reveal opens (%d)", len(args), maxTokens)
	}
	return args, nil
}

// domains are those that the column's rule seals in.
func (r *revealing) domains(ctx context.Context, flow string) ([]string, error) {
	p, err := r.build(ctx, flow)
	if err != nil {
		return nil, err
	}
	for _, t := range p.Tables {
		for _, col := range t.Columns {
			if t.Name.String()+"."+catalog.Quote(col.Name) != r.column {
				continue
			}
			if domains := library.ReversibleDomains(col.Use); len(domains) > 0 {
				return domains, nil
			}
			return nil, usage("%s becomes %s, which cannot be revealed; only reversible can", r.column, col.Use.Treatment)
		}
	}
	return nil, usage("the source has no column %s", r.column)
}

// rings are the flow's key and those it replaced.
func (c *config) rings(ctx context.Context, f settings.Flow) ([]*keyring.Ring, error) {
	name := c.KeyName(f)
	if name == "" {
		return nil, usage("the flow has a key made for each run and forgotten: nobody can reveal anything")
	}
	var rings []*keyring.Ring
	for _, place := range c.Keys[name].All() {
		ring, err := c.open(ctx, name, place)
		if err != nil {
			return nil, err
		}
		rings = append(rings, ring)
	}
	return rings, nil
}

// open opens every token or none. An error names a token by its number.
func open(tokens []string, rings []*keyring.Ring, domains []string, environment string) ([]string, error) {
	values := make([]string, 0, len(tokens))
	for i, token := range tokens {
		sealed, err := library.ParseSealed([]byte(token))
		if err != nil {
			return nil, usage("token %d: %w", i+1, err)
		}
		value, known, ok := openOne(sealed, rings, domains, environment)
		switch {
		case !known:
			return nil, fmt.Errorf("token %d: made with key %s…, which the configuration does not name; add it under retired", i+1, report.Clean(sealed.KeyID))
		case !ok:
			return nil, fmt.Errorf("token %d: the key is there and does not open it: it was changed, or is of another column or environment", i+1)
		}
		values = append(values, value)
	}
	return values, nil
}

func openOne(s transform.Sealed, rings []*keyring.Ring, domains []string, environment string) (value string, known, ok bool) {
	for _, ring := range rings {
		for _, domain := range domains {
			sealer := ring.For(environment).Sealer(domain)
			if sealer.KeyID() != s.KeyID {
				continue
			}
			known = true
			if value, ok := sealer.Open(s.Body); ok {
				if s.Bytes {
					return `\x` + hex.EncodeToString(value), true, true
				}
				return string(value), true, true
			}
		}
	}
	return "", known, false
}

// saysNothing refuses a reason that holds a token or a value: the ledger holds neither.
func (r *revealing) saysNothing(tokens, values []string) error {
	const telling = 4 // bytes; a shorter one may stand in any sentence
	if len(r.reason) > maxReason || !utf8.ValidString(r.reason) || strings.ContainsAny(r.reason, "\n\r") {
		return usage("the reason must be one line of at most %d bytes", maxReason)
	}
	for _, list := range [][]string{tokens, values} {
		for _, s := range list {
			if len(s) >= telling && strings.Contains(strings.ToLower(r.reason), strings.ToLower(s)) {
				return usage("the reason holds a token or what stands behind one; the ledger holds neither: name a ticket instead")
			}
		}
	}
	return nil
}

// record makes the entry durable.
func (r *revealing) record(c *config, entry ledger.Reveal) error {
	entry.Column, entry.Reason, entry.Actor = r.column, r.reason, actor(r.env)
	l, err := c.openLedger()
	if err != nil {
		return err
	}
	err = l.Reveal(entry)
	if cerr := l.Close(); err == nil {
		err = cerr
	}
	return err
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
