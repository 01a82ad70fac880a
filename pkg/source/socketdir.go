package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// longestSocketDir leaves room for the socket's name in what the kernel takes as its address (108 bytes on Linux, 104 elsewhere).
const longestSocketDir = 80

// socketDir makes a folder that nobody else can enter, rename or replace: whoever could would say in pg_dump's place what
// the schema is.
func socketDir() (string, error) {
	why := errors.New("no temporary folder")
	for _, parent := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		parent, err := filepath.Abs(parent)
		if err == nil {
			err = unmovable(parent)
		}
		if err != nil {
			why = err
			continue
		}
		dir, err := os.MkdirTemp(parent, "masker-") // mode 0700
		if err == nil {
			return dir, nil
		}
		why = err
	}
	return "", why
}

// unmovable refuses a folder whose content somebody else could rename: they may write to it, or to one above it, and no sticky bit
// keeps them from what is not theirs.
func unmovable(dir string) error {
	if len(dir) > longestSocketDir {
		return fmt.Errorf("%s: the name is too long for a socket", dir)
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	for d := resolved; ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err != nil {
			return err
		}
		owner, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return fmt.Errorf("%s: whose it is cannot be seen", d)
		}
		if uid := int(owner.Uid); uid != 0 && uid != os.Getuid() {
			return fmt.Errorf("%s belongs to another user", d)
		}
		if info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0 {
			return fmt.Errorf("%s can be changed by others", d)
		}
		if d == filepath.Dir(d) {
			return nil
		}
	}
}

// ownName is the user that pg_dump shall find at the other end of the socket; "" where the system has no name for us.
func ownName() string {
	u, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil {
		return ""
	}
	return u.Username
}
