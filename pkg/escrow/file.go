package escrow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// folder keeps checkpoints as files.
func folder(path string) Place { return place{files(path)} }

type files string

func (f files) keys(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, f.fault("read", err)
	}
	entries, err := os.ReadDir(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, f.fault("read", err)
	}
	var keys []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			keys = append(keys, e.Name())
		}
	}
	return keys, nil
}

func (f files) read(_ context.Context, key string) ([]byte, error) {
	file, err := os.Open(filepath.Join(string(f), key))
	if err != nil {
		return nil, f.fault("read", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	note, err := io.ReadAll(io.LimitReader(file, maxNote+1))
	if err != nil {
		return nil, f.fault("read", err)
	}
	return note, nil
}

// add writes beside and links: a link is made whole or not at all, and never over another file.
func (f files) add(_ context.Context, key string, note []byte) error {
	if err := os.MkdirAll(string(f), 0o755); err != nil {
		return f.fault("write to", err)
	}
	temp, err := os.CreateTemp(string(f), ".new-*")
	if err != nil {
		return f.fault("write to", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // what a crash leaves is passed over
	_, err = temp.Write(note)
	if err == nil {
		err = temp.Chmod(0o444)
	}
	if err == nil {
		err = temp.Sync()
	}
	if cerr := temp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return f.fault("write to", err)
	}
	err = os.Link(temp.Name(), filepath.Join(string(f), key))
	switch {
	case errors.Is(err, fs.ErrExist):
		return errTaken
	case err != nil:
		return f.fault("write to", err)
	}
	return f.settle()
}

// settle makes the new name outlive a power cut.
func (f files) settle() error {
	dir, err := os.Open(string(f))
	if err != nil {
		return f.fault("write to", err)
	}
	defer func() { _ = dir.Close() }() // synced before
	if err := dir.Sync(); err != nil {
		return f.fault("write to", err)
	}
	return nil
}

// fault says what of an error is ours to say: the system's reason and the folder.
func (f files) fault(what string, err error) error {
	reason := err
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		reason = path.Err
	case errors.As(err, &link):
		reason = link.Err
	}
	return fmt.Errorf("escrow: cannot %s the folder %q: %w", what, string(f), reason)
}
