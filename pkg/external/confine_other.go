//go:build !linux

package external

import (
	"errors"
	"io"
	"os"
	"os/exec"
)

// sealedCopy returns nil, because this platform has no sealed memory files.
func sealedCopy(io.Reader) (*os.File, error) { return nil, nil }

// systemPaths returns nil, because nothing is confined.
func systemPaths() []string { return nil }

// canConfine reports false, because this platform has no Landlock.
func canConfine() bool { return false }

// openPath is never called, because nothing is confined.
func openPath(string) (*os.File, string, error) { return nil, "", errors.ErrUnsupported }

// start starts the file itself, because there is no copy. The program has all rights of masker's user.
func (s *Sealed) start(cmd *exec.Cmd) error { return cmd.Start() }
