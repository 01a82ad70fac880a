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
		Short: "Check offline that nobody changed the ledger",
		Long: "Verify reads all records and compares them with the signed checkpoint. It finds records that were edited,\n" +
			"removed, added, moved or cut off, and names the first bad record. With --since it also compares the ledger\n" +
			"with saved checkpoints. This finds records that somebody with the signing key rewrote or rolled back.\n" +
			"Verify needs no network and changes nothing. With --ledger it needs no configuration.\n\n" +
			"Without --key, verify uses the ledger's own key file. If you do not trust this machine, give --key with the\n" +
			"key that masker ledger key printed earlier.\n\n" +
			"The exit code is 0 if nothing was changed, and 1 otherwise.",
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
	c.Flags().StringArrayVar(&since, "since", nil, "`file` with a saved checkpoint. May be given more than once")
	return c
}

func (a *app) verifyLedger(dir string, o ledger.Options, key string, since []string) error {
	keyFrom := "from the ledger's own key file; if you do not trust this machine, give the key you kept with --key"
	if key != "" {
		keyFrom = "as given"
		keys, err := a.verifierKeys([]string{key})
		if err != nil {
			return err
		}
		key = keys[0]
	} else {
		var err error
		if key, err = publicKey(dir, o); err != nil {
			return fmt.Errorf("%w; give the key you kept with --key", err)
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
	if _, werr := fmt.Fprint(a.out, show.Verified(dir, key, keyFrom, r)); werr != nil {
		return werr
	}
	if err == nil {
		_, err = fmt.Fprintln(a.out, "result      whole: nobody changed the records that were read")
	}
	return err
}
