package ledger

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	activeName     = "ledger.jsonl"
	sealedPrefix   = "ledger-"
	sealedSuffix   = ".jsonl"
	hashesName     = "hashes"
	checkpointName = "checkpoint"
	indexName      = "index"
	lockName       = "lock"
	signerName     = "signer.key"
	newSuffix      = ".new" // suffix of a file that is not complete
)

// sealedName returns the name of the sealed file that begins with the record number first.
func sealedName(first int64) string {
	return fmt.Sprintf("%s%012d%s", sealedPrefix, first, sealedSuffix)
}

// segment is one file of the log.
type segment struct {
	path  string
	first int64    // sequence number of its first record
	bytes int64    // number of acknowledged bytes, or -1 for a sealed file, in which all bytes are acknowledged
	file  *os.File // the active file. Nil for sealed files, which are opened later
	size  int64    // size of file when the snapshot was taken
}

// snapshot is the log at one checkpoint. It does not change when records are appended.
type snapshot struct {
	at       Checkpoint
	segments []segment
	err      error
}

// sharedSnapshot takes a snapshot under a shared lock, so that nobody writes meanwhile. Without a checkpoint, the
// snapshot is empty.
func sharedSnapshot(dir string) (*snapshot, error) {
	lock, err := os.Open(filepath.Join(dir, lockName))
	switch {
	case err == nil:
		defer lock.Close() // closing the file also unlocks the ledger
		if err := flock(lock, unix.LOCK_SH); err != nil {
			return nil, fmt.Errorf("ledger: cannot lock the log: %w", err)
		}
	case !errors.Is(err, os.ErrNotExist): // a copy of a ledger may have no lock file
		return nil, fmt.Errorf("ledger: %w", err)
	}
	data, err := os.ReadFile(filepath.Join(dir, checkpointName))
	if errors.Is(err, os.ErrNotExist) {
		return &snapshot{}, refuseLeftovers(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	c, err := unsigned(string(data))
	if err != nil {
		return nil, err
	}
	return snapshotOf(dir, c), nil
}

// refuseLeftovers refuses a folder that has files of a ledger, but no checkpoint.
func refuseLeftovers(dir string) error {
	found, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	for _, e := range found {
		if n := e.Name(); n == activeName || n == hashesName || n == indexName || strings.HasPrefix(n, sealedPrefix) {
			return fmt.Errorf("ledger: %s holds %s, but no %s, which says how many records were acknowledged; %s", dir, n, checkpointName, restore)
		}
	}
	return nil
}

const restore = "restore it, or move the whole folder away and note that in your own records"

func flock(f *os.File, how int) error {
	for {
		if err := unix.Flock(int(f.Fd()), how); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// snapshotOf takes a snapshot. The caller makes sure that nobody writes meanwhile.
func snapshotOf(dir string, at Checkpoint) *snapshot {
	s := &snapshot{at: at}
	s.segments, s.err = sealedIn(dir)
	if s.err != nil {
		return s
	}
	f, err := os.Open(filepath.Join(dir, activeName))
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			s.err = fmt.Errorf("ledger: %w", err)
		}
		return s
	}
	st, err := f.Stat()
	if err != nil {
		s.err = errors.Join(err, f.Close())
		return s
	}
	active := segment{path: f.Name(), first: at.first, bytes: at.bytes, file: f, size: st.Size()}
	if first := unsealed(f, at); first != 0 {
		active.first, active.bytes = first, -1
	}
	s.segments = append(s.segments, active)
	return s
}

func sealedIn(dir string) ([]segment, error) {
	found, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	var list []segment
	for _, e := range found {
		digits, ok := strings.CutPrefix(e.Name(), sealedPrefix)
		if digits, found := strings.CutSuffix(digits, sealedSuffix); ok && found {
			first, err := strconv.ParseInt(digits, 10, 64)
			if err != nil || sealedName(first) != e.Name() {
				return nil, fmt.Errorf("ledger: %s is not a valid name of a sealed file", e.Name())
			}
			list = append(list, segment{path: filepath.Join(dir, e.Name()), first: first, bytes: -1})
		}
	}
	slices.SortFunc(list, func(a, b segment) int { return int(a.first - b.first) })
	return list, nil
}

// unsealed returns the first sequence number in the active file, if the file was sealed but not renamed yet. Otherwise
// it returns 0.
func unsealed(f *os.File, at Checkpoint) int64 {
	if at.bytes != 0 || at.Size == 0 {
		return 0
	}
	line, err := bufio.NewReader(io.NewSectionReader(f, 0, 1<<62)).ReadBytes('\n')
	var r Record
	if err != nil || decodeStrict(line, &r) != nil || r.Seq >= at.first {
		return 0 // a writer died before it acknowledged this record
	}
	return r.Seq
}

func (s *snapshot) close() {
	for _, g := range s.segments {
		if g.file != nil {
			_ = g.file.Close() // the file was only read, so an error does not matter
		}
	}
}

// line is a line of the log, without the line feed. It is valid until the next line is read.
type line struct {
	seq  int64 // counted from the first line of the file
	text []byte
	torn bool // it has no line feed: the file was cut short
	last bool // it is the last line of its file
}

// lines reads the records from a sequence number on, from all files in order. If a sealed file was moved to an archive,
// the numbers of its records are missing. lines does not check whether the content of a line has the line's number.
func (s *snapshot) lines(from int64) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		defer s.close()
		if s.err != nil {
			yield(line{}, s.err)
			return
		}
		for i, g := range s.segments {
			if i+1 < len(s.segments) && s.segments[i+1].first <= from {
				continue
			}
			for l, err := range g.lines() {
				if err != nil {
					yield(line{}, err)
					return
				}
				if l.seq >= from && !yield(l, nil) {
					return
				}
			}
		}
	}
}

func (g segment) lines() iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		f := g.file
		if f == nil {
			var err error
			if f, err = os.Open(g.path); err != nil {
				yield(line{}, fmt.Errorf("ledger: %w", err))
				return
			}
			defer f.Close()
		}
		end := g.bytes
		if end < 0 {
			end = 1 << 62
		}
		for l, err := range read(io.NewSectionReader(f, 0, end), g.path, g.first) {
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}

// read splits a stream into lines. A line is valid until the next one is read.
func read(from io.Reader, path string, seq int64) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		r := bufio.NewReaderSize(from, 1<<16)
		var long []byte
		for ; ; seq++ {
			text, err := r.ReadSlice('\n')
			for long = long[:0]; errors.Is(err, bufio.ErrBufferFull); text, err = r.ReadSlice('\n') {
				long = append(long, text...)
			}
			if len(long) > 0 {
				long = append(long, text...)
				text = long
			}
			if err != nil && !errors.Is(err, io.EOF) {
				yield(line{}, fmt.Errorf("ledger: cannot read %s: %w", path, err))
				return
			}
			if len(text) == 0 {
				return
			}
			l := line{seq: seq, text: text, torn: err != nil}
			if !l.torn {
				l.text = text[:len(text)-1]
				_, end := r.Peek(1)
				l.last = end != nil
			}
			if !yield(l, nil) || l.torn {
				return
			}
		}
	}
}

// Read reads the records of the ledger in a folder, the oldest first. It does not verify them. The function Verify
// does.
func Read(dir string) iter.Seq2[Record, error] { return readWith(dir) }

// readWith is Read for the records whose text holds one of the parts. Without parts, it reads all records. To decode a
// record takes far longer than to search its text.
func readWith(dir string, parts ...[]byte) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		s, err := sharedSnapshot(dir)
		if err != nil {
			yield(Record{}, err)
			return
		}
		for l, err := range s.lines(1) {
			if err == nil && len(parts) > 0 && !l.holds(parts) {
				continue
			}
			var r Record
			if err == nil {
				r, err = l.record()
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func (l line) holds(parts [][]byte) bool {
	return slices.ContainsFunc(parts, func(part []byte) bool { return bytes.Contains(l.text, part) })
}

func (l line) record() (Record, error) {
	var r Record
	if err := decodeStrict(l.text, &r); err != nil || r.Seq != l.seq {
		return r, fmt.Errorf("ledger: line %d is not record %d: the log was changed or damaged; masker ledger verify says more", l.seq, l.seq)
	}
	return r, nil
}
