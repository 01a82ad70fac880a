package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sys/unix"
)

// log is a locked ledger that was checked against its checkpoint.
type log struct {
	*Ledger
	active *os.File // the file that is appended to. Nil if it has no acknowledged record
	tree   tree
}

// locked locks the ledger, checks and repairs it, and runs fn.
func (l *Ledger) locked(fn func(*log) error) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := flock(l.lock, unix.LOCK_EX); err != nil {
		return fmt.Errorf("ledger: cannot lock the log: %w", err)
	}
	defer func() { err = errors.Join(err, flock(l.lock, unix.LOCK_UN)) }()
	g := &log{Ledger: l}
	defer func() { err = errors.Join(err, g.close()) }()
	if err := g.load(); err != nil {
		return err
	}
	return fn(g)
}

func (g *log) close() (err error) {
	for _, f := range []*os.File{g.active, g.tree.File} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}

// load reads the checkpoint and checks the files of the ledger against it. Only records that the checkpoint covers are
// acknowledged.
func (g *log) load() error {
	data, err := os.ReadFile(filepath.Join(g.dir, checkpointName))
	if errors.Is(err, os.ErrNotExist) {
		return g.loadEmpty()
	}
	if err != nil {
		return fmt.Errorf("ledger: cannot read %s, which says how many records were acknowledged: %w", checkpointName, err)
	}
	if err := g.loadSigner(string(data)); err != nil {
		return fmt.Errorf("ledger: the key that signs it cannot be used, so nothing is appended and nothing is read from the source: %w", err)
	}
	at, err := openCheckpoint(string(data), g.key.verifier)
	if err != nil {
		return fmt.Errorf("%w; %s", err, restore)
	}
	other := at.Size == g.at.Size && g.at.Size > 0 && at.Root != g.at.Root // without records there is only one state
	if at.Size < g.at.Size || other {
		return fmt.Errorf("ledger: it had %d records when this process last read it, and now has another state with %d; somebody put an older copy back; %s", g.at.Size, at.Size, restore)
	}
	g.at = at
	if err := g.openTree(); err != nil {
		return err
	}
	if err := g.openActive(); err != nil {
		return err
	}
	if err := g.catchUp(); err != nil {
		return err
	}
	return g.cutTail()
}

// loadEmpty loads a ledger that has no checkpoint, and therefore no record. It refuses a folder with files of a ledger
// that lost its checkpoint.
func (g *log) loadEmpty() error {
	if g.at.Size > 0 {
		return fmt.Errorf("ledger: %s is gone from %s; %s", checkpointName, g.dir, restore)
	}
	if err := refuseLeftovers(g.dir); err != nil {
		return err
	}
	if _, err := os.Lstat(g.signer); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("ledger: the key %s exists, but the ledger that it signs is missing (%s is empty); "+
			"restore the ledger, or move the key away to begin a new ledger and note that in your own records", g.signer, g.dir)
	}
	g.index = newIndex()
	return nil
}

// loadSigner reads the key, once. createLedger writes the key under a temporary name first. If the process died before
// it renamed the key, loadSigner renames it, provided that the key signed the checkpoint.
func (g *log) loadSigner(checkpoint string) error {
	if g.key != nil {
		return nil
	}
	k, err := readSigner(g.signer)
	if errors.Is(err, os.ErrNotExist) {
		if k, _ := readSigner(g.signer + newSuffix); k != nil {
			if _, err := openCheckpoint(checkpoint, k.verifier); err == nil {
				g.key = k
				return os.Rename(g.signer+newSuffix, g.signer)
			}
		}
	}
	if err != nil {
		return err
	}
	g.key = k
	return nil
}

// openTree opens the stored hashes. If the hashes do not give the checkpoint's root, they are made again from the log.
// If the log does not give the root either, openTree returns an error.
func (g *log) openTree() error {
	if good, err := g.tryTree(); err != nil || good {
		return err
	}
	if err := rebuild(g.dir, g.at); err != nil {
		return fmt.Errorf("ledger: neither %s nor the log matches the checkpoint: %w; masker ledger verify says more; %s", hashesName, err, restore)
	}
	good, err := g.tryTree()
	if err == nil && !good {
		err = fmt.Errorf("ledger: %s was changed while it was made again", hashesName)
	}
	return err
}

// tryTree opens the stored hashes if they give the checkpoint's root.
func (g *log) tryTree() (good bool, err error) {
	flags := os.O_RDWR
	if g.at.Size == 0 {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(filepath.Join(g.dir, hashesName), flags, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ledger: cannot open %s for writing: %w; nothing is read without a ledger", hashesName, err)
	}
	t := tree{f}
	if good, err = t.hasRoot(g.at); err != nil || !good {
		return false, errors.Join(err, f.Close())
	}
	g.tree = t
	return true, nil
}

// openActive opens the active file and checks its last records.
func (g *log) openActive() error {
	path := filepath.Join(g.dir, activeName)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case errors.Is(err, os.ErrNotExist) && g.at.bytes == 0:
		return nil
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("ledger: %s is gone; the checkpoint has %d records; %s", activeName, g.at.Size, restore)
	case err != nil:
		return fmt.Errorf("ledger: cannot open the log for writing: %w; nothing is read without a ledger", err)
	}
	if first := unsealed(f, g.at); first != 0 {
		return errors.Join(f.Close(), os.Rename(path, filepath.Join(g.dir, sealedName(first))))
	}
	g.active = f
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if st.Size() < g.at.bytes {
		return fmt.Errorf("ledger: %d bytes of %s were acknowledged and it holds %d; %s", g.at.bytes, activeName, st.Size(), restore)
	}
	return g.checkRecent()
}

// checkRecent checks the last records against the stored hashes. This is cheap, and damage is most likely there. Verify
// checks the whole log.
func (g *log) checkRecent() error {
	const window = 16 << 10
	for n := int64(window); ; n *= 2 {
		n = min(n, g.at.bytes)
		end := make([]byte, n)
		if _, err := g.active.ReadAt(end, g.at.bytes-n); err != nil {
			return fmt.Errorf("ledger: cannot read the log: %w", err)
		}
		whole, ended := bytes.CutSuffix(end, []byte("\n"))
		if n > 0 && !ended {
			return changed(g.at.Size)
		}
		seq := g.at.Size
		for ; len(whole) > 0; seq-- {
			i := bytes.LastIndexByte(whole, '\n')
			if i < 0 && n < g.at.bytes {
				break
			}
			want, err := g.tree.leaf(seq)
			if err != nil {
				return err
			}
			if seq < g.at.first || tlog.RecordHash(whole[i+1:]) != want {
				return changed(seq)
			}
			whole = whole[:max(i, 0)]
		}
		if seq < g.at.Size || n == g.at.bytes {
			return nil
		}
	}
}

func changed(seq int64) error {
	return fmt.Errorf("ledger: record %d differs from what was recorded: the log was changed or damaged; masker ledger verify says more; %s", seq, restore)
}

// cutTail removes all bytes after the last acknowledged record, and records how many. masker never acknowledged these
// bytes. They may also come from another program.
func (g *log) cutTail() error {
	if g.active == nil {
		return nil
	}
	st, err := g.active.Stat()
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	torn, err := unacknowledged(g.active, st.Size(), g.at)
	if err != nil || torn == 0 {
		return err
	}
	if err := errors.Join(g.active.Truncate(g.at.bytes), g.active.Sync()); err != nil {
		return fmt.Errorf("ledger: cannot cut off the incomplete end of the log: %w", err)
	}
	return g.append(Record{Event: EventRecovered, Cut: torn})
}

// unacknowledged counts the bytes after the last acknowledged record. A writer that died leaves at most one record
// there, whole or incomplete. More than one record means that the log had a later checkpoint.
func unacknowledged(active *os.File, size int64, at Checkpoint) (int64, error) {
	torn := size - at.bytes
	for l, err := range read(io.NewSectionReader(active, at.bytes, torn), active.Name(), 1) {
		if err != nil {
			return torn, err
		}
		if l.seq > 1 {
			return torn, &Tampered{at.Size + 1, fmt.Sprintf("the log has more than the %d records of the checkpoint: somebody put an older checkpoint back, "+
				"or added lines; %s", at.Size, restore)}
		}
	}
	return torn, nil
}

// decodeStrict decodes JSON and refuses unknown fields. A log with unknown fields was written by a newer masker. This
// older masker must not append to such a log.
func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}
