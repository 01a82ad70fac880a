package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Secret looks at a file that only its owner may read.
func (s *Sheet) Secret(area, what, path string) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		s.Problem(area, "name the right file, or give this user the right to read it", "%s %s cannot be read: %v", what, path, bare(err))
	case !st.Mode().IsRegular():
		s.Problem(area, "name a file", "%s %s is not a regular file", what, path)
	case st.Mode().Perm()&0o077 != 0:
		s.Problem(area, "chmod 600 "+path+"; make a new one if others may have read it", "%s %s has mode %04o: others get at it", what, path, st.Mode().Perm())
	default:
		s.owned(area, what, path, st)
	}
}

// Unwritable looks at a file or folder that others may read but not change: who changes it decides what happens.
func (s *Sheet) Unwritable(area, what, path string) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		s.Problem(area, "name the right one, or give this user the right to read it", "%s %s cannot be read: %v", what, path, bare(err))
	case st.Mode().Perm()&0o022 != 0:
		s.Problem(area, "chmod go-w "+path, "%s %s has mode %04o: others can change it", what, path, st.Mode().Perm())
	default:
		s.owned(area, what, path, st)
	}
}

func (s *Sheet) owned(area, what, path string, st fs.FileInfo) {
	if uid, foreign := foreign(st); foreign {
		s.Problem(area, "let it belong to the user who runs masker, or to root", "%s %s belongs to user %d, who can change it", what, path, uid)
		return
	}
	s.OK(area, "%s %s: mode %04o", what, path, st.Mode().Perm())
}

// Inside is true where a path lies in a folder, or cannot be said not to.
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

// Room looks at the free space of a folder, or of the nearest one above it that exists.
func (s *Sheet) Room(area, what, dir string, least int64) {
	free, known := Free(nearest(dir))
	switch {
	case !known:
		s.Warn(area, "look yourself: at least "+Size(least), "what is free for %s (%s) cannot be seen", what, dir)
	case free < least:
		s.Problem(area, "free space there: at least "+Size(least), "%s free for %s (%s)", Size(free), what, dir)
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

// Size prints bytes for people.
func Size(n int64) string {
	const mega, giga = 1 << 20, 1 << 30
	if n >= 10*giga {
		return fmt.Sprintf("%d GB", n/giga)
	}
	return fmt.Sprintf("%d MB", n/mega)
}

// bare is a file's error without its path, which is told already.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
