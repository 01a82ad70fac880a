package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sys/unix"
)

// append writes one record. If it returns no error, the record is durable.
func (g *log) append(r Record) (err error) {
	defer func() {
		if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || errors.Is(err, unix.EFBIG) {
			err = fmt.Errorf("%w; the record could not be written; free space on the disk of %s, then run again", err, g.dir)
		}
	}()
	if g.key == nil {
		if err := g.createLedger(); err != nil {
			return err
		}
	}
	r.Seq, r.Time = g.at.Size+1, time.Now().UTC()
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	next, err := g.write(r, text)
	if err != nil {
		if g.active != nil { // remove what was written. If this fails too, the next writer removes it
			err = errors.Join(err, g.active.Truncate(g.at.bytes))
		}
		return err
	}
	if g.fault != nil {
		g.fault("sealing-" + string(r.Event))
	}
	if err := g.acknowledge(next); err != nil {
		return err
	}
	g.index.add(r, next)
	g.index.save(g.dir, g.key)
	return nil
}

// write makes a record and its hashes durable. It also signs the new checkpoint and writes it under a temporary name.
func (g *log) write(r Record, text []byte) (Checkpoint, error) {
	next := Checkpoint{Size: r.Seq, first: g.at.first, bytes: g.at.bytes + int64(len(text)) + 1}
	if g.active == nil {
		f, err := os.OpenFile(filepath.Join(g.dir, activeName), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return next, fmt.Errorf("ledger: cannot make %s: %w", activeName, err)
		}
		g.active = f
	}
	if r.Event == EventSealed {
		next.first, next.bytes = next.Size+1, 0
	}
	if _, err := g.active.WriteAt(append(text, '\n'), g.at.bytes); err != nil {
		return next, fmt.Errorf("ledger: cannot write: %w", err)
	}
	if err := g.tree.add(r.Seq, text); err != nil {
		return next, err
	}
	if err := syncBoth(g.active, g.tree.File); err != nil {
		return next, fmt.Errorf("ledger: cannot make a record durable: %w", err)
	}
	var err error
	if next.Root, err = tlog.TreeHash(next.Size, g.tree); err != nil {
		return next, err
	}
	if err := next.sign(g.key); err != nil {
		return next, err
	}
	return next, g.stage(next)
}

func (g *log) stage(c Checkpoint) error {
	if err := writeSynced(filepath.Join(g.dir, checkpointName)+newSuffix, []byte(c.Note)); err != nil {
		return fmt.Errorf("ledger: cannot write %s: %w", checkpointName, err)
	}
	return nil
}

// acknowledge renames the new checkpoint to its final name. From then on the record is acknowledged.
func (g *log) acknowledge(next Checkpoint) error {
	path := filepath.Join(g.dir, checkpointName)
	if err := os.Rename(path+newSuffix, path); err != nil {
		return fmt.Errorf("ledger: cannot replace %s: %w", checkpointName, err)
	}
	g.at = next
	// Without this, a crash could lose the names of new files.
	if err := syncDir(g.dir); err != nil {
		return fmt.Errorf("ledger: cannot make the folder durable: %w", err)
	}
	return nil
}

// createLedger makes the key and a checkpoint over no records. It renames the key to its final name last. A key without
// a checkpoint therefore always means that a ledger is missing.
func (g *log) createLedger() error {
	skey, err := newSigner()
	if err != nil {
		return fmt.Errorf("ledger: cannot make its key: %w", err)
	}
	k, err := parseSigner(skey)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	pending := g.signer + newSuffix
	if err := os.MkdirAll(filepath.Dir(g.signer), 0o700); err != nil {
		return fmt.Errorf("ledger: cannot make the folder of its key: %w", err)
	}
	if err := writeSynced(pending, []byte(skey+"\n")); err != nil {
		return fmt.Errorf("ledger: cannot write its key: %w", err)
	}
	nothing := Checkpoint{first: 1}
	if nothing.Root, err = tlog.TreeHash(0, nil); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if err := errors.Join(nothing.sign(k), g.stage(nothing)); err != nil {
		return err
	}
	if err := g.acknowledge(nothing); err != nil {
		return err
	}
	if err := errors.Join(os.Rename(pending, g.signer), syncDir(filepath.Dir(g.signer))); err != nil {
		return fmt.Errorf("ledger: cannot rename its key: %w", err)
	}
	g.key = k
	return g.openTree()
}

// syncBoth makes two files durable at the same time. This takes less time than one file after the other.
func syncBoth(a, b *os.File) error {
	done := make(chan error, 1)
	go func() { done <- b.Sync() }()
	return errors.Join(a.Sync(), <-done)
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// writeSynced makes a file that only its owner can read, or replaces its content, and makes it durable.
func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
