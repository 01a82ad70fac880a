package escrow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// folder keeps notes as files. It is not made here: what stands where a disk of another machine is not mounted
// would be a folder beside the ledger, and no copy elsewhere.
type folder struct{ path string }

func (f folder) names(ctx context.Context) ([]string, error) {
	if ctx.Err() != nil {
		return nil, errors.New("escrow: file: interrupted")
	}
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return nil, folderFault(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

func (f folder) read(_ context.Context, name string) ([]byte, error) {
	file, err := os.Open(filepath.Join(f.path, name))
	if err != nil {
		return nil, folderFault(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	note, err := bounded(file)
	if err != nil {
		return nil, folderFault(err)
	}
	return note, nil
}

func (f folder) write(_ context.Context, name string, note []byte) error {
	if err := f.put(name, note); err != nil {
		return folderFault(err)
	}
	return nil
}

// put makes a file appear as a whole, on the disk.
func (f folder) put(name string, note []byte) (err error) {
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

func folderFault(err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("escrow: file: its folder is not there; make it, or mount the disk it is on")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("escrow: file: this user may not read or write its folder")
	case errors.As(err, &path):
		return fmt.Errorf("escrow: file: %w", path.Err) // the system's words, without the path
	}
	return fmt.Errorf("escrow: file: the checkpoint could not be kept: %w", err)
}
