// Package program finds the programs that masker starts, and says what of its own environment they get.
//
// It starts none: whoever does knows what the program is for.
package program

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// FixedPath is where programs are looked for, and what they get as PATH, where the rules of a flow need an approval: whoever
// starts masker chooses none of them.
const FixedPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// ErrNotFound says that a program is in no folder of the path.
var ErrNotFound = errors.New("the program is not in PATH")

// Find is the file of a program: a name with a slash starts from dir, a bare name is looked for in path.
func Find(name, dir, path string) (string, error) {
	if strings.ContainsRune(name, '/') {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return filepath.Abs(name)
	}
	for _, folder := range filepath.SplitList(path) {
		at := filepath.Join(folder, name)
		if st, err := os.Stat(at); err == nil && st.Mode().IsRegular() && st.Mode().Perm()&0o111 != 0 && filepath.IsAbs(at) {
			return at, nil
		}
	}
	return "", ErrNotFound
}

// Clean is an environment without what decides which code a program runs or which server it asks: the search path, which is
// FixedPath instead, and what loaders, shells, interpreters and libpq read. Credentials of the program stay in it.
func Clean(env map[string]string) []string {
	list := []string{"PATH=" + FixedPath}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !steers(name) {
			list = append(list, name+"="+env[name])
		}
	}
	return list
}

func steers(name string) bool {
	switch name {
	case "PATH", "ENV", "BASH_ENV", "SHELLOPTS", "BASHOPTS", "IFS", "CDPATH", "GCONV_PATH", "GLIBC_TUNABLES", "LOCPATH",
		"PERL5LIB", "PERL5OPT", "PERLLIB", "RUBYLIB", "RUBYOPT", "NODE_OPTIONS", "NODE_PATH", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES":
		return true
	}
	return slices.ContainsFunc([]string{"LD_", "DYLD_", "PG", "BASH_FUNC_", "PYTHON", "MASKER_"}, func(p string) bool { return strings.HasPrefix(name, p) })
}
