package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/ledger/show"
)

func (a *app) ledgerVerify(at ledgerFinder) *cobra.Command {
	var key string
	var since []string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Is the ledger what was recorded? Offline",
		Long: "Verify reads every record and holds it against the signed checkpoint, and the ledger against checkpoints that\n" +
			"were saved earlier. It finds what was edited, removed, added, moved or cut off, and names the first bad\n" +
			"record; a saved checkpoint also shows what the holder of the signing key rewrote or rolled back.\n" +
			"It needs no network, no configuration where --ledger is given, and writes nothing.\n\n" +
			"Without --key the ledger's own key file is asked, which proves nothing to somebody who mistrusts this\n" +
			"machine: they keep the key that masker ledger key printed. Exit code 0: whole. 1: not.",
		Example: "  masker ledger verify\n  masker ledger verify --ledger /mnt/copy/ledger --key masker.vkey --since checkpoint-march.txt",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dir, o, err := at()
			if err != nil {
				return err
			}
			return a.verifyLedger(dir, o, key, since)
		},
	}
	c.Flags().StringVar(&key, "key", "", "`VKEY|FILE`: the ledger's public key, as masker ledger key prints it")
	c.Flags().StringArrayVar(&since, "since", nil, "`file` with a checkpoint that was saved; may be given several times")
	return c
}

func (a *app) verifyLedger(dir string, o ledger.Options, key string, since []string) error {
	asked := "its own; to trust nobody here, give the one you kept with --key"
	if key != "" {
		asked = "as given"
		keys, err := a.verifierKeys([]string{key})
		if err != nil {
			return err
		}
		key = keys[0]
	} else {
		var err error
		if key, err = publicKey(dir, o); err != nil {
			return fmt.Errorf("%w; give the one you kept with --key", err)
		}
	}
	var saved []string
	for _, file := range since {
		text, err := os.ReadFile(file)
		if err != nil {
			return usage("--since: %w", err)
		}
		saved = append(saved, string(text))
	}
	r, err := ledger.Verify(dir, key, saved...)
	var bad *ledger.Tampered
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	if _, werr := fmt.Fprint(a.out, show.Verified(dir, key, asked, r)); werr != nil {
		return werr
	}
	if err == nil {
		_, err = fmt.Fprintln(a.out, "result      whole: every record read is what was recorded")
	}
	return err
}
