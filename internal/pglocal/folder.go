package pglocal

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// maxSocketPath is the maximum length in bytes of the folder of a socket. The path of a socket (sun_path) has 104 bytes
// on BSD and macOS, and 108 on Linux. The file name (/.s.PGSQL.65535.lock) and the final zero byte take part of it.
const maxSocketPath = 82

func (s *Server) data() string         { return filepath.Join(s.dir, "data") }
func (s *Server) passwordFile() string { return filepath.Join(s.dir, "password") }

// makeSocketDir uses the server's folder for the socket if its path is short enough. Otherwise it uses a new folder
// below /tmp, or the folder that the server used there before it was killed.
func (s *Server) makeSocketDir(owner *account) error {
	if len(s.dir) <= maxSocketPath {
		s.socketDir = s.dir
		return nil
	}
	if old := s.oldSocketDir(); old != "" {
		s.socketDir = old
		return nil
	}
	dir, err := os.MkdirTemp("/tmp", temporaryName)
	if err != nil {
		return err
	}
	s.socketDir = dir
	return owner.take(dir)
}

// oldSocketDir returns the separate socket folder of a server that was killed, or "" if there is no such folder.
func (s *Server) oldSocketDir() string {
	lines, err := s.pidFile()
	if err != nil || filepath.Dir(lines[4]) != "/tmp" || !strings.HasPrefix(filepath.Base(lines[4]), temporaryName) || lines[4] == s.dir {
		return ""
	}
	if info, err := os.Lstat(lines[4]); err != nil || !info.IsDir() {
		return ""
	}
	return lines[4]
}

func (s *Server) removeTemporary() {
	if s.hold != nil {
		_ = s.hold.Close() // the reaper finds nothing left to do
	}
	if s.socketDir != "" && s.socketDir != s.dir {
		_ = os.RemoveAll(s.socketDir)
	}
	if s.temporary {
		_ = os.RemoveAll(s.dir)
	}
}

// discard removes the folders that a failed start has made outside the folder that the caller gave.
func (s *Server) discard() {
	s.removeTemporary()
	if s.requested != "" {
		_ = os.RemoveAll(s.dir)
		_ = os.Remove(pointer(s.requested))
	}
}

func (s *Server) writePrivate(path, text string, owner *account) error {
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		return err
	}
	return owner.take(path)
}

func (s *Server) readPassword() error {
	text, err := os.ReadFile(s.passwordFile())
	if err != nil {
		return fmt.Errorf("%s is not the folder of a server that masker started: %w", s.dir, err)
	}
	s.password = strings.TrimSpace(string(text))
	return nil
}

func (s *Server) openLog(owner *account) (*os.File, error) {
	f, err := os.OpenFile(s.LogFile(), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return f, owner.take(s.LogFile())
}

func (s *Server) logSince(from int64) string {
	text, err := os.ReadFile(s.LogFile())
	if err != nil || int64(len(text)) < from {
		return ""
	}
	return strings.TrimSpace(string(text[from:]))
}

var errNoPidFile = errors.New("postmaster.pid is not complete")

// pidFile returns the lines of postmaster.pid. They are the process id, data folder, start time, port, socket folder,
// address, shared memory and status.
func (s *Server) pidFile() ([]string, error) {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 8 {
		return nil, errNoPidFile
	}
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines, nil
}

// locale returns the name of a locale that exists on every machine of the platform. With the locale for Linux, upper()
// and lower() also work for letters outside ASCII.
func locale() string {
	if runtime.GOOS == "linux" {
		return "C.UTF-8"
	}
	return "C"
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
