package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/doctor"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/movement"
)

func (a *app) doctor() *cobra.Command {
	var flow, format string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check files, keys, servers and this machine, and say how to correct each problem",
		Long: "Doctor checks everything that a refresh needs: who may read and change the files, the keys and the ledger,\n" +
			"the versions, roles and rights on both servers, clocks, disks, swap, core dumps and replication lag. It\n" +
			"reads no rows and changes nothing. It runs pg_dump, which locks the tables of the source for a moment, as a\n" +
			"reader does. If a server does not answer, doctor checks the rest.\n\n" +
			"The exit code is 1 if something has to be corrected before a refresh. It is 0 if there are only warnings.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			sheet := &doctor.Sheet{}
			if err := a.examine(cmd.Context(), flow, sheet); err != nil {
				return err
			}
			return a.writeSheet(sheet, format)
		},
	}
	c.Flags().StringVarP(&flow, "flow", "f", "", "`name` of the flow. Default: all flows")
	c.Flags().StringVar(&format, "format", "text", "`text|json`")
	return c
}

// writeSheet prints the sheet. It returns an error if the sheet has problems.
func (a *app) writeSheet(sheet *doctor.Sheet, format string) error {
	write := sheet.Text
	if format == "json" {
		write = sheet.JSON
	}
	if err := write(a.out); err != nil {
		return err
	}
	if n := sheet.Count(doctor.Problem); n > 0 {
		return &coded{exitFailed, fmt.Errorf("%s to correct before a refresh", spell.Count(n, "problem"))}
	}
	return nil
}

// examine checks what all flows share, and then each flow. If the argument only names a flow, it checks only this flow.
func (a *app) examine(ctx context.Context, only string, s *doctor.Sheet) error {
	c, err := loadConfig(a.configFile, a.env)
	if err != nil {
		if only != "" {
			return err
		}
		s.Problem("config", "correct the configuration; docs/configuration.md", "%s", firstLine(err))
		s.Machine()
		return nil
	}
	names := slices.Sorted(maps.Keys(c.Flows))
	if only != "" || len(names) == 0 {
		name, _, err := c.FindFlow(only)
		if err != nil {
			return err
		}
		names = []string{name}
	}
	s.Unwritable("config", "configuration", c.File())
	c.examineKeys(s)
	c.examineLedger(s)
	s.Machine()
	s.Room("disk", "temporary files", os.TempDir(), leastTemp)
	for _, name := range names {
		before := s.Count(doctor.Problem)
		c.examineFlow(s, name)
		c.examineServers(ctx, s, name)
		if s.Count(doctor.Problem) == before { // if there are problems, a run would only report the same ones
			a.examineRun(ctx, s, name)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// examineRun does the checks that a run does before it reads a row.
func (a *app) examineRun(ctx context.Context, s *doctor.Sheet, name string) {
	const area = "flow"
	f, err := a.flowSpec(ctx, name, true)
	if err == nil {
		f.Note = func(string, string) {}
		err = movement.Check(ctx, f.Spec, nil)
	}
	if err != nil {
		s.Problem(area, "masker check shows the whole error", "%s: a run would end before it reads a row: %s", name, firstLine(err))
		return
	}
	s.OK(area, "%s: a run would be permitted now", name)
}

// The least free space in bytes. Below it, doctor reports a problem. Masker writes no rows to the disk of this
// machine, so it needs little space.
const (
	leastTemp   = 64 << 20
	leastLedger = 256 << 20
)

// examineKeys checks the locations of the keys. It does not start a program that prints a key, because the program may
// ask a person for a passphrase.
func (c *config) examineKeys(s *doctor.Sheet) {
	const area = "keys"
	if len(c.Keys) == 0 {
		s.OK(area, "the configuration has no keys: every run makes its own key")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Keys)) {
		for _, p := range c.Keys[name].All() {
			src, err := c.KeySource(p)
			switch {
			case err != nil:
				s.Problem(area, "set the variable, or name another location", "key %s: %s", name, firstLine(err))
			case src.File != "":
				if ring, err := src.Open(context.Background(), c.Lookup); err != nil {
					s.Problem(area, "masker keys new --file "+src.File+" makes a key file that only its owner can read", "key %s: %v", name, err)
				} else {
					s.OK(area, "key %s (%s) in %s, which only its owner can read", name, ring.Fingerprint(), src.File)
				}
			case src.Env != "":
				s.Warn(area, "keep the key in a file (0600) or an age file, or let a program print it", "key %s: %s", name, src.Warning())
			case src.Age != "" && src.Identity != "":
				s.Secret(area, "age identity of key "+name, src.Identity)
			default:
				s.OK(area, "key %s was not opened, because it needs a program or a passphrase; a run opens it", name)
			}
		}
	}
}

// examineLedger checks who may change the ledger, and verifies it with its own key.
func (c *config) examineLedger(s *doctor.Sheet) {
	const area = "ledger"
	dir, o, err := c.ledgerAt()
	if err != nil {
		s.Problem(area, "add ledger: {path: ledger/} to the configuration", "%s", firstLine(err))
		return
	}
	s.Room("disk", "the ledger", dir, leastLedger)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		s.OK(area, "%s does not exist yet: the first run makes it", dir)
		return
	}
	s.Unwritable(area, "folder", dir)
	key := o.Signer
	if key == "" {
		key = filepath.Join(dir, "signer.key")
		s.Warn(area, "keep the key in another folder, with ledger: {signer: FILE}, and let somebody else keep checkpoints; docs/security.md (A6)",
			"the key that signs the ledger is in the ledger's own folder: anybody who can write to that folder can rewrite the ledger")
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) == 0 {
		s.OK(area, "%s is empty: the first run writes to it", dir)
		return
	}
	s.Secret(area, "signing key", key)
	vkey, err := ledger.PublicKey(dir, o)
	if err != nil {
		return // Secret has added the problem
	}
	r, err := ledger.Verify(dir, vkey)
	if err != nil {
		s.Problem(area, "restore the ledger from a copy; masker ledger verify --since SAVED-CHECKPOINT shows what is missing", "%v", err)
		return
	}
	s.OK(area, "%d records match the signed checkpoint", r.Checked)
}
