package ledger

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// index holds the facts about all earlier records that the guard and the next record need. The index is a cache: if it
// does not match the log, it is made again. It is signed with the ledger's key, so that nobody else can write it.
type index struct {
	Size  int64                    `json:"size"` // size of the checkpoint that the index matches
	Root  tlog.Hash                `json:"root"`
	First int64                    `json:"first"` // Checkpoint.first
	Bytes int64                    `json:"bytes"` // Checkpoint.bytes
	Open  map[string]openRun       `json:"open"`  // runs that have not ended
	Spent map[string]float64       `json:"spent"` // sum of the epsilons of all runs, by source and column; see Learned
	Flows map[string]LastPublished `json:"flows"`
	ID    string                   `json:"id"` // identifier of the last run
}

// openRun is a run that has not ended.
type openRun struct {
	Seq    int64         `json:"seq"`
	Target string        `json:"target"`
	Source string        `json:"source"`
	Flow   string        `json:"flow"`
	Last   LastPublished `json:"last"` // becomes the flow's last movement when the run is published
}

// LastPublished describes the last published movement of a flow.
type LastPublished struct {
	Run      string    `json:"run"`
	Seq      int64     `json:"seq"` // number of the record of its end
	At       time.Time `json:"at"`  // time of its end
	Revision int       `json:"revision"`
	Plan     string    `json:"plan"`               // digest of the plan
	Rules    string    `json:"rules,omitempty"`    // digest of the rules. "" for a flow without rules, and if an older masker wrote the index
	Approved bool      `json:"approved,omitempty"` // the movement had an approval
	Required int       `json:"required,omitempty"` // number of approvals that the movement needed
	Policy   []string  `json:"policy"`             // what was waived: codes, and findings as Waived.Waives names them

	Checkpoint Checkpoint `json:"-"` // the checkpoint after the record of its end. Its Note is ""
}

// indexHead is the first line of an index. A checkpoint begins with the key's name, so an index cannot be used as a
// checkpoint.
const indexHead = "masker ledger index\n"

func newIndex() *index {
	root, _ := tlog.TreeHash(0, nil) // the hash of an empty tree needs no reader
	return &index{Root: root, First: 1, Open: map[string]openRun{}, Spent: map[string]float64{}, Flows: map[string]LastPublished{}}
}

// catchUp updates the index to the checkpoint. It starts from the index in memory, or from the index on disk if none is
// in memory. If this index does not match the log, it reads all records.
func (g *log) catchUp() error {
	if g.index == nil {
		g.index = readIndex(g.dir, g.key)
	}
	if !g.indexFits() {
		g.index = newIndex()
	}
	if g.index.Size == g.at.Size {
		return nil
	}
	for l, err := range g.newRecords() {
		if err != nil {
			return fmt.Errorf("ledger: cannot make the index: %w", err)
		}
		r, err := l.record()
		if err != nil {
			return err
		}
		if r.Seq != g.index.Size+1 {
			return fmt.Errorf("ledger: the index must be made again from all records, but records %d to %d are archived; "+
				"copy their files back, run again, and archive them afterwards", g.index.Size+1, r.Seq-1)
		}
		g.index.add(r, Checkpoint{Size: r.Seq})
	}
	if g.index.Size != g.at.Size {
		return fmt.Errorf("ledger: the log ends after record %d, the checkpoint has %d; %s", g.index.Size, g.at.Size, restore)
	}
	g.index.Root, g.index.First, g.index.Bytes = g.at.Root, g.at.first, g.at.bytes
	g.index.save(g.dir, g.key)
	return nil
}

// indexFits reports whether the index matches this log.
func (g *log) indexFits() bool {
	i := g.index
	if i == nil || i.Size > g.at.Size {
		return false
	}
	root, err := tlog.TreeHash(i.Size, g.tree)
	return err == nil && root == i.Root
}

// newRecords reads the records after the index. If possible, it reads only the end of the active file.
func (g *log) newRecords() func(func(line, error) bool) {
	if i := g.index; i.First == g.at.first && i.Bytes <= g.at.bytes && g.active != nil {
		end := io.NewSectionReader(g.active, i.Bytes, g.at.bytes-i.Bytes)
		return read(end, g.active.Name(), i.Size+1)
	}
	return snapshotOf(g.dir, g.at).lines(g.index.Size + 1)
}

// add updates the index with a record.
func (i *index) add(r Record, at Checkpoint) {
	i.Size, i.Root, i.First, i.Bytes = at.Size, at.Root, at.first, at.bytes
	switch r.Event {
	case EventStart:
		i.ID = max(i.ID, r.Run)
		if m := r.Movement; m != nil {
			i.Open[r.Run] = openRun{
				Seq: r.Seq, Flow: m.Flow, Target: m.Target.Identity(), Source: m.Source.Identity(),
				Last: LastPublished{
					Run: r.Run, Revision: m.Revision, Plan: m.Digests.Plan, Rules: m.Digests.Rules,
					Approved: len(m.Approvers) > 0, Required: m.Required, Policy: m.waived(),
				},
			}
		}
	case EventRollback, EventRetire, EventBranching, EventBranchDrop:
		i.ID = max(i.ID, r.Run)
	case EventFinish, EventAbort, EventRecoveredAbort:
		if b, ok := i.Open[r.Run]; ok && r.Outcome != nil && r.Outcome.Published {
			b.Last.Seq, b.Last.At = r.Seq, r.Time
			i.Flows[b.Flow] = b.Last
		}
		delete(i.Open, r.Run)
	case EventLearned:
		for _, l := range r.Learned {
			i.Spent[column(i.Open[r.Run].Source, l)] += l.Epsilon
		}
	}
}

// waived returns what the configuration and the rules of a movement waive.
func (m *Movement) waived() []string {
	list := slices.Clone(m.Waivers)
	for _, w := range m.Findings {
		list = append(list, w.Waives())
	}
	return list
}

// column returns the key in Spent for a column of a source.
func column(source string, l Learned) string {
	return strings.Join([]string{source, l.Table, l.Column}, "\x00")
}

// openOn lists the runs on a target that have started and not ended, the oldest first.
func (i *index) openOn(target string) []string {
	ids := slices.Sorted(maps.Keys(i.Open))
	ids = slices.DeleteFunc(ids, func(id string) bool { return i.Open[id].Target != target })
	slices.SortStableFunc(ids, func(a, b string) int { return int(i.Open[a].Seq - i.Open[b].Seq) })
	return ids
}

// newID makes an identifier of twelve characters: nine for the time in milliseconds, and three random characters. The
// identifier sorts after all earlier identifiers.
func (i *index) newID(now time.Time) string {
	const digits = "0123456789abcdefghjkmnpqrstvwxyz" // the alphabet of Crockford's base 32, without i, l, o and u
	for ms := uint64(now.UnixMilli()); ; ms++ {
		id := make([]byte, 12)
		for at, rest := 8, ms; at >= 0; at, rest = at-1, rest>>5 {
			id[at] = digits[rest&31]
		}
		_, _ = rand.Read(id[9:]) // never fails: crypto/rand ends the program instead
		for at := 9; at < len(id); at++ {
			id[at] = digits[id[at]&31]
		}
		if string(id) > i.ID {
			return string(id)
		}
		if last := i.ID[:9]; string(id[:9]) < last {
			ms = millis(last, digits)
		}
	}
}

// millis reads the milliseconds in an identifier. newID reads them if the clock was ahead when the
// last identifier was made.
func millis(text, digits string) (ms uint64) {
	for _, c := range []byte(text) {
		ms = ms<<5 | uint64(strings.IndexByte(digits, c))
	}
	return ms
}

// readIndex reads the index. It returns nil if there is no index, if this ledger did not sign the index, or if the
// index has unknown fields.
func readIndex(dir string, k *signer) *index {
	data, err := os.ReadFile(filepath.Join(dir, indexName))
	if err != nil {
		return nil
	}
	n, err := note.Open(data, note.VerifierList(k.verifier))
	if err != nil {
		return nil
	}
	text, found := strings.CutPrefix(n.Text, indexHead)
	i := newIndex()
	if !found || decodeStrict([]byte(text), i) != nil {
		return nil
	}
	return i
}

// save writes the index. It ignores errors, because the next writer makes the index again.
func (i *index) save(dir string, k *signer) {
	data, err := json.Marshal(i)
	if err != nil {
		return
	}
	signed, err := note.Sign(&note.Note{Text: indexHead + string(data) + "\n"}, k)
	if err != nil {
		return
	}
	path := filepath.Join(dir, indexName)
	if err := os.WriteFile(path+newSuffix, signed, 0o600); err != nil {
		_ = errors.Join(err, os.Remove(path+newSuffix))
		return
	}
	_ = os.Rename(path+newSuffix, path)
}
