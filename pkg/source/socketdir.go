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

// longestSocketDir is the maximum length in bytes of the path of the temporary folder. The address of a socket has at
// most 108 bytes on Linux and 104 elsewhere. The names of the socket and of its folder need the other bytes.
const longestSocketDir = 80

// socketDir makes a folder that nobody else can enter, rename or replace. Otherwise another user could put another
// socket there, and decide which schema masker gets from pg_dump.
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

// unmovable returns an error if another user can rename the content of a folder. Others can do that if they may write
// to the folder, or to a folder above it. With the sticky bit, they can rename only their own files.
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
			return fmt.Errorf("%s: the owner is not known", d)
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

// ownName returns the name of the current user, or "" if the system has no name for the user. pg_dump checks that this
// user owns the other end of the socket.
func ownName() string {
	u, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil {
		return ""
	}
	return u.Username
}
