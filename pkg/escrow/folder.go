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

// write makes a file that everybody who may enter the folder can read: a checkpoint is there to be compared.
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
		return errors.New("escrow: file: its folder is not there; make it, or mount the disk it is on")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("escrow: file: this user may not read or write its folder")
	case errors.As(err, &path):
		return fmt.Errorf("escrow: file: %w", path.Err) // the system's words, without the path
	}
	return fmt.Errorf("escrow: file: the checkpoint could not be kept: %w", err)
}
