package escrow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// store is where a Copy keeps its files. A file appears whole or not at all.
type store interface {
	names(ctx context.Context) ([]string, error)
	read(ctx context.Context, name string) ([]byte, error)
	write(ctx context.Context, name string, note []byte) error
}

// checkpoints is a Copy that uses a store. The store has no file that says which checkpoint is the latest, because such
// a file could be wrong. For example, two runs could end at the same time, and the older checkpoint could be written
// last. Somebody who removes records from the ledger could also write a smaller checkpoint into the file.
type checkpoints struct{ store }

func (c checkpoints) Put(ctx context.Context, name string, note []byte) error {
	h, err := parse(note)
	if err != nil {
		return err
	}
	if !plainName(name) {
		return errors.New("escrow: the name of a checkpoint has at most 128 letters, digits, dots, dashes and underscores, and does not begin with a dot")
	}
	names, err := c.names(ctx)
	if err != nil {
		return err
	}
	if last := largestSize(names); len(last) > 0 {
		latest, err := c.readChecked(ctx, last[0])
		if err != nil {
			return err
		}
		if l, _ := parse(latest); l.origin != h.origin {
			return &Conflict{"the checkpoint copy holds checkpoints of another ledger: use a different folder or prefix for each ledger"}
		}
	}
	// The checkpoint is stored even if it contradicts another checkpoint. Both are needed to find out what was changed.
	if err := c.write(ctx, storedName(name, h.size, note), note); err != nil {
		return err
	}
	return c.checkEqual(ctx, ofSize(names, h.size), note)
}

func (c checkpoints) Latest(ctx context.Context) ([]byte, error) {
	names, err := c.names(ctx)
	if err != nil {
		return nil, err
	}
	last := largestSize(names)
	if len(last) == 0 {
		return nil, nil
	}
	note, err := c.readChecked(ctx, last[0])
	if err != nil {
		return nil, err
	}
	return note, c.checkEqual(ctx, last[1:], note)
}

// checkEqual compares a checkpoint with stored checkpoints of the same size. It does not compare signatures.
func (c checkpoints) checkEqual(ctx context.Context, names []string, note []byte) error {
	want, _, _ := bytes.Cut(note, []byte("\n\n"))
	for _, name := range names {
		other, err := c.readChecked(ctx, name)
		if err != nil {
			return err
		}
		if body, _, _ := bytes.Cut(other, []byte("\n\n")); !bytes.Equal(body, want) {
			return &Conflict{"the checkpoint copy holds two different checkpoints over the same number of records: the ledger was rewritten or copied; give both to masker ledger verify --since"}
		}
	}
	return nil
}

// readChecked reads a stored checkpoint, and checks it against the size and the digest in its name.
func (c checkpoints) readChecked(ctx context.Context, name string) ([]byte, error) {
	note, err := c.read(ctx, name)
	if err != nil {
		return nil, err
	}
	h, err := parse(note)
	if size, _ := sizeOf(name); err != nil || h.size != size || !strings.HasSuffix(name, digestSuffix(note)) {
		return nil, &Conflict{"file " + name + " of the checkpoint copy was changed or cut off: find out who writes there, and move the file elsewhere before the next run"}
	}
	return note, nil
}

// header is the first two lines of a checkpoint.
type header struct {
	origin string // the name of the ledger's key
	size   int64  // number of records
}

const maxNote = 64 << 10 // largest checkpoint that is read, in bytes. Real ones have a few hundred bytes

func parse(note []byte) (header, error) {
	bad := errors.New("escrow: this is not a checkpoint of a ledger")
	body, _, signed := strings.Cut(string(note), "\n\n")
	lines := strings.Split(body, "\n")
	if !signed || len(lines) < 3 || lines[0] == "" || len(note) > maxNote {
		return header{}, bad
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return header{}, bad
	}
	return header{lines[0], size}, nil
}

const (
	suffix  = ".checkpoint"
	sizeLen = 19 // number of digits of the largest size. With leading zeros, names sort by size
)

// storedName returns the name under which a checkpoint is stored. The name holds a digest of the checkpoint. A
// different checkpoint therefore never replaces a stored one, and Put can store the same checkpoint again.
func storedName(name string, size int64, note []byte) string {
	return fmt.Sprintf("%0*d-%s%s", sizeLen, size, name, digestSuffix(note))
}

func digestSuffix(note []byte) string {
	sum := sha256.Sum256(note)
	return "-" + hex.EncodeToString(sum[:16]) + suffix
}

// sizeOf returns the size in the name of a stored checkpoint. It returns false for other files, which are ignored.
func sizeOf(name string) (int64, bool) {
	digits, rest, dash := strings.Cut(name, "-")
	if !dash || len(digits) != sizeLen || !strings.HasSuffix(rest, suffix) || !plainName(digits) {
		return 0, false
	}
	size, err := strconv.ParseInt(digits, 10, 64)
	return size, err == nil
}

// largestSize returns the names with the largest size.
func largestSize(names []string) []string {
	most, found := int64(0), false
	for _, name := range names {
		if n, ours := sizeOf(name); ours && (!found || n > most) {
			most, found = n, true
		}
	}
	if !found {
		return nil
	}
	return ofSize(names, most)
}

func ofSize(names []string, size int64) []string {
	var list []string
	for _, name := range names {
		if n, ours := sizeOf(name); ours && n == size {
			list = append(list, name)
		}
	}
	return list
}

func plainName(name string) bool {
	if name == "" || len(name) > 128 || name[0] == '.' {
		return false
	}
	for _, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && r != '.' && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

// readNote reads a checkpoint, but at most one byte more than maxNote.
func readNote(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, maxNote+1)) }
