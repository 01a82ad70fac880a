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

// Tampered is that a ledger is not what its key vouched for.
type Tampered struct {
	Seq int64 // the first record that is not; 0 where it is the checkpoint itself
	Why string
}

func (t *Tampered) Error() string {
	if t.Seq == 0 {
		return "ledger: " + t.Why
	}
	return fmt.Sprintf("ledger: first bad record: %d: %s", t.Seq, t.Why)
}

// Range is records from First to Last.
type Range struct{ First, Last int64 }

// Report is what Verify looked at.
type Report struct {
	Checkpoint     Checkpoint
	Checked        int64   // records that were read and are what was recorded
	Archived       []Range // records whose files are elsewhere: not checked
	Saved          int     // saved checkpoints that the ledger continues
	Unacknowledged int64   // bytes behind the last acknowledged record: a crash leaves some, the next run cuts them
}

// Verify reads a ledger's folder and says whether it is what the holder of the key recorded: every record
// in its place, none more, none less, and a continuation of every saved checkpoint. It needs neither
// the signing key nor a network, and writes nothing. What is wrong comes as *Tampered.
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
	s, err := shared(dir)
	if err != nil {
		return Report{}, gone(err)
	}
	defer s.close()
	if s.at.Note == "" {
		return Report{}, gone(fmt.Errorf("ledger: %s holds no ledger", dir))
	}
	if v.report.Checkpoint, err = openCheckpoint(s.at.Note, v.key); err != nil {
		return Report{}, &Tampered{0, "the checkpoint was changed, or is of another ledger: " + err.Error()}
	}
	if n := len(v.saved); n > 0 && v.saved[n-1].Size > s.at.Size {
		return v.report, &Tampered{s.at.Size + 1, fmt.Sprintf(
			"a saved checkpoint has %d records, the ledger %d: it was rolled back, or this is a fork of it", v.saved[n-1].Size, s.at.Size)}
	}
	if err := v.open(dir); err != nil {
		return v.report, err
	}
	defer v.close()
	err = v.run(s)
	return v.report, err
}

// verification builds two trees side by side: of the log's records, and of the stored hashes of records.
// Whichever gives the signed root is true, and shows where the other is not.
type verification struct {
	key    note.Verifier
	saved  []Checkpoint
	report Report

	hashes *os.File
	stored *bufio.Reader // nil once it has ended
	log    span          // of the records read, and of stored hashes for those that are archived
	leaves span          // of the stored hashes of records

	differs int64 // first record whose stored hash is another
	wrong   int64 // first record at which a stored inner hash is wrong by the stored leaves
	short   int64 // first record whose stored hashes are missing
	ends    int64 // first record that is missing or torn
	extra   int64 // first line that stands where no record was
	vouched int64 // size of the largest saved checkpoint that the log continues
	forked  int64 // size of the first saved one that it does not
}

// open opens the stored hashes; without them the log alone is looked at.
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
		_ = v.hashes.Close() // only read
	}
}

func (v *verification) run(s *snapshot) error {
	if err := v.whole(s); err != nil {
		return err
	}
	next := int64(1)
	for l, err := range s.lines(1) {
		if err != nil {
			return err
		}
		if l.seq < next || l.seq > s.at.Size {
			note1st(&v.extra, l.seq)
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
		note1st(&v.ends, next) // the active file is never archived
	}
	if err := v.archived(next, s.at.Size); err != nil {
		return err
	}
	return v.verdict(s.at)
}

// whole looks at the files as such.
func (v *verification) whole(s *snapshot) error {
	for _, g := range s.segments {
		if g.bytes >= 0 {
			var err error
			if v.report.Unacknowledged, err = behind(g.file, g.size, s.at); v.report.Unacknowledged < 0 {
				v.report.Unacknowledged = 0 // cut short, which its lines show
			}
			var more *Tampered
			if errors.As(err, &more) {
				note1st(&v.extra, more.Seq)
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
			note1st(&v.ends, g.first) // emptied, which is not archived
		}
	}
	return nil
}

// record takes a line in.
func (v *verification) record(l line, last bool) error {
	if l.torn {
		note1st(&v.ends, l.seq)
	}
	if l.last && !last {
		if r, err := l.record(); err != nil || r.Event != EventSealed {
			note1st(&v.ends, l.seq+1) // a finished file ends with the record that says so
		}
	}
	h := tlog.RecordHash(l.text)
	stored, err := v.leaf()
	if err != nil {
		return err
	}
	if v.short == 0 && stored != h {
		note1st(&v.differs, l.seq)
	}
	v.report.Checked++
	return v.grow(h)
}

// archived takes the stored hashes of records whose files are elsewhere for what they are.
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

// grow adds a record to the log's tree and holds it against the saved checkpoints of that size.
func (v *verification) grow(h tlog.Hash) error {
	if err := v.log.add(h, func(tlog.Hash) error { return nil }); err != nil {
		return err
	}
	for len(v.saved) > 0 && v.saved[0].Size <= v.log.size {
		c := v.saved[0]
		v.saved = v.saved[1:]
		if c.Size == 0 || v.log.root() == c.Root {
			v.report.Saved++
			v.vouched = c.Size
		} else {
			note1st(&v.forked, c.Size)
		}
	}
	return nil
}

// leaf reads the stored hash of the next record, and the inner ones that it finishes.
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
			note1st(&v.short, seq)
			v.stored, err = nil, nil
		}
		return h
	}
	leaf = next()
	first := true
	err = errors.Join(err, v.leaves.add(leaf, func(h tlog.Hash) error {
		if !first && next() != h && v.short == 0 {
			note1st(&v.wrong, seq)
		}
		first = false
		return nil
	}))
	if err != nil {
		err = fmt.Errorf("ledger: cannot read %s: %w", hashesName, err)
	}
	return leaf, err
}

// verdict says which of log and stored hashes is true, and where the other is not.
func (v *verification) verdict(at Checkpoint) error {
	missing := lowest(v.ends, v.extra)
	if missing == 0 && v.log.root() == at.Root {
		switch bad := lowest(v.differs, v.wrong, v.short); {
		case v.forked != 0:
			return v.fork()
		case bad != 0:
			return &Tampered{bad, "the log is what was recorded, its stored hashes are not; the next run makes them again from the log"}
		}
		return nil
	}
	bad := lowest(missing, v.differs)
	switch {
	case v.short != 0 && len(v.report.Archived) > 0:
		return &Tampered{lowest(bad, v.short), "the stored hashes are damaged, and with records archived the rest cannot be checked"}
	case bad == 0 && v.forked != 0:
		return v.fork()
	case bad == 0:
		return &Tampered{v.vouched + 1, fmt.Sprintf("log and stored hashes were changed together, somewhere behind record %d: none of it is what the checkpoint has", v.vouched)}
	case bad == v.ends:
		return &Tampered{bad, fmt.Sprintf("the log ends or a file of it was cut before this record; the checkpoint has %d", at.Size)}
	case bad == v.extra:
		return &Tampered{bad, fmt.Sprintf("more stands here than the checkpoint's %d records: lines were added, or the checkpoint was put back to an older one", at.Size)}
	}
	return &Tampered{bad, "the line is not what was recorded: it was changed, removed or moved"}
}

func (v *verification) fork() error {
	return &Tampered{v.vouched + 1, fmt.Sprintf("a saved checkpoint of %d records is of another history: between here and there one of the two was rewritten, or is a fork", v.forked)}
}

// gone says what an unreadable ledger means.
func gone(err error) error {
	var io *fs.PathError
	if errors.As(err, &io) {
		return err
	}
	return &Tampered{0, strings.TrimPrefix(err.Error(), "ledger: ")}
}

// note1st keeps the lowest number noted.
func note1st(to *int64, seq int64) { *to = lowest(*to, seq) }

// lowest is the lowest of the numbers that are set.
func lowest(seqs ...int64) (low int64) {
	for _, s := range seqs {
		if s != 0 && (low == 0 || s < low) {
			low = s
		}
	}
	return low
}
