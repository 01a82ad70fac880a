//go:build !unix

package keysource

import (
	"errors"
	"io/fs"
)

// checkOwner refuses every file. Without the owners and modes of Unix, masker cannot check that a key file is private.
func checkOwner(fs.FileInfo) error {
	return errors.New("key files need a Unix system; give the key in an environment variable")
}
