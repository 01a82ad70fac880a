package integration

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// core returns the rooms of the functional core. "..." stands for all rooms below a room. The results of the core
// depend on its input only, not on the machine or the date. pkg/keyring/keysource and pkg/ruleset/rulefile open files,
// so they are not in the core.
func core() []string {
	return []string{
		"internal/spell", "internal/visible", "pkg/approval", "pkg/archive", "pkg/catalog", "pkg/definition", "pkg/discover", "pkg/discover/guess", "pkg/fixture/choose", "pkg/guard", "pkg/keyring", "pkg/plan", "pkg/recognise",
		"pkg/recognise/...", "pkg/review", "pkg/rewrite", "pkg/rewrite/...", "pkg/ruleset", "pkg/sides", "pkg/sqlexpr", "pkg/sqltext", "pkg/subset", "pkg/transform", "pkg/transform/...", "pkg/verify", "pkg/verify/fingerprint", "pkg/verify/normal", "pkg/wire", "rules",
	}
}

func everywhere(string) bool { return true }

func inCore(room string) bool {
	return slices.ContainsFunc(core(), func(name string) bool {
		above, below := strings.CutSuffix(name, "...")
		return room == name || below && strings.HasPrefix(room, above)
	})
}

// doesIO reports whether a name uses files, connections, processes, environment variables or the clock. An entry
// without a name stands for a whole package and all packages below it.
func doesIO(use usedName) bool {
	outside := []string{
		"context.WithDeadline", "context.WithTimeout", "crypto/tls", "database/sql", "golang.org/x/sys", "io/ioutil", "log", "net", "os", "path/filepath.Abs",
		"path/filepath.EvalSymlinks", "path/filepath.Glob", "path/filepath.Walk", "path/filepath.WalkDir", "plugin", "syscall", "time.After", "time.AfterFunc",
		"time.LoadLocation", "time.NewTicker", "time.NewTimer", "time.Now", "time.Since", "time.Sleep", "time.Tick", "time.Until",
	}
	pure := []string{"net.ParseMAC", "net/mail", "net/netip", "net/url"}
	return use.isOf(outside) && !use.isOf(pure)
}

// readsEnvironment reports whether a name reads or changes environment variables of the process.
func readsEnvironment(use usedName) bool {
	return use.isOf([]string{
		"net/http.ProxyFromEnvironment", "os.Clearenv", "os.Environ", "os.ExpandEnv", "os.Getenv", "os.LookupEnv", "os.Setenv", "os.Unsetenv", "os.UserCacheDir",
		"os.UserConfigDir", "os.UserHomeDir", "syscall.Clearenv", "syscall.Environ", "syscall.Getenv", "syscall.Setenv",
	})
}

// exception allows a room to use forbidden names, or all names of a package.
type exception struct {
	may []string
	why string
}

// fromEnvironment returns the rooms that may read environment variables. All other rooms get the values that they
// need.
func fromEnvironment() map[string]exception {
	return map[string]exception{
		"cmd/masker":        {[]string{"os.Environ"}, "main passes the environment variables to the verbs as data"},
		"pkg/escrow":        {[]string{"net/http.ProxyFromEnvironment"}, "the machine's environment variables name the proxy to the object store"},
		"pkg/notify":        {[]string{"net/http.ProxyFromEnvironment"}, "the machine's environment variables name the proxy to the webhook"},
		"pkg/tracing":       {[]string{"net/http.ProxyFromEnvironment"}, "the machine's environment variables name the proxy to the collector"},
		"pkg/source":        {[]string{"os.Getenv"}, "MASKER_PG_BIN names the folder of pg_dump, if rules need no approval"},
		"internal/pglocal":  {[]string{"os.Environ", "os.Getenv"}, "the developer's environment variables say which PostgreSQL the tests and the demo use, and its installation needs them"},
		"pkg/fixture":       {[]string{"os.Getenv"}, "MASKER_FIXTURE_URL names the server on which tests open fixtures"},
		"integration/bench": {[]string{"os.Environ", "os.Getenv"}, "it starts other programs as a user's shell does"},
	}
}

// restriction forbids names of other packages in rooms.
type restriction struct {
	in      func(room string) bool
	forbids func(usedName) bool
	why     string
	except  map[string]exception
}

func TestTheCoreDoesNoIO(t *testing.T) {
	r := restriction{inCore, doesIO, "the core opens no file, no connection and no process, and reads no environment and no clock", nil}
	for _, found := range r.violations(goFiles(t)) {
		t.Error(found)
	}
	for name, room := range house() {
		for _, below := range room.may {
			if inCore(name) && !inCore(below) {
				t.Errorf("%s is in the core and imports %s, which is not in the core and may do I/O", name, below)
			}
		}
	}
}

func TestOnlyListedRoomsReadTheEnvironment(t *testing.T) {
	r := restriction{everywhere, readsEnvironment, "a room gets the values that it needs from its caller", fromEnvironment()}
	for _, found := range r.violations(goFiles(t)) {
		t.Error(found)
	}
}

// usedName is a name of another package that some code uses.
type usedName struct{ path, name string }

func (u usedName) String() string { return u.path + "." + u.name }

// isOf reports whether a list has the name, its package, or a package above it.
func (u usedName) isOf(list []string) bool {
	return slices.ContainsFunc(list, func(entry string) bool { return entry == u.String() || inside(u.path, entry) })
}

// violations returns the uses of forbidden names, and the exceptions that no code needs.
func (r restriction) violations(files []sourceFile) (found []string) {
	needed := map[string]bool{}
	for use, occurrences := range usedNames(files) {
		if use.name != "." && !r.forbids(use) {
			continue
		}
		for _, o := range occurrences {
			may := r.except[o.room].may
			switch {
			case !r.in(o.room):
			case slices.Contains(may, use.String()):
				needed[o.room+" "+use.String()] = true
			case slices.Contains(may, use.path):
				needed[o.room+" "+use.path] = true
			default:
				found = append(found, fmt.Sprintf("%s: uses %s: %s", o.at, use, r.why))
			}
		}
	}
	for room, e := range r.except {
		for _, name := range e.may {
			if !needed[room+" "+name] {
				found = append(found, fmt.Sprintf("%s may use %s but does not; remove that from the table", room, name))
			}
		}
	}
	return found
}

// occurrence is one use of a name: the room and the position.
type occurrence struct{ room, at string }

// usedNames returns the names of other packages that files use. It leaves tests out. An import with the name _ or .
// counts as a use of the name "_" or ".", because the code does not show which names it uses.
func usedNames(files []sourceFile) map[usedName][]occurrence {
	uses, names := map[usedName][]occurrence{}, meanings(files)
	for _, f := range files {
		if f.test {
			continue
		}
		add := func(use usedName, n ast.Node) { uses[use] = append(uses[use], occurrence{f.pkg, f.at(n.Pos())}) }
		for _, spec := range f.file.Imports {
			if spec.Name != nil && (spec.Name.Name == "." || spec.Name.Name == "_") {
				path, _ := strconv.Unquote(spec.Path.Value) // the parser has checked the syntax
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

func TestForbiddenNamesAreFound(t *testing.T) {
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
		r := restriction{func(room string) bool { return room == "pkg/x" }, doesIO, "no", nil}
		found := r.violations(parsed(t, map[string]string{
			"pkg/x/x.go": "package x\n" + source, "pkg/x/x_test.go": "package x\nimport \"os\"\nvar _ = os.Args", "pkg/y/y.go": "package y\nimport \"os\"\nvar _ = os.Args",
		}))
		if (want == "") != (len(found) == 0) || len(found) > 1 || want != "" && found[0] != want+": no" {
			t.Errorf("%s: %q, want %q", source, found, want)
		}
	}
	files := parsed(t, map[string]string{"pkg/x/x.go": "package x\nimport \"os\"\nvar _ = os.Getenv(\"A\")\nvar _ = os.Environ()"})
	may := map[string]exception{"pkg/x": {[]string{"os.Getenv", "os.LookupEnv"}, "for the test"}}
	found := restriction{everywhere, readsEnvironment, "no", may}.violations(files)
	if slices.Sort(found); !slices.Equal(found, []string{"pkg/x may use os.LookupEnv but does not; remove that from the table", "pkg/x/x.go:4: uses os.Environ: no"}) {
		t.Errorf("%q", found)
	}
}
