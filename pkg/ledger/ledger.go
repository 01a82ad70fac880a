package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	logName  = "ledger.jsonl"
	headName = "head.json"
)

// Ledger is an open log. Any number of processes and goroutines may write to one folder.
type Ledger struct {
	dir string
	mu  sync.Mutex // flock is per open file: it does not hold this process's goroutines apart
	log *os.File
}

// Open opens the ledger of a folder, making both where they do not exist. It repairs
// a torn tail and refuses a log that is shorter than what was acknowledged, or not a log.
func Open(dir string) (*Ledger, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("ledger: cannot make its folder: %w; nothing is read without a ledger", err)
	}
	log, err := os.OpenFile(filepath.Join(dir, logName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("ledger: cannot open the log for writing: %w; nothing is read without a ledger", err)
	}
	l := &Ledger{dir: dir, log: log}
	if err := l.locked(func(*state) error { return nil }); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return l, nil
}

// Close closes the log.
func (l *Ledger) Close() error { return l.log.Close() }

// Records reads the whole log.
func (l *Ledger) Records() ([]Record, error) {
	var records []Record
	err := l.locked(func(s *state) error {
		records = s.records
		return nil
	})
	return records, err
}

// Run is a movement that has started and not ended. It belongs to one goroutine.
type Run struct {
	ledger *Ledger
	id     string
	ended  bool
}

// ID is the run's name: short, sorting by time, lower-case letters and digits, so
// that it can be part of a database's name.
func (r *Run) ID() string { return r.id }

// Start records that a movement begins; when it returns without an error, the record
// is on the disk. The caller holds the target's lock, so whichever run on the same
// target has not ended is dead, and is closed first. published is the run the
// target's own marker names, "" if none: a dead run of that name did publish.
func (l *Ledger) Start(m Movement, published string) (*Run, error) {
	run := &Run{ledger: l}
	err := l.locked(func(s *state) error {
		for _, dead := range s.open(m.Target.identity()) {
			end := Outcome{Published: dead == published, Reason: "the process died"}
			if err := s.append(Record{Event: EventRecoveredAbort, Run: dead, Outcome: &end}); err != nil {
				return err
			}
		}
		run.id = s.newID(time.Now())
		return s.append(Record{Event: EventStart, Run: run.id, Movement: &m})
	})
	if err != nil {
		return nil, err
	}
	return run, nil
}

// Learned records what the run learned of columns, before it reads rows. Whatever became of an earlier run,
// what it spent is spent.
func (r *Run) Learned(list []Learned) error {
	return r.ledger.locked(func(s *state) error {
		list := slices.Clone(list)
		for i := range list {
			list[i].Total = list[i].Epsilon + s.spent(s.sourceOf(r.id), list[i].Table, list[i].Column)
		}
		return s.append(Record{Event: EventLearned, Run: r.id, Learned: list})
	})
}

// Finish records that the run was published.
func (r *Run) Finish(o Outcome) error {
	o.Published = true
	return r.end(EventFinish, o)
}

// Abort records that the run ended without publishing. Reason must be our own words.
func (r *Run) Abort(o Outcome) error {
	o.Published = false
	return r.end(EventAbort, o)
}

func (r *Run) end(e Event, o Outcome) error {
	if r.ended {
		return fmt.Errorf("ledger: run %s has already ended", r.id)
	}
	err := r.ledger.locked(func(s *state) error {
		return s.append(Record{Event: e, Run: r.id, Outcome: &o})
	})
	if err != nil {
		return fmt.Errorf("%w; the next run on this target will close run %s", err, r.id)
	}
	r.ended = true
	return nil
}

// Reveal records that values are about to be shown; when it returns without an error, the record is on the disk.
func (l *Ledger) Reveal(r Reveal) error {
	return l.locked(func(s *state) error { return s.append(Record{Event: EventReveal, Reveal: &r}) })
}

// Rotate records that a key was made to follow another.
func (l *Ledger) Rotate(r Rotation) error {
	return l.locked(func(s *state) error { return s.append(Record{Event: EventKeyRotated, Rotation: &r}) })
}
