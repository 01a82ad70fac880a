// Package program finds the programs that masker starts, and removes environment variables that could change what they
// run.
//
// The package starts no program. The packages that need a program start it.
package program

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// FixedPath is the PATH for flows whose rules need an approval. Masker searches programs in it, and programs get it
// as their PATH. Therefore the user who starts masker cannot choose the programs.
const FixedPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// ErrNotFound says that no folder of the path has the program.
var ErrNotFound = errors.New("the program is not in PATH")

// Find returns the absolute path of a program. A name with a slash is a path, relative to dir. A name without a slash
// is searched in the absolute folders of path.
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

// Clean returns the environment variables in env, except variables that decide which code a program runs or which
// server it asks. The removed variables are variables of loaders, of the C library, of OpenSSL, of shells, interpreters
// and libpq, and masker's own. PATH is set to FixedPath. Variables with the program's credentials are not removed.
func Clean(env map[string]string) []string {
	list := []string{"PATH=" + FixedPath}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !steers(name) {
			list = append(list, name+"="+env[name])
		}
	}
	return list
}

// steers reports whether a variable can decide which code a program runs or which server it asks, or is masker's own.
func steers(name string) bool {
	switch name {
	case "PATH", "ENV", "BASH_ENV", "SHELLOPTS", "BASHOPTS", "IFS", "CDPATH", "GCONV_PATH", "GLIBC_TUNABLES", "LOCPATH",
		"PERL5LIB", "PERL5OPT", "PERLLIB", "RUBYLIB", "RUBYOPT", "NODE_OPTIONS", "NODE_PATH", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES":
		return true
	}
	return slices.ContainsFunc([]string{"LD_", "DYLD_", "PG", "BASH_FUNC_", "PYTHON", "MASKER_"}, func(p string) bool { return strings.HasPrefix(name, p) })
}
