package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/report"
)

// ledgerAt is the ledger's folder and the key that signs it.
func (c *config) ledgerAt() (string, ledger.Options, error) {
	var o ledger.Options
	if c.Ledger.Path == "" {
		return "", o, usage("%s names no ledger; add ledger: {path: ledger/}", c.File())
	}
	dir, err := c.Expand("ledger.path", c.Path(c.Ledger.Path))
	if err == nil && c.Ledger.Signer != "" {
		o.Signer, err = c.Expand("ledger.signer", c.Path(c.Ledger.Signer))
	}
	return dir, o, err
}

func (c *config) openLedger() (*ledger.Ledger, error) {
	dir, o, err := c.ledgerAt()
	if err != nil {
		return nil, err
	}
	return ledger.Open(dir, o)
}

func (a *app) ledger() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "ledger",
		Short: "What moved where, when, by whom and under which rules",
		Long: "The ledger is the log of every movement: an append-only file whose records are a Merkle tree with signed\n" +
			"checkpoints. Whoever has its public key and an old checkpoint can tell offline whether it was changed.\n" +
			"It holds no value of any row.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.PersistentFlags().StringVar(&dir, "ledger", "", "`folder` of the ledger; no configuration is needed then")
	at := func() (string, ledger.Options, error) {
		if dir != "" {
			return dir, ledger.Options{}, nil
		}
		config, err := loadConfig(a.configFile, a.env)
		if err != nil {
			return "", ledger.Options{}, err
		}
		if err := config.FixedForAll(); err != nil {
			return "", ledger.Options{}, err
		}
		return config.ledgerAt()
	}
	c.AddCommand(a.ledgerShow(at), a.ledgerVerify(at), a.ledgerExport(at), a.ledgerSeal(at), a.ledgerKey(at), a.ledgerCheckpoint(at))
	for _, verb := range c.Commands() {
		asUsage(verb)
	}
	return c
}

// ledgerFinder finds the ledger a verb was asked about.
type ledgerFinder func() (string, ledger.Options, error)

func (a *app) ledgerSeal(at ledgerFinder) *cobra.Command {
	return &cobra.Command{
		Use:   "seal",
		Short: "Finish the ledger's file and begin another",
		Long: "Seal ends ledger.jsonl with a record that says so and names it after its first record. A sealed file never\n" +
			"changes again and may be moved to an archive; what follows still verifies, and verify says what is archived.\n" +
			"The file hashes stays: it proves archived records once they are brought back.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dir, o, err := at()
			if err != nil {
				return err
			}
			l, err := ledger.Open(dir, o)
			if err != nil {
				return err
			}
			defer l.Close()
			if err := l.Seal(); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "sealed; the last record is %d, and this is the checkpoint to keep:\n\n%s", l.Checkpoint().Size, l.Checkpoint().Note)
			return err
		},
	}
}

func (a *app) ledgerKey(at ledgerFinder) *cobra.Command {
	return &cobra.Command{
		Use:   "key",
		Short: "Print the ledger's public key, with which anybody verifies it",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dir, o, err := at()
			if err != nil {
				return err
			}
			key, err := publicKey(dir, o)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.out, key)
			return err
		},
	}
}

func (a *app) ledgerCheckpoint(at ledgerFinder) *cobra.Command {
	return &cobra.Command{
		Use:   "checkpoint",
		Short: "Print the current checkpoint, to be kept where the ledger's keeper cannot reach it",
		Long: "A checkpoint vouches for all records so far. Kept elsewhere (in a mail, a ticket, another machine), it shows\n" +
			"later whether they were rewritten, even by somebody who holds the signing key: ledger verify --since FILE.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dir, o, err := at()
			if err != nil {
				return err
			}
			key, err := publicKey(dir, o)
			if err != nil {
				return err
			}
			text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
			if err != nil {
				return fmt.Errorf("the ledger has no checkpoint: %w", err)
			}
			c, err := ledger.ParseCheckpoint(string(text), key)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(a.out, c.Note)
			return err
		},
	}
}

// publicKey is the ledger's own public key, read without touching the ledger.
func publicKey(dir string, o ledger.Options) (string, error) {
	key, err := ledger.PublicKey(dir, o)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("the ledger's key is not there; it is made with the ledger's first record: %w", err)
	}
	return key, err
}

// sinceTime reads how far back to look: a duration, days as 7d, or a point in time.
func sinceTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if d, err := time.ParseDuration(days + "h"); err == nil && d >= 0 {
			return now().Add(-24 * d), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now().Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage("--since %q: want a date (2006-01-02), a time (2006-01-02T15:04:05Z) or how long ago (36h, 7d)", report.Clean(text))
}
