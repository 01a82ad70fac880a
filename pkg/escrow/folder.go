package escrow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/masker-project/masker/internal/atomicfile"
)

// folder stores checkpoints as files. It never makes the folder. A missing folder can mean that the disk of the other
// machine is not mounted. A new folder would then be on the ledger's own disk.
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
	defer func() { _ = file.Close() }() // the file was only read
	note, err := readNote(file)
	if err != nil {
		return nil, folderFault(err)
	}
	return note, nil
}

// write makes a file that everybody with access to the folder can read. Checkpoints are not secret.
func (f folder) write(_ context.Context, name string, note []byte) error {
	if err := atomicfile.Write(filepath.Join(f.path, name), note, 0o644); err != nil {
		return folderFault(err)
	}
	return nil
}

func folderFault(err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("escrow: file: the folder does not exist; make it, or mount the disk that it is on")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("escrow: file: this user may not read or write the folder")
	case errors.As(err, &path):
		return fmt.Errorf("escrow: file: %w", path.Err) // the system's text, without the path
	}
	return fmt.Errorf("escrow: file: the checkpoint could not be written: %w", err)
}
