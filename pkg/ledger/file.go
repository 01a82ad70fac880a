package ledger

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// state is the log as read under its lock. It lives as long as the lock is held.
type state struct {
	dir     string
	log     *os.File
	records []Record
	size    int64 // bytes of whole records
}

// head is what was last acknowledged. It stands beside the log so that a log that
// lost its end is told from one that never had it.
type head struct {
	Seq  int64 `json:"seq"`
	Size int64 `json:"size"`
}

// locked runs fn with the log locked, read and repaired.
func (l *Ledger) locked(fn func(*state) error) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := flock(l.log, unix.LOCK_EX); err != nil {
		return fmt.Errorf("ledger: cannot lock the log: %w", err)
	}
	defer func() { err = errors.Join(err, flock(l.log, unix.LOCK_UN)) }()
	s := &state{dir: l.dir, log: l.log}
	if err := s.load(); err != nil {
		return err
	}
	return fn(s)
}

func flock(f *os.File, how int) error {
	for {
		if err := unix.Flock(int(f.Fd()), how); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// load reads the log, holds it against what was acknowledged, and cuts a torn tail.
func (s *state) load() error {
	data, err := io.ReadAll(io.NewSectionReader(s.log, 0, 1<<62))
	if err != nil {
		return fmt.Errorf("ledger: cannot read the log: %w", err)
	}
	acked, err := s.readHead()
	if err != nil {
		return err
	}
	for rest := data; ; {
		line, tail, whole := bytes.Cut(rest, []byte("\n"))
		if !whole {
			break
		}
		var r Record
		seq := int64(len(s.records)) + 1
		if err := strict(line, &r); err != nil || r.Seq != seq {
			if len(tail) == 0 && seq > acked.Seq {
				break // the last line, never acknowledged: torn as well
			}
			return fmt.Errorf("ledger: line %d of %s is not record %d; the log was changed or damaged: restore it, "+
				"or move the whole folder away and say so in your records", seq, logName, seq)
		}
		s.records = append(s.records, r)
		s.size += int64(len(line)) + 1
		rest = tail
	}
	if int64(len(s.records)) < acked.Seq || s.size < acked.Size {
		return fmt.Errorf("ledger: %d records were acknowledged and the log holds %d; restore it, "+
			"or move the whole folder away and say so in your records", acked.Seq, len(s.records))
	}
	return s.cut(int64(len(data)) - s.size)
}

// cut removes a torn tail for good before anything is written after it.
func (s *state) cut(torn int64) error {
	if torn == 0 {
		return nil
	}
	if err := errors.Join(s.log.Truncate(s.size), s.log.Sync()); err != nil {
		return fmt.Errorf("ledger: cannot cut the torn end of the log: %w", err)
	}
	return s.append(Record{Event: EventRecovered, Cut: torn})
}

// append writes one record; when it returns without an error, the record is durable.
func (s *state) append(r Record) error {
	r.Seq, r.Time = int64(len(s.records))+1, time.Now().UTC()
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	line = append(line, '\n')
	if _, err := s.log.WriteAt(line, s.size); err != nil {
		return fmt.Errorf("ledger: cannot write: %w", errors.Join(err, s.log.Truncate(s.size)))
	}
	if err := s.log.Sync(); err != nil {
		return fmt.Errorf("ledger: cannot make a record durable: %w", err)
	}
	s.records = append(s.records, r)
	s.size += int64(len(line))
	return s.writeHead()
}

func (s *state) readHead() (head, error) {
	var h head
	data, err := os.ReadFile(filepath.Join(s.dir, headName))
	if errors.Is(err, os.ErrNotExist) {
		return h, nil
	}
	if err == nil {
		err = strict(data, &h)
	}
	if err != nil {
		return h, fmt.Errorf("ledger: cannot read %s, which says how long the log must be: %w", headName, err)
	}
	return h, nil
}

func (s *state) writeHead() error {
	data, err := json.Marshal(head{Seq: int64(len(s.records)), Size: s.size})
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	path := filepath.Join(s.dir, headName)
	if err := writeSynced(path+".tmp", append(data, '\n')); err != nil {
		return fmt.Errorf("ledger: cannot write %s: %w", headName, err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return fmt.Errorf("ledger: cannot write %s: %w", headName, err)
	}
	// The folder holds the names of both files; without this a crash may lose them.
	dir, err := os.Open(s.dir)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("ledger: cannot make the folder durable: %w", err)
	}
	return nil
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// open lists the runs on a target that have started and not ended.
func (s *state) open(target string) []string {
	ended := make(map[string]bool)
	for _, r := range s.records {
		switch r.Event {
		case EventFinish, EventAbort, EventRecoveredAbort:
			ended[r.Run] = true
		}
	}
	var ids []string
	for _, r := range s.records {
		if r.Event == EventStart && !ended[r.Run] && r.Movement != nil && r.Movement.Target.identity() == target {
			ids = append(ids, r.Run)
		}
	}
	return ids
}

// sourceOf is the identity of the database that a run read.
func (s *state) sourceOf(run string) string {
	for _, r := range s.records {
		if r.Event == EventStart && r.Run == run && r.Movement != nil {
			return r.Movement.Source.identity()
		}
	}
	return ""
}

// spent is the privacy that all runs so far have spent on a column of a source.
func (s *state) spent(source, table, column string) float64 {
	total := 0.0
	for _, r := range s.records {
		if r.Event != EventLearned || s.sourceOf(r.Run) != source {
			continue
		}
		for _, l := range r.Learned {
			if l.Table == table && l.Column == column {
				total += l.Epsilon
			}
		}
	}
	return total
}

// newID makes nine characters of milliseconds and three of chance.
func (s *state) newID(now time.Time) string {
	const digits = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's, without i, l, o and u
	for {
		id := make([]byte, 12)
		ms := uint64(now.UnixMilli())
		for i := 8; i >= 0; i-- {
			id[i] = digits[ms&31]
			ms >>= 5
		}
		_, _ = rand.Read(id[9:]) // crypto/rand ends the program rather than fail
		for i := 9; i < len(id); i++ {
			id[i] = digits[id[i]&31]
		}
		if !s.known(string(id)) {
			return string(id)
		}
	}
}

func (s *state) known(id string) bool {
	for _, r := range s.records {
		if r.Run == id {
			return true
		}
	}
	return false
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
