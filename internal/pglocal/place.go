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

// temporaryName begins the name of every folder made under the system's temporary folder.
const temporaryName = "masker-pg-"

// pointer is the file in a server's folder that says where the server lives, where its user may not enter
// that folder: root's home, or any folder of mode 0700.
func pointer(dir string) string { return filepath.Join(dir, "elsewhere") }

// makeDir makes the server's folder, closed to everybody but the server's user. Where that user may not
// enter the folder asked for, the server lives under the system's temporary folder and the folder says so.
func (s *Server) makeDir(owner *account) error {
	if s.dir == "" {
		dir, err := owner.temporaryFolder()
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
		return fmt.Errorf("there is a server's data in %s, and %s, whom it runs as, may not enter %s", dir, owner.name, blocked)
	}
	return s.liveElsewhere(dir, owner)
}

func (s *Server) liveElsewhere(dir string, owner *account) error {
	home, err := owner.temporaryFolder()
	if err != nil {
		return err
	}
	if err := os.WriteFile(pointer(dir), []byte(home+"\n"), 0o600); err != nil {
		return errors.Join(err, os.RemoveAll(home))
	}
	s.dir, s.moved = home, dir
	return nil
}

// homeOf is where the server of a folder lives: there, or where its pointer leads. The error is
// fs.ErrNotExist where the pointer leads to a folder that is gone.
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
		return "", fmt.Errorf("%s is damaged; remove it, and what it names if that is a server's folder", pointer(dir))
	}
	info, err := os.Lstat(home)
	if err != nil {
		return "", err
	}
	owner, err := serverUser()
	if err != nil {
		return "", err
	}
	// Anybody may make a folder of that name where the old one is gone.
	if st, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || !ok || int(st.Uid) != owner.uid {
		return "", fmt.Errorf("%s names %s, which is not a folder of the server's user; remove %[1]s", pointer(dir), home)
	}
	return home, nil
}

// temporaryFolder is a new folder of the account's, where it may enter.
func (a *account) temporaryFolder() (string, error) {
	roots := []string{os.TempDir()}
	if a.drop {
		roots = slices.Compact(append(roots, "/tmp", "/var/tmp"))
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
	return "", fmt.Errorf("the server runs as %s, who may enter none of %s: set TMPDIR to a folder where everybody may enter", a.name, strings.Join(closed, ", "))
}

// blocked is dir or the folder above it that keeps the account out, which initdb's own message hides.
func (a *account) blocked(dir string) (string, error) {
	if !a.drop {
		return "", nil
	}
	real, err := filepath.EvalSymlinks(dir) // a link may lead into a folder that its own path does not name
	if err != nil {
		return "", err
	}
	for p := real; ; p = filepath.Dir(p) {
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

// mayEnter asks the one class of permissions that counts for the account, as the kernel does. The account
// has no further groups.
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
