package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// tree is the file of stored hashes. It holds every complete node of the Merkle tree, in the order of
// tlog.StoredHashIndex. Appending a record writes two hashes on average, and reads at most one for each level of the
// tree.
type tree struct{ *os.File }

// ReadHashes implements tlog.HashReader.
func (t tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		if _, err := t.ReadAt(hashes[i][:], at*tlog.HashSize); err != nil {
			return nil, fmt.Errorf("ledger: cannot read %s: %w", hashesName, err)
		}
	}
	return hashes, nil
}

// leaf returns the stored hash of a record.
func (t tree) leaf(seq int64) (tlog.Hash, error) {
	h, err := t.ReadHashes([]int64{tlog.StoredHashIndex(0, seq-1)})
	if err != nil {
		return tlog.Hash{}, err
	}
	return h[0], nil
}

// add writes the hashes of a record. It does not make them durable.
func (t tree) add(seq int64, line []byte) error {
	hashes, err := tlog.StoredHashes(seq-1, line, t)
	if err != nil {
		return err
	}
	data := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		data = append(data, h[:]...)
	}
	if _, err := t.WriteAt(data, tlog.StoredHashIndex(0, seq-1)*tlog.HashSize); err != nil {
		return fmt.Errorf("ledger: cannot write %s: %w", hashesName, err)
	}
	return nil
}

// hasRoot reports whether the stored hashes give the checkpoint's root. A crash can leave hashes after the checkpoint.
// hasRoot cuts them off.
func (t tree) hasRoot(c Checkpoint) (bool, error) {
	st, err := t.Stat()
	if err != nil {
		return false, err
	}
	want := tlog.StoredHashCount(c.Size) * tlog.HashSize
	if st.Size() < want {
		return false, nil
	}
	root, err := tlog.TreeHash(c.Size, t)
	if err != nil || root != c.Root {
		return false, err
	}
	if st.Size() > want {
		return true, t.Truncate(want)
	}
	return true, nil
}

// compactRange computes the root of a Merkle tree record by record. It keeps only the roots of complete subtrees: one
// for each bit that is set in size.
type compactRange struct {
	size int64
	edge []tlog.Hash // the largest subtree first
}

// add adds a record's hash. It calls node for the hash itself and for each inner node that the record completes.
func (s *compactRange) add(h tlog.Hash, node func(tlog.Hash) error) error {
	if err := node(h); err != nil {
		return err
	}
	for range bits.TrailingZeros64(uint64(s.size + 1)) {
		h = tlog.NodeHash(s.edge[len(s.edge)-1], h)
		s.edge = s.edge[:len(s.edge)-1]
		if err := node(h); err != nil {
			return err
		}
	}
	s.edge = append(s.edge, h)
	s.size++
	return nil
}

func (s *compactRange) root() tlog.Hash {
	if s.size == 0 {
		h, _ := tlog.TreeHash(0, nil) // the hash of an empty tree needs no reader
		return h
	}
	h := s.edge[len(s.edge)-1]
	for i := len(s.edge) - 2; i >= 0; i-- {
		h = tlog.NodeHash(s.edge[i], h)
	}
	return h
}

// rebuild makes the stored hashes again from the log. If they do not give the checkpoint's root, it returns an error.
func rebuild(dir string, c Checkpoint) (err error) {
	path := filepath.Join(dir, hashesName)
	f, err := os.OpenFile(path+newSuffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(path+newSuffix))
		}
	}()
	var s compactRange
	w := bufio.NewWriter(f)
	for l, err := range snapshotOf(dir, c).lines(1) {
		if err == nil {
			err = s.add(tlog.RecordHash(l.text), func(h tlog.Hash) error { _, err := w.Write(h[:]); return err })
		}
		if err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := errors.Join(w.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	if s.size != c.Size || s.root() != c.Root {
		return fmt.Errorf("the log has %d records, and they are not the %d records of the checkpoint", s.size, c.Size)
	}
	return os.Rename(path+newSuffix, path)
}
