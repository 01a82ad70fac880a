package pglocal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// patience is how long a fast shutdown may take before the server is killed.
const patience = time.Minute

// Open finds a running server that an earlier process started in dir with Stay.
func Open(dir string) (*Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if dir, err = homeOf(dir); err != nil {
		return nil, err
	}
	s := &Server{dir: dir, socketDir: dir}
	if err := s.readPassword(); err != nil {
		return nil, err
	}
	if found, err := s.openDocker(); found {
		return s, err
	}
	lines, err := s.pidFile()
	if err != nil {
		return nil, fmt.Errorf("no server runs in %s: %w", dir, err)
	}
	pid, errPid := strconv.Atoi(lines[0])
	port, errPort := strconv.Atoi(lines[3])
	if err := errors.Join(errPid, errPort); err != nil {
		return nil, err
	}
	if lines[1] != s.data() || !alive(pid) {
		return nil, fmt.Errorf("no server runs in %s: process %d is gone", dir, pid)
	}
	s.pid, s.port, s.socketDir = pid, port, lines[4]
	s.bin, err = BinDir()
	return s, err
}

// Stop shuts the server down and ends its sessions. Committed data is written to disk. If the folder is temporary, Stop
// removes it. If the server has already ended, Stop returns no error.
func (s *Server) Stop() error {
	defer s.removeTemporary()
	if s.container != "" {
		return s.removeContainer(true)
	}
	if !s.running() {
		return nil
	}
	if err := syscall.Kill(s.pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop postgres: %w", err)
	}
	if s.await(patience) {
		return nil
	}
	s.killAll()
	return fmt.Errorf("postgres did not stop within %s and was killed; its log is %s", patience, s.LogFile())
}

// Kill ends the server and all its sessions at once, without a shutdown. The folder stays, and Start with the same Dir
// recovers the data. Stop removes the folder if it is temporary.
func (s *Server) Kill() {
	if s.container != "" {
		_ = s.removeContainer(false) // if the container is still there, Stop returns the error
	} else if s.running() {
		s.killAll()
	}
}

// Remove stops the server of a folder. It deletes the folder, and the server's folder if that is elsewhere. It refuses
// a folder that Start has not made.
func Remove(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	home, err := homeOf(dir)
	if errors.Is(err, os.ErrNotExist) {
		return os.RemoveAll(dir) // the machine has already removed the temporary folder that dir leads to
	}
	if err != nil {
		return err
	}
	s := &Server{dir: home}
	if err := s.readPassword(); err != nil && home == dir {
		return err
	}
	if running, err := Open(dir); err == nil {
		if err := running.Stop(); err != nil {
			return err
		}
	}
	if socket := s.oldSocketDir(); socket != "" {
		_ = os.RemoveAll(socket)
	}
	return errors.Join(os.RemoveAll(home), os.RemoveAll(dir))
}

// killAll kills the server and each of its sessions. A signal to the server's process group does not reach the
// sessions, because each is in a group of its own. A remaining session would still use the shared memory, and the next
// server could not start.
func (s *Server) killAll() {
	children := childrenOf(s.pid)
	_ = syscall.Kill(s.pid, syscall.SIGKILL)
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	s.await(patience)
	deadline := time.Now().Add(patience)
	for _, pid := range children {
		for alive(pid) && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
	}
}

func (s *Server) running() bool {
	if s.done == nil {
		return alive(s.pid)
	}
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

// await waits up to d for the end of the server, and reports whether it has ended. If the server is not a child of this
// process, await has to check repeatedly.
func (s *Server) await(d time.Duration) bool {
	timeout := time.After(d)
	if s.done != nil {
		select {
		case <-s.done:
			return true
		case <-timeout:
			return false
		}
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for alive(s.pid) {
		select {
		case <-tick.C:
		case <-timeout:
			return false
		}
	}
	return true
}

// alive reports whether a process exists. EPERM means that the process exists, but that this user may not signal it.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
