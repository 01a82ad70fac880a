package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/escrow"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/report"
)

// ledgerAt returns the ledger's folder and the options to open it with.
func (c *config) ledgerAt() (string, ledger.Options, error) {
	var o ledger.Options
	if c.Ledger.Path == "" {
		return "", o, usage("%s names no ledger; add ledger: {path: ledger/}", c.File())
	}
	dir, err := c.ExpandPath("ledger.path", c.Ledger.Path)
	if err == nil && c.Ledger.Signer != "" {
		o.Signer, err = c.ExpandPath("ledger.signer", c.Ledger.Signer)
	}
	return dir, o, err
}

// movementLedger returns the ledger for a movement, with the trusted keys and the checkpoint copy.
func (c *config) movementLedger() (l movement.Ledger, err error) {
	if l.Dir, l.Options, err = c.ledgerAt(); err != nil {
		return l, err
	}
	if l.Trusted, err = c.trustedKeys(); err != nil {
		return l, err
	}
	to := c.Ledger.Escrow
	if to.File != "" {
		if to.File, err = c.ExpandPath("ledger.escrow.file", to.File); err != nil {
			return l, err
		}
	}
	if l.Copy, err = escrow.New(to, c.Env()); err != nil {
		err = usage("%s: %w", c.At("ledger.escrow"), err)
	}
	return l, err
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
		Short: "Show, verify and export the log of movements",
		Long: "The ledger is the log of all movements: what moved where and when, who ran it, and under which rules. It\n" +
			"is an append-only file. The records form a Merkle tree, and the ledger signs its checkpoints. With the\n" +
			"ledger's public key and an old checkpoint, anybody can find out offline whether records were changed.\n" +
			"The ledger holds no values of rows.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.PersistentFlags().StringVar(&dir, "ledger", "", "`folder` of the ledger. The configuration is not read then")
	at := func() (string, ledger.Options, error) {
		if dir != "" {
			return dir, ledger.Options{}, nil
		}
		config, err := loadConfig(a.configFile, a.env)
		if err != nil {
			return "", ledger.Options{}, err
		}
		if err := config.CheckAllOverrides(); err != nil {
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

// ledgerFinder returns the folder and the options of the ledger that a verb is for.
type ledgerFinder func() (string, ledger.Options, error)

func (a *app) ledgerSeal(at ledgerFinder) *cobra.Command {
	return &cobra.Command{
		Use:   "seal",
		Short: "Close the ledger's file and begin a new one",
		Long: "Seal writes a last record into ledger.jsonl and renames the file after its first record. A sealed file\n" +
			"never changes again, and you may move it to an archive. The later records can still be verified, and\n" +
			"verify says which records are archived. Do not move the file named hashes. It proves archived records\n" +
			"when you bring them back.",
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
			_, err = fmt.Fprintf(a.out, "sealed; the last record is %d. Keep this checkpoint:\n\n%s", l.Checkpoint().Size, l.Checkpoint().Note)
			return err
		},
	}
}

func (a *app) ledgerKey(at ledgerFinder) *cobra.Command {
	return &cobra.Command{
		Use:   "key",
		Short: "Print the ledger's public key, which verifies the ledger",
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
		Short: "Print the current checkpoint",
		Long: "A checkpoint is the signed size and root hash of the ledger. Keep checkpoints where the people who run the\n" +
			"ledger cannot change them: in a mail, in a ticket or on another machine. Later masker ledger verify --since\n" +
			"FILE compares the ledger with a checkpoint. It finds rewritten records, even if somebody with the signing\n" +
			"key rewrote them.",
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

// publicKey reads the ledger's public key. It does not open or change the ledger.
func publicKey(dir string, o ledger.Options) (string, error) {
	key, err := ledger.PublicKey(dir, o)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("the ledger has no key yet; its first record makes one: %w", err)
	}
	return key, err
}

// sinceTime reads a point in time: a date, a time, or how long ago, such as 36h or 7d. "" is the zero time.
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
