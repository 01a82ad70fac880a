package ledger

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Tampered is the error for a ledger that does not match what its key signed.
type Tampered struct {
	Seq int64 // the first wrong record, or 0 if the checkpoint itself is wrong
	Why string
}

func (t *Tampered) Error() string {
	if t.Seq == 0 {
		return "ledger: " + t.Why
	}
	return fmt.Sprintf("ledger: first bad record: %d: %s", t.Seq, t.Why)
}

// Range is the records from First to Last, both included.
type Range struct{ First, Last int64 }

// Report is the result of Verify.
type Report struct {
	Checkpoint     Checkpoint
	Checked        int64   // number of records that were read and are correct
	Archived       []Range // records whose files are archived. They were not checked
	Saved          int     // number of saved checkpoints that the ledger continues
	Unacknowledged int64   // bytes after the last acknowledged record. A crash can leave some, and the next run cuts them off
}

// Verify reads the ledger in a folder and checks it against the verifier key. Every record must be there, unchanged and
// in order, with none added. The ledger must continue every saved checkpoint. Verify needs neither the signing key nor
// a network, and writes nothing. If the ledger is wrong, the error is a *Tampered.
func Verify(dir, vkey string, saved ...string) (Report, error) {
	v := verification{}
	var err error
	if v.key, err = note.NewVerifier(vkey); err != nil {
		return Report{}, fmt.Errorf("ledger: not a verifier key (masker ledger key prints it): %w", err)
	}
	for _, text := range saved {
		c, err := openCheckpoint(text, v.key)
		if err != nil {
			return Report{}, fmt.Errorf("saved checkpoint: %w", err)
		}
		v.saved = append(v.saved, c)
	}
	slices.SortFunc(v.saved, func(a, b Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	s, err := sharedSnapshot(dir)
	if err != nil {
		return Report{}, unreadable(err)
	}
	defer s.close()
	if s.at.Note == "" {
		return Report{}, unreadable(fmt.Errorf("ledger: there is no ledger in %s", dir))
	}
	if v.report.Checkpoint, err = openCheckpoint(s.at.Note, v.key); err != nil {
		return Report{}, &Tampered{0, "the checkpoint was changed, or belongs to another ledger: " + err.Error()}
	}
	if n := len(v.saved); n > 0 && v.saved[n-1].Size > s.at.Size {
		return v.report, &Tampered{s.at.Size + 1, fmt.Sprintf(
			"a saved checkpoint has %d records, and the ledger has only %d: the ledger was rolled back, or this is a fork of it", v.saved[n-1].Size, s.at.Size)}
	}
	if err := v.open(dir); err != nil {
		return v.report, err
	}
	defer v.close()
	err = v.run(s)
	return v.report, err
}

// verification computes two Merkle trees at the same time: one of the records in the log, and one of the stored hashes
// of records. The tree with the signed root is correct, and shows which record is wrong in the other tree.
type verification struct {
	key    note.Verifier
	saved  []Checkpoint
	report Report

	hashes *os.File
	stored *bufio.Reader // reads the stored hashes. Nil after their end
	log    compactRange  // tree of the records in the log, and of the stored hashes for archived records
	leaves compactRange  // tree of the stored hashes of records

	// The following are record numbers. They are 0 if there is no such record.
	differs  int64 // first record whose stored hash is not the hash of its line
	wrong    int64 // first record that completes an inner node whose stored hash is wrong
	short    int64 // first record whose stored hashes are missing
	ends     int64 // first record that is missing or incomplete
	extra    int64 // first line that is not a record of the checkpoint
	verified int64 // size of the largest saved checkpoint that the log continues
	forked   int64 // size of the smallest saved checkpoint that the log does not continue
}

// open opens the stored hashes. If there are no stored hashes, only the log is checked.
func (v *verification) open(dir string) (err error) {
	v.hashes, err = os.Open(filepath.Join(dir, hashesName))
	switch {
	case err == nil:
		v.stored = bufio.NewReaderSize(v.hashes, 1<<16)
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

func (v *verification) close() {
	if v.hashes != nil {
		_ = v.hashes.Close() // the file was only read, so an error does not matter
	}
}

func (v *verification) run(s *snapshot) error {
	if err := v.checkFiles(s); err != nil {
		return err
	}
	next := int64(1)
	for l, err := range s.lines(1) {
		if err != nil {
			return err
		}
		if l.seq < next || l.seq > s.at.Size {
			keepLowest(&v.extra, l.seq)
			continue
		}
		if err := v.archived(next, l.seq-1); err != nil {
			return err
		}
		if err := v.record(l, l.seq == s.at.Size); err != nil {
			return err
		}
		next = l.seq + 1
	}
	if s.at.bytes > 0 && next <= s.at.Size {
		keepLowest(&v.ends, next) // these records were in the active file, which is never archived
	}
	if err := v.archived(next, s.at.Size); err != nil {
		return err
	}
	return v.verdict(s.at)
}

// checkFiles checks the sizes of the files.
func (v *verification) checkFiles(s *snapshot) error {
	for _, g := range s.segments {
		if g.bytes >= 0 {
			var err error
			if v.report.Unacknowledged, err = unacknowledged(g.file, g.size, s.at); v.report.Unacknowledged < 0 {
				v.report.Unacknowledged = 0 // the file was cut short. Reading its lines shows that
			}
			var more *Tampered
			if errors.As(err, &more) {
				keepLowest(&v.extra, more.Seq)
			} else if err != nil {
				return err
			}
			continue
		}
		size := g.size
		if g.file == nil {
			st, err := os.Stat(g.path)
			if err != nil {
				return fmt.Errorf("ledger: %w", err)
			}
			size = st.Size()
		}
		if size == 0 {
			keepLowest(&v.ends, g.first) // the file was emptied. If it was archived, it would be missing
		}
	}
	return nil
}

// record checks a line. The argument last is true for the last record that the checkpoint covers.
func (v *verification) record(l line, last bool) error {
	if l.torn {
		keepLowest(&v.ends, l.seq)
	}
	if l.last && !last {
		if r, err := l.record(); err != nil || r.Event != EventSealed {
			keepLowest(&v.ends, l.seq+1) // a sealed file must end with EventSealed
		}
	}
	h := tlog.RecordHash(l.text)
	stored, err := v.leaf()
	if err != nil {
		return err
	}
	if v.short == 0 && stored != h {
		keepLowest(&v.differs, l.seq)
	}
	v.report.Checked++
	return v.grow(h)
}

// archived adds archived records to the tree of the log, by their stored hashes.
func (v *verification) archived(first, last int64) error {
	if first > last {
		return nil
	}
	v.report.Archived = append(v.report.Archived, Range{first, last})
	for range last - first + 1 {
		stored, err := v.leaf()
		if err != nil {
			return err
		}
		if err := v.grow(stored); err != nil {
			return err
		}
	}
	return nil
}

// grow adds a record's hash to the tree of the log, and compares the root with the saved checkpoints of that size.
func (v *verification) grow(h tlog.Hash) error {
	if err := v.log.add(h, func(tlog.Hash) error { return nil }); err != nil {
		return err
	}
	for len(v.saved) > 0 && v.saved[0].Size <= v.log.size {
		c := v.saved[0]
		v.saved = v.saved[1:]
		if c.Size == 0 || v.log.root() == c.Root {
			v.report.Saved++
			v.verified = c.Size
		} else {
			keepLowest(&v.forked, c.Size)
		}
	}
	return nil
}

// leaf returns the stored hash of the next record. It also reads and checks the stored hashes of the inner nodes that
// the record completes.
func (v *verification) leaf() (leaf tlog.Hash, err error) {
	seq := v.leaves.size + 1
	if v.short != 0 {
		return leaf, nil
	}
	next := func() (h tlog.Hash) {
		if err == nil && v.stored != nil {
			_, err = io.ReadFull(v.stored, h[:])
		}
		if v.stored == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			keepLowest(&v.short, seq)
			v.stored, err = nil, nil
		}
		return h
	}
	leaf = next()
	first := true
	err = errors.Join(err, v.leaves.add(leaf, func(h tlog.Hash) error {
		if !first && next() != h && v.short == 0 {
			keepLowest(&v.wrong, seq)
		}
		first = false
		return nil
	}))
	if err != nil {
		err = fmt.Errorf("ledger: cannot read %s: %w", hashesName, err)
	}
	return leaf, err
}

// verdict decides from the two trees what is wrong. It returns nil if the log is correct and complete.
func (v *verification) verdict(at Checkpoint) error {
	missing := lowest(v.ends, v.extra)
	if missing == 0 && v.log.root() == at.Root {
		switch bad := lowest(v.differs, v.wrong, v.short); {
		case v.forked != 0:
			return v.fork()
		case bad != 0:
			return &Tampered{bad, "the log is correct, but its stored hashes are not; the next run makes them again from the log"}
		}
		return nil
	}
	bad := lowest(missing, v.differs)
	switch {
	case v.short != 0 && len(v.report.Archived) > 0:
		return &Tampered{lowest(bad, v.short), "the stored hashes are damaged; because records are archived, the rest cannot be checked"}
	case bad == 0 && v.forked != 0:
		return v.fork()
	case bad == 0:
		return &Tampered{v.verified + 1, fmt.Sprintf("the log and its stored hashes were changed together, somewhere after record %d: neither matches the checkpoint", v.verified)}
	case bad == v.ends:
		return &Tampered{bad, fmt.Sprintf("the log or one of its files ends before this record; the checkpoint has %d records", at.Size)}
	case bad == v.extra:
		return &Tampered{bad, fmt.Sprintf("the log has more than the checkpoint's %d records: somebody added lines, or put an older checkpoint back", at.Size)}
	}
	return &Tampered{bad, "the line differs from what was recorded: it was changed, removed or moved"}
}

func (v *verification) fork() error {
	return &Tampered{v.verified + 1, fmt.Sprintf("a saved checkpoint of %d records has another history: a record from here to %d was rewritten, or one of the two is a fork", v.forked, v.forked)}
}

// unreadable turns an error into a *Tampered. It does not change errors of the file system.
func unreadable(err error) error {
	var io *fs.PathError
	if errors.As(err, &io) {
		return err
	}
	return &Tampered{0, strings.TrimPrefix(err.Error(), "ledger: ")}
}

// keepLowest sets a number to seq if the number is 0 or larger than seq.
func keepLowest(to *int64, seq int64) { *to = lowest(*to, seq) }

// lowest returns the lowest of the numbers that are not 0, or 0 if all of them are 0.
func lowest(seqs ...int64) (low int64) {
	for _, s := range seqs {
		if s != 0 && (low == 0 || s < low) {
			low = s
		}
	}
	return low
}
