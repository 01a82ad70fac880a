package ledger

import (
	"encoding/base64"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ForkError is the error for a checkpoint that this ledger's key signed, but that does not match
// the ledger's records. Either the checkpoint or this ledger was rewritten, or is a fork.
type ForkError struct {
	Size int64 // size of the checkpoint
	Have int64 // number of records in this ledger
}

func (e *ForkError) Error() string {
	if e.Size > e.Have {
		return fmt.Sprintf("ledger: the checkpoint has %d records, and the ledger has only %d: the ledger was rolled back, or this is a fork of it", e.Size, e.Have)
	}
	return fmt.Sprintf("ledger: the checkpoint of %d records has another history than this ledger of %d records: one of them was rewritten or is a fork", e.Size, e.Have)
}

// Extends returns nil if the ledger continues the records that a checkpoint of its own key covers. Otherwise the error
// is a *ForkError.
func (l *Ledger) Extends(cp Checkpoint) error {
	return l.locked(func(g *log) error {
		if cp.Size > g.at.Size {
			return &ForkError{cp.Size, g.at.Size}
		}
		if cp.Size == 0 {
			return nil
		}
		proof, err := tlog.ProveTree(g.at.Size, cp.Size, g.tree)
		if err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		if tlog.CheckTree(proof, g.at.Size, g.at.Root, cp.Size, cp.Root) != nil {
			return &ForkError{cp.Size, g.at.Size}
		}
		return nil
	})
}

// Inclusion is one record with the proof that a checkpoint covers it. Verify checks the proof without the ledger.
type Inclusion struct {
	Line       string   `json:"line"` // the record, as its line in the log
	Seq        int64    `json:"seq"`
	Proof      []string `json:"proof"` // hashes from the record to the root
	Checkpoint string   `json:"checkpoint"`
	Verifier   string   `json:"verifier"` // the ledger's public key as the ledger gave it. Do not trust it

	Shadow       *Inclusion `json:"shadow,omitempty"`       // with the start of a run: the record of the database that it made, with a proof of its own
	Verification *Inclusion `json:"verification,omitempty"` // with the start of a run: the record of its verification, with a proof of its own
}

// Include returns a record with the proof that the current checkpoint covers it.
func (l *Ledger) Include(seq int64) (in Inclusion, err error) {
	err = l.locked(func(g *log) error {
		if seq < 1 || seq > g.at.Size {
			return fmt.Errorf("ledger: there is no record %d; the last is %d", seq, g.at.Size)
		}
		text, err := g.text(seq)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveRecord(g.at.Size, seq-1, g.tree)
		if err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		if tlog.CheckRecord(proof, g.at.Size, g.at.Root, seq-1, tlog.RecordHash(text)) != nil {
			return changed(seq)
		}
		in = Inclusion{Line: string(text), Seq: seq, Proof: []string{}, Checkpoint: g.at.Note, Verifier: g.key.vkey}
		for _, h := range proof {
			in.Proof = append(in.Proof, base64.StdEncoding.EncodeToString(h[:]))
		}
		return nil
	})
	return in, err
}

// text returns the line of a record.
func (g *log) text(seq int64) ([]byte, error) {
	for l, err := range snapshotOf(g.dir, g.at).lines(seq) {
		if err != nil {
			return nil, err
		}
		if l.seq == seq {
			return l.text, nil
		}
		break
	}
	return nil, fmt.Errorf("ledger: record %d is in a sealed file that is archived; copy the file back", seq)
}

// Verify checks the proof against the ledger's verifier key, and returns the record. It uses no file and no network.
func (in Inclusion) Verify(vkey string) (Record, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return Record{}, fmt.Errorf("ledger: not a verifier key (masker ledger key prints it): %w", err)
	}
	c, err := openCheckpoint(in.Checkpoint, v)
	if err != nil {
		return Record{}, err
	}
	proof := make(tlog.RecordProof, len(in.Proof))
	for i, text := range in.Proof {
		if proof[i], err = tlog.ParseHash(text); err != nil {
			return Record{}, fmt.Errorf("ledger: step %d of the proof is not a hash", i+1)
		}
	}
	if in.Seq < 1 || in.Seq > c.Size || tlog.CheckRecord(proof, c.Size, c.Root, in.Seq-1, tlog.RecordHash([]byte(in.Line))) != nil {
		return Record{}, fmt.Errorf("ledger: the checkpoint does not cover this record %d: one of them was changed", in.Seq)
	}
	return line{seq: in.Seq, text: []byte(in.Line)}.record()
}
