package escrow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// folder keeps notes as files. It is not made here: what stands where a disk of another machine is not mounted
// would be a folder beside the ledger, and no second place.
type folder struct{ path string }

func (f folder) Put(ctx context.Context, name string, note []byte) error {
	kept, err := keptAs(name, note)
	if err != nil {
		return err
	}
	// The latest first: a place with notes and no latest is one that somebody tampered with.
	for _, file := range []string{latest, kept} {
		if err := ctx.Err(); err != nil {
			return errors.New("escrow: interrupted before the checkpoint was kept")
		}
		if err := f.write(file, note); err != nil {
			return folderFault(err)
		}
	}
	return nil
}

// write puts a file in its place as a whole, on the disk.
func (f folder) write(name string, note []byte) (err error) {
	tmp, err := os.CreateTemp(f.path, ".pending-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name()) // the first error is the one to tell
		}
	}()
	_, err = tmp.Write(note)
	// Readable by everybody who may enter the folder: a checkpoint is there to be compared.
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), filepath.Join(f.path, name)); err != nil {
		return err
	}
	return syncDir(f.path)
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f folder) Latest(context.Context) ([]byte, error) {
	file, err := os.Open(filepath.Join(f.path, latest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, f.nothingKept()
	}
	if err != nil {
		return nil, folderFault(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	note, err := readNote(file)
	if err != nil {
		return nil, folderFault(err)
	}
	return note, nil
}

func (f folder) nothingKept() error {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return folderFault(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) {
			return folderFault(errLost)
		}
	}
	return nil
}

func folderFault(err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, errLost), errors.Is(err, errDamaged):
		return fmt.Errorf("escrow: file: %w", err)
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("escrow: file: its folder is not there; make it, or mount the disk it is on")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("escrow: file: this user may not read or write its folder")
	case errors.As(err, &path):
		return fmt.Errorf("escrow: file: %w", path.Err) // the system's words, without the path
	}
	return fmt.Errorf("escrow: file: the checkpoint could not be kept: %w", err)
}
