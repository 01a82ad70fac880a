package external

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/masker-project/masker/pkg/program"
	"github.com/masker-project/masker/pkg/transform"
)

// Changed is the code of the error for a file whose digest differs from the digest in the rule, and for a digest in the
// rule that belongs to no file.
const Changed = "program-changed"

// Sealed is a command with copies of its files. The copies are in memory, and nobody can change them. Start therefore
// runs exactly the files that Files describes. Only Linux has these copies; on other systems, Start runs the files
// themselves. Several goroutines may call Start.
type Sealed struct {
	command  transform.Command
	runner   Runner
	files    []File
	copies   []*os.File // sealed copies of files; empty if this platform has none
	reads    []*os.File // the paths of may_read, opened when they were judged; empty if nothing is confined
	confined bool
}

// File is the program of a command, or an argument of the command that is the path of a file. The parameter run of the
// rule lists both.
type File struct {
	Name   string // the path or name, as it is written in the rule
	SHA256 string // digest of the file's content, in hex
	Pinned bool   // the rule has this digest

	at   int // index in run
	path string
}

// Seal copies the files of a command into sealed memory on Linux. It returns an error if the digest of a file differs
// from the digest in the rule, or if the rule has a digest for something that the parameter run does not name as a
// file. It also returns an error if Runner.Private lists one of the files, or something that the rule or the system
// lets the program read. The caller must close the result.
func (r Runner) Seal(c transform.Command) (*Sealed, error) {
	s := &Sealed{command: c, runner: r, confined: canConfine()}
	var err error
	if s.files, err = r.files(c.Run); err != nil {
		return nil, err
	}
	mayRead, err := s.open()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := r.checkPrivate(mayRead, s.files); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	for i := range s.files {
		if err := s.seal(&s.files[i]); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	pins := maps.Clone(c.SHA256)
	for _, f := range s.files {
		delete(pins, f.Name)
	}
	if stray := slices.Sorted(maps.Keys(pins)); len(stray) > 0 {
		return nil, errors.Join(fault(Changed, "sha256 has a digest for "+stray[0]+", which is not a file that run names"), s.Close())
	}
	return s, nil
}

// files returns the files that a command names: the program, and each argument that is the path of a file. The
// argument run is the program with its arguments. files looks for the program in the runner's Path.
func (r Runner) files(run []string) ([]File, error) {
	path, err := program.Find(run[0], r.Dir, r.Path)
	if err != nil {
		return nil, fault("program-not-started", "the program "+run[0]+" does not exist or cannot be executed")
	}
	list := []File{{Name: run[0], path: path}}
	for i, arg := range run[1:] {
		path := arg
		if !filepath.IsAbs(path) {
			path = filepath.Join(r.Dir, path)
		}
		if st, err := os.Stat(path); arg != "" && err == nil && st.Mode().IsRegular() {
			list = append(list, File{Name: arg, at: i + 1, path: path})
		}
	}
	return list, nil
}

// open returns the paths of may_read without symbolic links. If the program is confined, open also opens these paths.
// The program can then read exactly the files that masker has judged, even if somebody later puts another folder or a
// link in their place.
func (s *Sealed) open() (real []string, err error) {
	for _, path := range s.command.MayRead {
		at := s.runner.resolve(path)
		if s.confined {
			f, opened, err := openPath(at)
			if err != nil {
				return nil, fault("program-not-started", "the path "+path+" of may_read does not exist")
			}
			s.reads, at = append(s.reads, f), opened
		}
		real = append(real, at)
	}
	return real, nil
}

// checkPrivate returns an error if one of the files is private, or if a private file is in a path of may_read or in a
// system path. Runner.Private lists the private files and folders.
func (r Runner) checkPrivate(mayRead []string, files []File) error {
	for _, private := range r.Private {
		private = r.resolve(private)
		for _, path := range slices.Concat(mayRead, systemPaths()) {
			if within(private, r.resolve(path)) {
				return fault("program-reads-keys", "the program may read "+path+", and keys or the ledger are there; move them, or let may_read name less")
			}
		}
		for _, f := range files {
			if within(r.resolve(f.path), private) {
				return fault("program-reads-keys", f.Name+" is a key or a part of the ledger, which no program may read; give the program a key of its own")
			}
		}
	}
	return nil
}

// within reports whether path is the folder or lies below the folder.
func within(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}

// resolve returns the absolute path. If the path exists, resolve replaces symbolic links.
func (r Runner) resolve(path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.Dir, path)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// seal copies one file, and compares its digest with the digest in the rule.
func (s *Sealed) seal(f *File) error {
	from, err := os.Open(f.path)
	if err != nil {
		return fault("program-not-started", "the file "+f.Name+" does not exist or cannot be read")
	}
	defer from.Close()
	if st, err := from.Stat(); err != nil || !st.Mode().IsRegular() || f.at == 0 && st.Mode().Perm()&0o111 == 0 {
		return fault("program-not-started", "the program "+f.Name+" does not exist or cannot be executed")
	}
	h := sha256.New()
	to, err := sealedCopy(io.TeeReader(from, h))
	if err != nil {
		return fault("program-not-started", "the file "+f.Name+" cannot be copied into memory; the system may forbid to execute such a copy (vm.memfd_noexec)")
	}
	if to != nil {
		s.copies = append(s.copies, to)
	} else if _, err := io.Copy(h, from); err != nil {
		return fault("program-not-started", "the file "+f.Name+" cannot be read")
	}
	f.SHA256 = hex.EncodeToString(h.Sum(nil))
	pin, pinned := s.command.SHA256[f.Name]
	if f.Pinned = pinned; pinned && pin != f.SHA256 {
		return fault(Changed, f.Name+" is not the file that sha256 pins; its digest is "+f.SHA256)
	}
	return nil
}

// Files returns the files of the command. The first is the program.
func (s *Sealed) Files() []File { return s.files }

// Confined reports whether the program runs as a sealed copy, and can read only the copies, the paths that the rule
// lists, and the system's files.
func (s *Sealed) Confined() bool { return s.confined }

// Close frees the copies, and closes the paths of may_read. A program that is running is not affected.
func (s *Sealed) Close() error {
	var problems []error
	for _, f := range slices.Concat(s.copies, s.reads) {
		problems = append(problems, f.Close())
	}
	s.copies, s.reads = nil, nil
	return errors.Join(problems...)
}
