package external

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// leastLandlock is the lowest version of Landlock that masker uses. In lower versions, a program can truncate every
// file that masker's user may write.
const leastLandlock = 3

// systemPaths returns the folders and files that every program may read and execute. The loader and interpreters need
// them. Keys, the ledger and configuration must not be in these folders.
func systemPaths() []string {
	return []string{"/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/nix/store", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/dev/zero", "/dev/random", "/dev/urandom"}
}

// sealedCopy copies r into a file in memory, and seals the file. Nobody can change a sealed file.
func sealedCopy(r io.Reader) (*os.File, error) {
	const name, seals = "program", unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK | unix.F_SEAL_SEAL
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.3, there is no MFD_EXEC
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	if _, err = io.Copy(f, r); err == nil {
		_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// openPath opens a path for allowFile, and returns the path without symbolic links.
func openPath(path string) (*os.File, string, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, "", err
	}
	f := os.NewFile(uintptr(fd), path)
	real, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return nil, "", errors.Join(err, f.Close())
	}
	return f, real, nil
}

// canConfine reports whether the kernel has Landlock in a version that is new enough.
func canConfine() bool { return landlock() >= leastLandlock }

// landlock returns the version of the kernel's Landlock, or 0.
func landlock() int {
	v, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0
	}
	return int(v)
}

// start starts cmd with the sealed copies in the place of the files. A confined program can read and execute only these
// copies, the system's folders and the paths that the rule lists. It can write only to /dev/null.
//
// Landlock restricts a thread, and every program that the thread starts. The goroutine of start never unlocks its
// thread, so the thread ends with the goroutine. Therefore no other code of masker runs on the restricted thread.
func (s *Sealed) start(cmd *exec.Cmd) error {
	for i, f := range s.files {
		at := fmt.Sprintf("/proc/self/fd/%d", 3+len(cmd.ExtraFiles))
		cmd.ExtraFiles = append(cmd.ExtraFiles, s.copies[i])
		if f.at == 0 {
			cmd.Path = at
		} else {
			cmd.Args[f.at] = at
		}
	}
	if !s.confined {
		return cmd.Start()
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := s.restrict()
		if err == nil {
			err = cmd.Start()
		}
		done <- err
	}()
	return <-done
}

// restrict removes all rights on files from the thread, except those that the program needs. From version 6 of Landlock
// on, the program also cannot send signals to other processes, or connect to their abstract UNIX sockets.
func (s *Sealed) restrict() error {
	version := landlock()
	rights := uint64(unix.LANDLOCK_ACCESS_FS_TRUNCATE<<1 - 1)
	if version >= 5 {
		rights |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	attr := unix.LandlockRulesetAttr{Handled_access_fs: rights}
	if version >= 6 {
		attr.Scoped = unix.LANDLOCK_SCOPE_SIGNAL | unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
	}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if errno != 0 {
		return errno
	}
	rules := int(fd)
	defer unix.Close(rules)
	const read = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	for _, path := range systemPaths() {
		if err := allow(rules, path, read|unix.LANDLOCK_ACCESS_FS_EXECUTE); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := allow(rules, os.DevNull, read|unix.LANDLOCK_ACCESS_FS_WRITE_FILE); err != nil {
		return err
	}
	for _, f := range s.reads {
		if err := allowFile(rules, int(f.Fd()), read|unix.LANDLOCK_ACCESS_FS_EXECUTE); err != nil {
			return err
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(rules), 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// allow adds rights on a path. If the path is a folder, the rights apply to everything below the folder.
func allow(rules int, path string, rights uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return allowFile(rules, fd, rights)
}

// allowFile adds rights on an open path.
func allowFile(rules, fd int, rights uint64) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &^= unix.LANDLOCK_ACCESS_FS_READ_DIR
	}
	beneath := unix.LandlockPathBeneathAttr{Allowed_access: rights, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(rules), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&beneath)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
