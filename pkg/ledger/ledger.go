package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Options are what a ledger needs besides its folder.
type Options struct {
	// Signer is the file of the key that signs checkpoints; "" is signer.key in the ledger's folder. It is
	// made with the ledger's first record, and never again.
	Signer string
}

func (o Options) signer(dir string) string {
	if o.Signer != "" {
		return o.Signer
	}
	return filepath.Join(dir, signerName)
}

// Ledger is an open log. Any number of processes and goroutines may write to one folder.
type Ledger struct {
	dir    string
	signer string

	mu    sync.Mutex // flock is per open file: it does not hold this process's goroutines apart
	lock  *os.File
	key   *signer    // nil while there is no record
	at    Checkpoint // as last seen
	index *index
}

// Open opens the ledger of a folder, making the folder where there is none. It repairs
// a torn tail and refuses a log that is not what its checkpoint acknowledges.
func Open(dir string, o Options) (*Ledger, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("ledger: cannot make its folder: %w; nothing is read without a ledger", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("ledger: cannot open %s for writing: %w; nothing is read without a ledger", lockName, err)
	}
	l := &Ledger{dir: dir, signer: o.signer(dir), lock: lock}
	if err := l.locked(func(*log) error { return writable(dir) }); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return l, nil
}

// writable refuses a folder in which no checkpoint could be put in its place.
func writable(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, checkpointName)+newSuffix, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("ledger: cannot write into its folder: %w; nothing is read without a ledger", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Close closes the log.
func (l *Ledger) Close() error { return l.lock.Close() }

// Records reads the whole log.
func (l *Ledger) Records() ([]Record, error) {
	var records []Record
	for r, err := range Read(l.dir) {
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

// VerifierKey is the line that everybody may have: with it and a checkpoint the ledger is verified. "" while there is no record.
func (l *Ledger) VerifierKey() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.key == nil {
		return ""
	}
	return l.key.vkey
}

// PublicKey is the verifier key of a ledger, of which it reads only the signing key's file.
func PublicKey(dir string, o Options) (string, error) {
	k, err := readSigner(o.signer(dir))
	if err != nil {
		return "", fmt.Errorf("ledger: %w", err)
	}
	return k.vkey, nil
}

// Checkpoint is the last one this ledger saw; of a ledger without a record, none.
func (l *Ledger) Checkpoint() Checkpoint {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at
}

// Flow is the last published movement of a flow. A ledger that can no longer be read answers
// with what it knew; nothing can be started with it.
func (l *Ledger) Flow(name string) (last Last, ok bool) {
	err := l.locked(func(g *log) error {
		if last, ok = g.index.Flows[name]; !ok {
			return nil
		}
		root, err := tlog.TreeHash(last.Seq, g.tree)
		last.Checkpoint = Checkpoint{Size: last.Seq, Root: root}
		return err
	})
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		last, ok = l.index.Flows[name]
	}
	return last, ok
}

// Seal finishes the active file: its last record says so, and it gets a name of its own. It may be moved to an
// archive then; what follows can still be verified.
func (l *Ledger) Seal() error {
	return l.locked(func(g *log) error {
		if g.at.bytes == 0 {
			return errors.New("ledger: there is nothing to seal: the active file has no record")
		}
		first := g.at.first
		if err := g.append(Record{Event: EventSealed}); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(g.dir, activeName), filepath.Join(g.dir, sealedName(first))); err != nil {
			return fmt.Errorf("ledger: the file is sealed and could not be renamed; the next record does that: %w", err)
		}
		return syncDir(g.dir)
	})
}

func (l *Ledger) add(r Record) error {
	return l.locked(func(g *log) error { return g.append(r) })
}

// Run is a movement that has started and not ended. It belongs to one goroutine.
type Run struct {
	ledger *Ledger
	id     string
	seq    int64
	source string
	ended  bool
}

// ID is the run's name: short, sorting by time, lower-case letters and digits, so
// that it can be part of a database's name.
func (r *Run) ID() string { return r.id }

// Seq is the number of its start's record.
func (r *Run) Seq() int64 { return r.seq }

// Start records that a movement begins; when it returns without an error, the record
// is on the disk. The caller holds the target's lock, so whichever run on the same
// target has not ended is dead, and is closed first. published is the run the
// target's own marker names, "" if none: a dead run of that name did publish.
func (l *Ledger) Start(m Movement, published string) (*Run, error) {
	run := &Run{ledger: l}
	err := l.locked(func(g *log) error {
		for _, dead := range g.index.openOn(m.Target.Identity()) {
			end := Outcome{Published: dead == published, Reason: "the process died"}
			if err := g.append(Record{Event: EventRecoveredAbort, Run: dead, Outcome: &end}); err != nil {
				return err
			}
		}
		run.id, run.source = g.index.newID(time.Now()), m.Source.Identity()
		if err := g.append(Record{Event: EventStart, Run: run.id, Movement: &m}); err != nil {
			return err
		}
		run.seq = g.at.Size
		return nil
	})
	if err != nil {
		return nil, err
	}
	return run, nil
}

// Learned records what the run learned of columns, before it reads rows. Whatever became of an earlier run,
// what it spent is spent.
func (r *Run) Learned(list []Learned) error {
	return r.ledger.locked(func(g *log) error {
		list := slices.Clone(list)
		for i := range list {
			list[i].Total = list[i].Epsilon + g.index.Spent[column(r.source, list[i])]
		}
		return g.append(Record{Event: EventLearned, Run: r.id, Learned: list})
	})
}

// Shadow records which database the run made to fill it. Until the run ends, and after it failed, only that one is its.
func (r *Run) Shadow(d Database) error {
	return r.ledger.add(Record{Event: EventShadow, Run: r.id, Shadow: &d})
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
	err := r.ledger.locked(func(g *log) error {
		return g.append(Record{Event: e, Run: r.id, Outcome: &o})
	})
	if err != nil {
		return fmt.Errorf("%w; the next run on this target will close run %s", err, r.id)
	}
	r.ended = true
	return nil
}
