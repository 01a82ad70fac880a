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

// patience is how long a fast shutdown may take before the server is ended the hard way.
const patience = time.Minute

// Open finds a server that an earlier process started in dir with Stay.
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

// Stop shuts the server down: sessions end, what is committed is written. It removes a temporary folder
// and is harmless when the server has ended.
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

// Kill ends the server and all its sessions at once, as a power cut would. The folder stays, so that
// Start in the same Dir recovers it; Stop removes a temporary one.
func (s *Server) Kill() {
	if s.container != "" {
		_ = s.removeContainer(false) // Stop tells when it is still there
	} else if s.running() {
		s.killAll()
	}
}

// Remove deletes a server's folder, and the one it leads to. It refuses one that was not made here.
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
		return os.RemoveAll(dir) // the machine has tidied its temporary folder
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

// killAll kills the sessions too: each is the leader of its own group, and an orphan would keep the
// shared memory from the next server.
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

// await waits for the end of the server, which only for our own child is an event.
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

// alive tells whether a process exists; not being allowed to signal it means that it does.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
