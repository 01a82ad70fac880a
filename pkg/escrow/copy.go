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

// store is what a Copy is made of: files that appear as a whole.
type store interface {
	names(ctx context.Context) ([]string, error)
	read(ctx context.Context, name string) ([]byte, error)
	write(ctx context.Context, name string, note []byte) error
}

// checkpoints is a Copy over any store, so that all keep the same rules. There is no file that says which note is the
// latest: two runs that end at once could leave the older one in it, and whoever cut the ledger short the shorter.
type checkpoints struct{ store }

func (c checkpoints) Put(ctx context.Context, name string, note []byte) error {
	h, err := parse(note)
	if err != nil {
		return err
	}
	if !plainName(name) {
		return errors.New("escrow: a checkpoint's name is of letters, digits, dots, dashes and underscores, at most 128 of them, and begins with no dot")
	}
	names, err := c.names(ctx)
	if err != nil {
		return err
	}
	if last := largest(names); len(last) > 0 {
		there, err := c.checked(ctx, last[0])
		if err != nil {
			return err
		}
		if t, _ := parse(there); t.origin != h.origin {
			return &Conflict{"the checkpoint copy holds checkpoints of another ledger: give each ledger a folder or prefix of its own"}
		}
	}
	// Kept even where it contradicts another: both are needed to see what was changed.
	if err := c.write(ctx, keptAs(name, h.size, note), note); err != nil {
		return err
	}
	return c.agree(ctx, ofSize(names, h.size), note)
}

func (c checkpoints) Latest(ctx context.Context) ([]byte, error) {
	names, err := c.names(ctx)
	if err != nil {
		return nil, err
	}
	last := largest(names)
	if len(last) == 0 {
		return nil, nil
	}
	note, err := c.checked(ctx, last[0])
	if err != nil {
		return nil, err
	}
	return note, c.agree(ctx, last[1:], note)
}

// agree compares what is said of as many records. Notes are compared without their signatures.
func (c checkpoints) agree(ctx context.Context, names []string, note []byte) error {
	said, _, _ := bytes.Cut(note, []byte("\n\n"))
	for _, name := range names {
		other, err := c.checked(ctx, name)
		if err != nil {
			return err
		}
		if body, _, _ := bytes.Cut(other, []byte("\n\n")); !bytes.Equal(body, said) {
			return &Conflict{"the checkpoint copy holds two different checkpoints over as many records: the ledger was rewritten or copied; give both to masker ledger verify --since"}
		}
	}
	return nil
}

// checked reads a note that is the one its name was made for.
func (c checkpoints) checked(ctx context.Context, name string) ([]byte, error) {
	note, err := c.read(ctx, name)
	if err != nil {
		return nil, err
	}
	h, err := parse(note)
	if size, _ := sizeOf(name); err != nil || h.size != size || !strings.HasSuffix(name, ending(note)) {
		return nil, &Conflict{"the checkpoint copy's " + name + " was changed or cut off: see who writes there, and move the file elsewhere before the next run"}
	}
	return note, nil
}

// header is what a checkpoint says of itself.
type header struct {
	origin string
	size   int64
}

const maxNote = 64 << 10 // a checkpoint has a few hundred bytes

func parse(note []byte) (header, error) {
	bad := errors.New("escrow: this is no checkpoint of a ledger")
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
	sizeLen = 19 // digits of the largest size, so that names sort as sizes do
)

// keptAs is the name a note is kept under. With its digest, no note ever takes another's place, and the same
// note may be put again.
func keptAs(name string, size int64, note []byte) string {
	return fmt.Sprintf("%0*d-%s%s", sizeLen, size, name, ending(note))
}

func ending(note []byte) string {
	sum := sha256.Sum256(note)
	return "-" + hex.EncodeToString(sum[:16]) + suffix
}

// sizeOf reads the size in a name; what is not named as ours is somebody else's and passed over.
func sizeOf(name string) (int64, bool) {
	digits, rest, dash := strings.Cut(name, "-")
	if !dash || len(digits) != sizeLen || !strings.HasSuffix(rest, suffix) || !plainName(digits) {
		return 0, false
	}
	size, err := strconv.ParseInt(digits, 10, 64)
	return size, err == nil
}

// largest are the names of the largest size.
func largest(names []string) []string {
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

// bounded reads what is kept, and not much more than a note has.
func bounded(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, maxNote+1)) }
