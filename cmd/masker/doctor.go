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
		Short: "Look at files, keys, servers and this machine; one page, with a fix for each finding",
		Long: "Doctor looks at what surrounds a refresh: who may read and change its files, keys and ledger, versions,\n" +
			"roles and rights on both servers, clocks, disk, swap and core dumps, replication lag. It reads no rows,\n" +
			"takes no lock, changes nothing, and goes on where a server does not answer.\n" +
			"It exits 1 where something has to be mended before a refresh, and 0 with warnings only.",
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
	c.Flags().StringVarP(&flow, "flow", "f", "", "`name` of the flow; all of them where it is not given")
	c.Flags().StringVar(&format, "format", "text", "`text|json`")
	return c
}

// writeSheet shows what was looked at, and ends with an error where something is to be mended.
func (a *app) writeSheet(sheet *doctor.Sheet, format string) error {
	write := sheet.Text
	if format == "json" {
		write = sheet.JSON
	}
	if err := write(a.out); err != nil {
		return err
	}
	if n := sheet.Count(doctor.Problem); n > 0 {
		return &coded{exitFailed, fmt.Errorf("%s to mend before a refresh", spell.Count(n, "problem"))}
	}
	return nil
}

// examine looks at what all flows share, and then at each.
func (a *app) examine(ctx context.Context, only string, s *doctor.Sheet) error {
	c, err := loadConfig(a.configFile, a.env)
	if err != nil {
		if only != "" {
			return err
		}
		s.Problem("config", "mend the configuration; docs/configuration.md", "%s", firstLine(err))
		s.Machine()
		return nil
	}
	names := slices.Sorted(maps.Keys(c.Flows))
	if only != "" || len(names) == 0 {
		name, _, err := c.Named(only)
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
		if s.Count(doctor.Problem) == before { // else the cause has been told, and with it what a run would say
			a.examineRun(ctx, s, name)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// examineRun asks for what a run would ask for before it reads a row, and tells what it would be refused for.
func (a *app) examineRun(ctx context.Context, s *doctor.Sheet, name string) {
	const area = "flow"
	f, err := a.flowSpec(ctx, name, true)
	if err == nil {
		f.Note = func(string, string) {}
		err = movement.Check(ctx, f.Spec, nil)
	}
	if err != nil {
		s.Problem(area, "masker check shows all of it", "%s: a run would end before it reads a row: %s", name, firstLine(err))
		return
	}
	s.OK(area, "%s: a run would be permitted now", name)
}

// What masker and its programs leave on this machine is small: it spills no rows.
const (
	leastTemp   = 64 << 20
	leastLedger = 256 << 20
)

// examineKeys looks where keys are kept. It starts no program that would print one, for that may ask a person.
func (c *config) examineKeys(s *doctor.Sheet) {
	const area = "keys"
	if len(c.Keys) == 0 {
		s.OK(area, "none is kept: every run makes its own")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Keys)) {
		for _, p := range c.Keys[name].All() {
			src, err := c.KeySource(p)
			switch {
			case err != nil:
				s.Problem(area, "set it, or name another location", "key %s: %s", name, firstLine(err))
			case src.File != "":
				if ring, err := src.Open(context.Background(), c.Lookup); err != nil {
					s.Problem(area, "masker keys new --file "+src.File+" makes one, readable by its owner only", "key %s: %v", name, err)
				} else {
					s.OK(area, "key %s (%s) in %s, for its owner only", name, ring.Fingerprint(), src.File)
				}
			case src.Env != "":
				s.Warn(area, "keep it in a file (0600), an age file or behind a program", "key %s: %s", name, src.Warning())
			case src.Age != "" && src.Identity != "":
				s.Secret(area, "age identity of key "+name, src.Identity)
			default:
				s.OK(area, "key %s is opened by a program or a passphrase when a run needs it; it was not tried", name)
			}
		}
	}
}

// examineLedger looks who may touch the log, and whether it is what its key vouched for.
func (c *config) examineLedger(s *doctor.Sheet) {
	const area = "ledger"
	dir, o, err := c.ledgerAt()
	if err != nil {
		s.Problem(area, "add ledger: {path: ledger/} to the configuration", "%s", firstLine(err))
		return
	}
	s.Room("disk", "the ledger", dir, leastLedger)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		s.OK(area, "%s is not there yet: the first run makes it", dir)
		return
	}
	s.Unwritable(area, "folder", dir)
	key := o.Signer
	if key == "" {
		key = filepath.Join(dir, "signer.key")
		s.Warn(area, "ledger: {signer: FILE} elsewhere, and let somebody else keep checkpoints; docs/security.md (A6)",
			"the key that signs it lies in its own folder: who gets the folder can rewrite the log")
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) == 0 {
		s.OK(area, "%s is empty: the first run begins it", dir)
		return
	}
	s.Secret(area, "signing key", key)
	vkey, err := ledger.PublicKey(dir, o)
	if err != nil {
		return // Secret has told
	}
	r, err := ledger.Verify(dir, vkey)
	if err != nil {
		s.Problem(area, "restore it from a copy; masker ledger verify --since a saved checkpoint shows what is missing", "%v", err)
		return
	}
	s.OK(area, "%d records are what its checkpoint says", r.Checked)
}
