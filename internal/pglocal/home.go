package pglocal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// temporaryName is the beginning of the name of every temporary folder that this package makes.
const temporaryName = "masker-pg-"

// pointer returns the path of a file in the folder that the caller of Start gave. The file holds the path of the
// server's folder. It exists only if the user of the server may not enter the given folder, such as root's home or any
// folder of mode 0700.
func pointer(dir string) string { return filepath.Join(dir, "elsewhere") }

// makeDir makes the server's folder, which only the user of the server may enter. If this user may not enter the folder
// that the caller gave, the server's folder is a temporary folder, and the given folder gets a pointer to it.
func (s *Server) makeDir(owner *account, inMemory bool) error {
	if s.dir == "" {
		root := os.TempDir()
		if fast := memoryFolder(); inMemory && fast != "" && root == usualRoot {
			root = fast
		}
		dir, err := owner.temporaryFolder(root)
		s.dir, s.temporary = dir, true
		return err
	}
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	switch home, err := homeOf(dir); {
	case err == nil && home != dir:
		s.dir = home
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	s.dir = dir
	blocked, err := owner.blocked(filepath.Dir(dir))
	if err != nil {
		return err
	}
	if blocked == "" && owner.take(dir) == nil {
		return nil
	}
	if _, err := os.Stat(filepath.Join(s.data(), "PG_VERSION")); err == nil {
		return fmt.Errorf("%s has the data of a server, but the server runs as the user %s, who may not enter %s; "+
			"let the user enter, or remove the data", dir, owner.name, blocked)
	}
	return s.makePointedDir(dir, owner)
}

// makePointedDir makes the server's folder below a temporary folder, and a pointer to it in dir.
func (s *Server) makePointedDir(dir string, owner *account) error {
	home, err := owner.temporaryFolder(os.TempDir())
	if err != nil {
		return err
	}
	if err := os.WriteFile(pointer(dir), []byte(home+"\n"), 0o600); err != nil {
		return errors.Join(err, os.RemoveAll(home))
	}
	s.dir, s.requested = home, dir
	return nil
}

// homeOf returns the server's folder for the folder dir that a caller gave. It is the folder that the pointer in dir
// names, or dir itself if dir has no pointer. If the pointer names a folder that is gone, the error is fs.ErrNotExist.
func homeOf(dir string) (string, error) {
	text, err := os.ReadFile(pointer(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return dir, nil
	}
	if err != nil {
		return "", err
	}
	home := strings.TrimSuffix(string(text), "\n")
	if !filepath.IsAbs(home) || !strings.HasPrefix(filepath.Base(home), temporaryName) {
		return "", fmt.Errorf("%s is damaged; remove it, and the folder that it names if that is a server's folder", pointer(dir))
	}
	info, err := os.Lstat(home)
	if err != nil {
		return "", err
	}
	owner, err := serverUser()
	if err != nil {
		return "", err
	}
	// If the old folder was deleted, any user may have made a new folder with the same name.
	if st, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || !ok || int(st.Uid) != owner.uid {
		return "", fmt.Errorf("%s names %s, which is not a folder of the server's user; remove %[1]s", pointer(dir), home)
	}
	return home, nil
}

// usualRoot is where temporary folders are if TMPDIR does not name another place.
const usualRoot = "/tmp"

// temporaryFolder makes a temporary folder that belongs to the account. It is below root if the account may enter root.
// Otherwise it is in a usual place that the account may enter.
func (a *account) temporaryFolder(root string) (string, error) {
	roots := []string{root}
	if a.drop {
		roots = slices.Compact(append(roots, usualRoot, "/var/tmp"))
	}
	var closed []string
	for _, root := range roots {
		blocked, err := a.blocked(root)
		if err != nil || blocked != "" {
			closed = append(closed, root)
			continue
		}
		dir, err := os.MkdirTemp(root, temporaryName)
		if err != nil {
			return "", err
		}
		if dir, err = filepath.Abs(dir); err == nil {
			err = a.take(dir)
		}
		if err != nil {
			return "", errors.Join(err, os.RemoveAll(dir))
		}
		return dir, nil
	}
	return "", fmt.Errorf("the server runs as the user %s, who may enter none of %s; set TMPDIR to a folder that every user may enter", a.name, strings.Join(closed, ", "))
}

// blocked returns the folder that the account may not enter: dir, or a folder above dir. If the account may enter dir,
// it returns "". The caller names the folder in its error, because initdb's own message does not.
func (a *account) blocked(dir string) (string, error) {
	if !a.drop {
		return "", nil
	}
	resolved, err := filepath.EvalSymlinks(dir) // the folders above the destination of a link count, too
	if err != nil {
		return "", err
	}
	for p := resolved; ; p = filepath.Dir(p) {
		info, err := os.Stat(p)
		if err != nil {
			return "", err
		}
		if !a.mayEnter(info) {
			return p, nil
		}
		if p == filepath.Dir(p) {
			return "", nil
		}
	}
}

// mayEnter reports whether the account may enter a folder. Like the kernel, it looks at the permissions of only one
// class: the owner, the group or the others. The account has no further groups.
func (a *account) mayEnter(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case ok && int(st.Uid) == a.uid:
		return info.Mode()&0o100 != 0
	case ok && int(st.Gid) == a.gid:
		return info.Mode()&0o010 != 0
	}
	return info.Mode()&0o001 != 0
}
