package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Secret checks a file that only its owner may read.
func (s *Sheet) Secret(area, what, path string) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		s.Problem(area, "name the right file, or give this user the right to read it", "%s %s cannot be read: %v", what, path, bare(err))
	case !st.Mode().IsRegular():
		s.Problem(area, "name a file", "%s %s is not a regular file", what, path)
	case st.Mode().Perm()&0o077 != 0:
		s.Problem(area, "chmod 600 "+path+"; make a new one if others may have read it", "%s %s has mode %04o: others can access it", what, path, st.Mode().Perm())
	default:
		s.owned(area, what, path, st)
	}
}

// Unwritable checks a file or folder that others may read but must not change, because it decides what masker does.
func (s *Sheet) Unwritable(area, what, path string) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		s.Problem(area, "name the right file or folder, or give this user the right to read it", "%s %s cannot be read: %v", what, path, bare(err))
	case st.Mode().Perm()&0o022 != 0:
		s.Problem(area, "chmod go-w "+path, "%s %s has mode %04o: others can change it", what, path, st.Mode().Perm())
	default:
		s.owned(area, what, path, st)
	}
}

// owned checks that a file belongs to this user or to root.
func (s *Sheet) owned(area, what, path string, st fs.FileInfo) {
	if uid, foreign := foreign(st); foreign {
		s.Problem(area, "make the user who runs masker, or root, the owner", "%s %s belongs to user %d, who can change it", what, path, uid)
		return
	}
	s.OK(area, "%s %s: mode %04o", what, path, st.Mode().Perm())
}

// Inside reports whether a path is inside a folder. It returns true if that is not certain.
func Inside(path, folder string) bool {
	full, err := filepath.Abs(path)
	if err != nil {
		return true
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return true
	}
	rel, err := filepath.Rel(folder, full)
	return err != nil || rel != ".." && !hasParent(rel)
}

func hasParent(rel string) bool {
	return len(rel) > 2 && rel[:2] == ".." && os.IsPathSeparator(rel[2])
}

// Room checks the free space of a folder, or of the nearest folder above it that exists. At least minimum
// bytes must be free.
func (s *Sheet) Room(area, what, dir string, minimum int64) {
	free, known := Free(nearest(dir))
	switch {
	case !known:
		s.Warn(area, "make sure that at least "+Size(minimum)+" are free", "masker cannot see how much space is free for %s (%s)", what, dir)
	case free < minimum:
		s.Problem(area, "free space there: at least "+Size(minimum), "%s free for %s (%s)", Size(free), what, dir)
	default:
		s.OK(area, "%s free for %s (%s)", Size(free), what, dir)
	}
}

func nearest(dir string) string {
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// Size returns a number of bytes as text, in MB or GB.
func Size(n int64) string {
	const mega, giga = 1 << 20, 1 << 30
	if n >= 10*giga {
		return fmt.Sprintf("%d GB", n/giga)
	}
	return fmt.Sprintf("%d MB", n/mega)
}

// bare returns a file's error without the path, because the finding already has the path.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
