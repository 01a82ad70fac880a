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

// Options are the options of a ledger.
type Options struct {
	// Signer is the file of the key that signs checkpoints. If it is "", the file is signer.key in the ledger's folder.
	// The key is made with the ledger's first record, and never again.
	Signer string
	// Fault is called with "sealing-EVENT" when a record is durable and not acknowledged yet. Tests kill the process
	// there. In production, Fault is nil.
	Fault func(point string)
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
	fault  func(point string) // nil for none

	mu    sync.Mutex // for the goroutines of this process, because flock does not exclude them
	lock  *os.File
	key   *signer    // nil until the first record
	at    Checkpoint // the last checkpoint that this Ledger saw
	index *index
}

// Open opens the ledger in a folder. It makes the folder if there is none. It cuts off an incomplete end of the log,
// and refuses a log that does not match its checkpoint.
func Open(dir string, o Options) (*Ledger, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("ledger: cannot make its folder: %w; nothing is read without a ledger", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("ledger: cannot open %s for writing: %w; nothing is read without a ledger", lockName, err)
	}
	l := &Ledger{dir: dir, signer: o.signer(dir), fault: o.Fault, lock: lock}
	if err := l.locked(func(*log) error { return writable(dir) }); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return l, nil
}

// writable refuses a folder in which no new checkpoint can be written.
func writable(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, checkpointName)+newSuffix, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("ledger: cannot write into its folder: %w; nothing is read without a ledger", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Close closes the ledger.
func (l *Ledger) Close() error { return l.lock.Close() }

// Records reads all records.
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

// VerifierKey returns the ledger's public key as one line. This key verifies checkpoints, and is not secret. The
// result is "" if the ledger has no record.
func (l *Ledger) VerifierKey() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.key == nil {
		return ""
	}
	return l.key.vkey
}

// PublicKey returns the verifier key of a ledger. It reads only the file of the signing key.
func PublicKey(dir string, o Options) (string, error) {
	k, err := readSigner(o.signer(dir))
	if err != nil {
		return "", fmt.Errorf("ledger: %w", err)
	}
	return k.vkey, nil
}

// Checkpoint returns the last checkpoint that l saw. It is the zero Checkpoint if the ledger has no record.
func (l *Ledger) Checkpoint() Checkpoint {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at
}

// Flow returns the last published movement of a flow. If the ledger can no longer be read, Flow returns what was read
// before. This is safe, because no run can start with such a ledger.
func (l *Ledger) Flow(name string) (last LastPublished, ok bool) {
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

// Seal finishes the active file: it appends a last record with EventSealed, and renames the file. The sealed file can
// then be moved to an archive. The records after it can still be verified.
func (l *Ledger) Seal() error {
	return l.locked(func(g *log) error {
		if g.at.bytes == 0 {
			return errors.New("ledger: there is nothing to seal, because the active file has no record")
		}
		first := g.at.first
		if err := g.append(Record{Event: EventSealed}); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(g.dir, activeName), filepath.Join(g.dir, sealedName(first))); err != nil {
			return fmt.Errorf("ledger: the file is sealed, but could not be renamed; masker renames it with the next record: %w", err)
		}
		return syncDir(g.dir)
	})
}

func (l *Ledger) add(r Record) error {
	return l.locked(func(g *log) error { return g.append(r) })
}

// Run is a movement that has started and not ended. Only one goroutine may use it.
type Run struct {
	ledger *Ledger
	id     string
	seq    int64
	source string
	ended  bool

	shadow   int64 // number of the record of the shadow, or 0
	verified int64 // number of the record of the verification, or 0
}

// ID returns the run's identifier. Identifiers sort by time. They are short and have only lower-case letters and
// digits, because they become part of a database's name.
func (r *Run) ID() string { return r.id }

// Seq returns the number of the run's start record.
func (r *Run) Seq() int64 { return r.seq }

// Start records that a movement begins. If it returns no error, the record is on the disk.
//
// The caller must hold the target's lock. With this lock, all other runs on the target that have no end in the ledger
// are dead. Start first records their end. The argument published is the run that the target's mark names, or "". If
// Start records the end of that run, it records that the run was published.
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

// Learned records what the run learned about sampled columns, before it reads rows. The total epsilon of a
// column also counts all earlier runs, even those that failed.
func (r *Run) Learned(list []Learned) error {
	return r.ledger.locked(func(g *log) error {
		list := slices.Clone(list)
		for i := range list {
			list[i].Total = list[i].Epsilon + g.index.Spent[column(r.source, list[i])]
		}
		return g.append(Record{Event: EventLearned, Run: r.id, Learned: list})
	})
}

// Shadow records which database the run made as its shadow. A later run drops an abandoned shadow only if the shadow
// is this database. Include then proves which database the run made.
func (r *Run) Shadow(d Database) (err error) {
	r.shadow, err = r.addNumbered(Record{Event: EventShadow, Run: r.id, Shadow: &d})
	return err
}

// addNumbered appends a record, and returns its number.
func (r *Run) addNumbered(record Record) (seq int64, err error) {
	err = r.ledger.locked(func(g *log) error {
		if err := g.append(record); err != nil {
			return err
		}
		seq = g.at.Size
		return nil
	})
	return seq, err
}

// Finish records that the run was published.
func (r *Run) Finish(o Outcome) error {
	o.Published = true
	return r.end(EventFinish, o)
}

// Abort records that the run ended without publishing. o.Reason must not quote the text of a server's message.
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
