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

// log is a ledger under its lock, held against its checkpoint.
type log struct {
	*Ledger
	active *os.File // nil while the checkpoint has no record in it
	tree   tree
}

// locked runs fn with the ledger locked, verified and repaired.
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

// load holds what is there against the checkpoint, which alone says what was acknowledged.
func (g *log) load() error {
	data, err := os.ReadFile(filepath.Join(g.dir, checkpointName))
	if errors.Is(err, os.ErrNotExist) {
		return g.unborn()
	}
	if err != nil {
		return fmt.Errorf("ledger: cannot read %s, which says what was acknowledged: %w", checkpointName, err)
	}
	if err := g.loadSigner(string(data)); err != nil {
		return fmt.Errorf("ledger: the key that signs it cannot be used, so nothing is appended and nothing is read from the source: %w", err)
	}
	at, err := openCheckpoint(string(data), g.key.verifier)
	if err != nil {
		return fmt.Errorf("%w; %s", err, restore)
	}
	if at.Size < g.at.Size || at.Size == g.at.Size && at.Root != g.at.Root {
		return fmt.Errorf("ledger: it had %d records a moment ago and was put back to another state with %d; %s", g.at.Size, at.Size, restore)
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
	return g.cut()
}

// unborn is a ledger without a record. Anything left of an older one is no such thing.
func (g *log) unborn() error {
	if g.at.Size > 0 {
		return fmt.Errorf("ledger: %s is gone from %s; %s", checkpointName, g.dir, restore)
	}
	if err := nothingIn(g.dir); err != nil {
		return err
	}
	if _, err := os.Lstat(g.signer); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("ledger: the key %s is there and the ledger it signs is not (%s is empty); "+
			"restore the ledger, or move the key away to begin a new one and say so in your records", g.signer, g.dir)
	}
	g.index = newIndex()
	return nil
}

// loadSigner reads the key once. Where the process that made it died before it gave it
// its name, the key that signed the checkpoint is given it now.
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

// openTree opens the stored hashes. Where they are not those of the checkpoint they are made
// again from the log, which then must be.
func (g *log) openTree() error {
	if good, err := g.tryTree(); err != nil || good {
		return err
	}
	if err := rebuild(g.dir, g.at); err != nil {
		return fmt.Errorf("ledger: neither %s nor the log fits the checkpoint: %w; masker ledger verify says more; %s", hashesName, err, restore)
	}
	good, err := g.tryTree()
	if err == nil && !good {
		err = fmt.Errorf("ledger: %s was changed while it was made again", hashesName)
	}
	return err
}

// tryTree opens the stored hashes where they give the checkpoint's root.
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
	if good, err = t.gives(g.at); err != nil || !good {
		return false, errors.Join(err, f.Close())
	}
	g.tree = t
	return true, nil
}

// openActive opens the file that is appended to and looks at its end.
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
	return g.recent()
}

// recent holds the last records against the stored hashes: a cheap look at where damage is
// likeliest. The whole is Verify's.
func (g *log) recent() error {
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
	return fmt.Errorf("ledger: record %d is not what was recorded: the log was changed or damaged; masker ledger verify says more; %s", seq, restore)
}

// cut removes for good what stands behind the checkpoint: it was never acknowledged, and
// whoever wrote it may not have been masker.
func (g *log) cut() error {
	if g.active == nil {
		return nil
	}
	st, err := g.active.Stat()
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	torn, err := behind(g.active, st.Size(), g.at)
	if err != nil || torn == 0 {
		return err
	}
	if err := errors.Join(g.active.Truncate(g.at.bytes), g.active.Sync()); err != nil {
		return fmt.Errorf("ledger: cannot cut the torn end of the log: %w", err)
	}
	return g.append(Record{Event: EventRecovered, Cut: torn})
}

// behind counts the bytes behind the checkpoint. A writer that died leaves one record at most, torn or
// whole: where there is more, the checkpoint is not the log's last.
func behind(active *os.File, size int64, at Checkpoint) (int64, error) {
	torn := size - at.bytes
	for l, err := range read(io.NewSectionReader(active, at.bytes, torn), active.Name(), 1) {
		if err != nil {
			return torn, err
		}
		if l.seq > 1 {
			return torn, &Tampered{at.Size + 1, fmt.Sprintf("the checkpoint has %d records and the log more: the checkpoint was put back to an older one, "+
				"or lines were added; %s", at.Size, restore)}
		}
	}
	return torn, nil
}

// strict refuses a field it does not know: a log of a newer masker is not ours to append to.
func strict(data []byte, v any) error {
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
