package integration

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// core are the rooms of the functional core; "..." is what lies below one. What they say follows from what they are given, on any machine
// and on any day. Keys and rules are opened in pkg/keyring/keysource and pkg/ruleset/rulefile, which are not in it.
func core() []string {
	return []string{
		"internal/spell", "internal/visible", "pkg/approval", "pkg/archive", "pkg/catalog", "pkg/discover", "pkg/guard", "pkg/keyring", "pkg/plan", "pkg/recognise",
		"pkg/recognise/...", "pkg/review", "pkg/rewrite", "pkg/rewrite/...", "pkg/ruleset", "pkg/sides", "pkg/transform", "pkg/transform/...", "pkg/wire", "rules",
	}
}

func everywhere(string) bool { return true }

func inCore(room string) bool {
	return slices.ContainsFunc(core(), func(name string) bool {
		above, below := strings.CutSuffix(name, "...")
		return room == name || below && strings.HasPrefix(room, above)
	})
}

// leadsOut says whether a name is of the outside: of files, connections, processes, the environment or the clock. An entry without a name is
// a whole package, with all that lie below it.
func leadsOut(use usedName) bool {
	outside := []string{
		"context.WithDeadline", "context.WithTimeout", "crypto/tls", "database/sql", "golang.org/x/sys", "io/ioutil", "log", "net", "os", "path/filepath.Abs",
		"path/filepath.EvalSymlinks", "path/filepath.Glob", "path/filepath.Walk", "path/filepath.WalkDir", "plugin", "syscall", "time.After", "time.AfterFunc",
		"time.LoadLocation", "time.NewTicker", "time.NewTimer", "time.Now", "time.Since", "time.Sleep", "time.Tick", "time.Until",
	}
	within := []string{"net.ParseMAC", "net/mail", "net/netip", "net/url"}
	return use.isOf(outside) && !use.isOf(within)
}

// readsEnvironment says whether a name reads, or changes, the environment of the process.
func readsEnvironment(use usedName) bool {
	return use.isOf([]string{
		"net/http.ProxyFromEnvironment", "os.Clearenv", "os.Environ", "os.ExpandEnv", "os.Getenv", "os.LookupEnv", "os.Setenv", "os.Unsetenv", "os.UserCacheDir",
		"os.UserConfigDir", "os.UserHomeDir", "syscall.Clearenv", "syscall.Environ", "syscall.Getenv", "syscall.Setenv",
	})
}

// exception lets a room use what others may not: names, or all of a package.
type exception struct {
	may []string
	why string
}

// fromEnvironment are the rooms where the environment comes in. All others are given what they need of it.
func fromEnvironment() map[string]exception {
	return map[string]exception{
		"cmd/masker":        {[]string{"os.Environ"}, "main hands it to the verbs, as data"},
		"pkg/escrow":        {[]string{"net/http.ProxyFromEnvironment"}, "the way to an object store is the machine's business"},
		"pkg/notify":        {[]string{"net/http.ProxyFromEnvironment"}, "the way to a webhook is the machine's business"},
		"pkg/tracing":       {[]string{"net/http.ProxyFromEnvironment"}, "the way to a collector is the machine's business"},
		"pkg/source":        {[]string{"os.Getenv"}, "MASKER_PG_BIN names the folder of pg_dump, unless rules need an approval: then masker.yaml alone does"},
		"internal/pglocal":  {[]string{"os.Environ", "os.Getenv"}, "the machine of a developer says which PostgreSQL tests and demo use, and installing it needs its settings"},
		"integration/bench": {[]string{"os.Environ", "os.Getenv"}, "it starts other programs as a user's shell would"},
	}
}

// restriction forbids names of other packages in rooms.
type restriction struct {
	in      func(room string) bool
	forbids func(usedName) bool
	why     string
	except  map[string]exception
}

func TestTheCoreReachesNothing(t *testing.T) {
	r := restriction{inCore, leadsOut, "the core opens no file, no connection and no process, and reads no environment and no clock", nil}
	for _, found := range r.broken(goFiles(t)) {
		t.Error(found)
	}
	for name, room := range house() {
		for _, below := range room.may {
			if inCore(name) && !inCore(below) {
				t.Errorf("%s is in the core and imports %s, which is not: whatever that opens, the core opens", name, below)
			}
		}
	}
}

func TestTheEnvironmentComesInWhereItIsSaid(t *testing.T) {
	r := restriction{everywhere, readsEnvironment, "what a room needs of the environment, it is given", fromEnvironment()}
	for _, found := range r.broken(goFiles(t)) {
		t.Error(found)
	}
}

// usedName is a name of another package, as the code that uses it says it.
type usedName struct{ path, name string }

func (u usedName) String() string { return u.path + "." + u.name }

// isOf says whether the name, or its package or one above that, is in a list.
func (u usedName) isOf(list []string) bool {
	return slices.ContainsFunc(list, func(entry string) bool { return entry == u.String() || inside(u.path, entry) })
}

// broken finds where forbidden names are used, and exceptions that nothing needs.
func (r restriction) broken(files []sourceFile) (found []string) {
	needed := map[string]bool{}
	for use, places := range usedNames(files) {
		if use.name != "." && !r.forbids(use) {
			continue
		}
		for _, place := range places {
			may := r.except[place.room].may
			switch {
			case !r.in(place.room):
			case slices.Contains(may, use.String()):
				needed[place.room+" "+use.String()] = true
			case slices.Contains(may, use.path):
				needed[place.room+" "+use.path] = true
			default:
				found = append(found, fmt.Sprintf("%s: uses %s: %s", place.at, use, r.why))
			}
		}
	}
	for room, e := range r.except {
		for _, name := range e.may {
			if !needed[room+" "+name] {
				found = append(found, fmt.Sprintf("%s may use %s, and does not: take that out of the table", room, name))
			}
		}
	}
	return found
}

// place is where a name is used.
type place struct{ room, at string }

// usedNames are the names of other packages that files use, tests left out. An import that names nothing is used as "_", and one that hides
// what is used as ".".
func usedNames(files []sourceFile) map[usedName][]place {
	uses, names := map[usedName][]place{}, meanings(files)
	for _, f := range files {
		if f.test {
			continue
		}
		add := func(use usedName, n ast.Node) { uses[use] = append(uses[use], place{f.pkg, f.at(n.Pos())}) }
		for _, spec := range f.file.Imports {
			if spec.Name != nil && (spec.Name.Name == "." || spec.Name.Name == "_") {
				path, _ := strconv.Unquote(spec.Path.Value) // it was parsed
				add(usedName{path, spec.Name.Name}, spec)
			}
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if path := packageOf(sel, names); path != "" {
					add(usedName{path, sel.Sel.Name}, n)
				}
			}
			return true
		})
	}
	return uses
}

func TestWhatReachesOutIsFound(t *testing.T) {
	const open = "pkg/x/x.go:3: uses "
	for source, want := range map[string]string{
		"import \"os\"\nvar _, _ = os.ReadFile(\"a\")":                                   open + "os.ReadFile",
		"import disk \"os\"\nvar _, _ = disk.Create(\"a\")":                              open + "os.Create",
		"import \"os\"\nfunc f() string { return os.Getenv(\"A\") }":                     open + "os.Getenv",
		"import \"os/exec\"\nvar _ = exec.Command(\"a\")":                                open + "os/exec.Command",
		"import \"net\"\nvar _, _ = net.Dial(\"tcp\", \"a\")":                            open + "net.Dial",
		"import \"net/http\"\nvar _, _ = http.Get(\"a\")":                                open + "net/http.Get",
		"import \"time\"\nvar now = time.Now":                                            open + "time.Now",
		"import \"time\"\nfunc f(t time.Time) any { return time.Since(t) }":              open + "time.Since",
		"import \"path/filepath\"\nvar _, _ = filepath.Glob(\"*\")":                      open + "path/filepath.Glob",
		"\nimport . \"time\"\nvar _ = Now()":                                             open + "time..",
		"\nimport _ \"net/http/pprof\"":                                                  open + "net/http/pprof._",
		"import \"time\"\nvar _ = 2 * time.Second":                                       "",
		"import \"net/netip\"\nvar _, _ = netip.ParseAddr(\"a\")":                        "",
		"import \"net\"\nvar _, _ = net.ParseMAC(\"a\")":                                 "",
		"import \"io/fs\"\nvar _ = fs.ErrNotExist":                                       "",
		"import \"time\"\nfunc f(time interface{ Now() int }) int { return time.Now() }": "",
	} {
		r := restriction{func(room string) bool { return room == "pkg/x" }, leadsOut, "no", nil}
		found := r.broken(parsed(t, map[string]string{
			"pkg/x/x.go": "package x\n" + source, "pkg/x/x_test.go": "package x\nimport \"os\"\nvar _ = os.Args", "pkg/y/y.go": "package y\nimport \"os\"\nvar _ = os.Args",
		}))
		if (want == "") != (len(found) == 0) || len(found) > 1 || want != "" && found[0] != want+": no" {
			t.Errorf("%s: %q, want %q", source, found, want)
		}
	}
	files := parsed(t, map[string]string{"pkg/x/x.go": "package x\nimport \"os\"\nvar _ = os.Getenv(\"A\")\nvar _ = os.Environ()"})
	may := map[string]exception{"pkg/x": {[]string{"os.Getenv", "os.LookupEnv"}, "for the test"}}
	found := restriction{everywhere, readsEnvironment, "no", may}.broken(files)
	if slices.Sort(found); !slices.Equal(found, []string{"pkg/x may use os.LookupEnv, and does not: take that out of the table", "pkg/x/x.go:4: uses os.Environ: no"}) {
		t.Errorf("%q", found)
	}
}
