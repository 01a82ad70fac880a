package integration

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/masker-project/masker/"

// room is what one package of the house may import from the house, and why no more.
type room struct {
	may []string
	why string
}

const (
	pureData   = "the lowest layer is plain data and bytes: everything stands on it, so it stands on nothing"
	pureCore   = "the functional core does no I/O; whoever opens connections is above it"
	drives     = "a driver moves rows and knows neither rules nor keys, so that a plan cannot depend on one"
	ownSeams   = "refresh declares what it reads from and writes to; a driver it imported could not be exchanged"
	observers  = "what watches a refresh must not be able to steer it: it is handed events and data"
	throwAway  = "the throw-away server is for demo, tests and benchmark; nothing that moves data may lean on it"
	wiring     = "only the command knows everybody"
	notAllowed = "this package is not in the table: give it a layer and a reason first"
)

// house is the table of rooms. Tests may import more: pglocal, and drivers to test against.
func house() map[string]room {
	core := []string{"internal/spell", "internal/visible", "pkg/catalog", "pkg/transform", "pkg/ruleset"}
	return map[string]room{
		"internal/spell":   {nil, pureData},
		"internal/visible": {nil, pureData},

		"pkg/catalog":   {nil, pureData},
		"pkg/wire":      {nil, pureData},
		"pkg/program":   {nil, "it says which programs may be started and with which environment, and starts none"},
		"pkg/keyring":   {[]string{"pkg/program"}, pureData},
		"pkg/archive":   {nil, pureData},
		"rules":         {nil, pureData},
		"pkg/transform": {[]string{"internal/spell", "pkg/catalog"}, pureCore},
		"pkg/ruleset":   {[]string{"internal/spell", "internal/visible", "pkg/catalog", "pkg/transform", "rules"}, pureCore},
		"pkg/subset":    {[]string{"pkg/catalog"}, pureCore},
		"pkg/plan":      {append(core, "pkg/subset"), pureCore},
		"pkg/review":    {append(core, "pkg/plan", "pkg/subset"), "it puts plans into words for whoever reviews them: it opens nothing, and is told the day"},

		"internal/sketch": {[]string{"pkg/catalog", "pkg/ruleset"}, "schemas and rules for tests, in a few lines"},

		"internal/pgsession":      {nil, drives},
		"internal/pglocal":        {nil, throwAway},
		"internal/pglocal/ensure": {[]string{"internal/pglocal"}, throwAway},

		"pkg/approval": {nil, "it judges statements by their bytes alone: it knows no rule, no file and no connection"},
		"pkg/external": {[]string{"pkg/catalog", "pkg/transform", "pkg/program"}, "it is given values and starts programs: it knows no server, no key and no rule"},

		"pkg/provenance": {[]string{"pkg/ledger"}, "it judges what was read by keys it is given: it opens no connection"},

		"pkg/sides":    {[]string{"pkg/catalog", "pkg/archive"}, "what source and target show is plain data, so that who moves and who drives need not know each other"},
		"pkg/source":   {[]string{"pkg/catalog", "pkg/wire", "pkg/archive", "pkg/provenance", "pkg/sides", "internal/pgsession"}, drives},
		"pkg/target":   {[]string{"pkg/catalog", "pkg/wire", "pkg/archive", "pkg/provenance", "pkg/sides", "internal/pgsession"}, drives},
		"pkg/guard":    {append(core, "pkg/plan", "pkg/subset", "pkg/review"), pureCore},
		"pkg/ledger":   {append(core, "pkg/plan", "pkg/subset"), pureCore},
		"pkg/discover": {append(core, "pkg/subset", "pkg/plan", "internal/pgsession"), "it only ever adds suspicion: it reads, and writes nothing but text"},
		"pkg/refresh": {
			append(core, "pkg/plan", "pkg/subset", "pkg/wire", "pkg/keyring", "pkg/guard", "pkg/ledger"),
			ownSeams,
		},
		"pkg/verify": {
			append(core, "pkg/plan", "pkg/subset", "pkg/wire", "pkg/keyring", "pkg/discover", "internal/pgsession"),
			observers,
		},
		"pkg/report":  {append(core, "pkg/plan", "pkg/guard", "pkg/ledger", "pkg/verify"), observers},
		"pkg/doctor":  {[]string{"pkg/report"}, "it looks and tells: whatever it could do itself, it could break"},
		"pkg/escrow":  {nil, "a second place must not be steered by what it is to bear witness against: it is given notes"},
		"pkg/metrics": {[]string{"pkg/report"}, observers},
		"pkg/tracing": {[]string{"pkg/report"}, observers},
		"pkg/notify":  {append(core, "pkg/plan", "pkg/guard", "pkg/ledger", "pkg/report", "pkg/program"), observers},

		"pkg/movement": {
			append(core, "pkg/plan", "pkg/review", "pkg/archive", "pkg/approval", "pkg/keyring", "pkg/guard", "pkg/ledger", "pkg/provenance", "pkg/sides", "pkg/refresh",
				"pkg/external", "pkg/escrow", "pkg/notify", "pkg/report", "internal/crash"),
			"the recipe knows source and target through interfaces that it declares: a driver it imported could not be exchanged",
		},
		"pkg/movement/postgres": {
			[]string{"pkg/catalog", "pkg/movement", "pkg/provenance", "pkg/sides", "pkg/source", "pkg/target", "internal/pgsession"},
			"it fits the drivers to the recipe, so that neither knows the other",
		},
		"internal/crash": {nil, "it is given a stack and gives a place"},

		"cmd/masker": {[]string{"*"}, wiring},
		"cmd/masker/internal/settings": {
			append(core, "pkg/guard", "pkg/keyring", "pkg/escrow", "pkg/notify", "pkg/program"),
			"it reads masker.yaml and opens nothing that stands in it: no connection, no key, no rule file",
		},
		"internal/faultproxy": {nil, "a network for tests that fails on demand: it knows no server and no room"},
		"integration":         {[]string{"*"}, wiring},
		"integration/bench":   {[]string{"internal/pglocal"}, "it measures the command from outside, as a user meets it"},
		"examples":            {nil, "examples are files; the demo reads them"},
		"examples/shop":       {nil, "examples are files; the demo reads them"},
		"examples/command":    {nil, "examples are files; this one is a program of its own"},
	}
}

// fence keeps a library in the rooms that need it.
type fence struct {
	library string
	rooms   []string
	why     string
}

func fences() []fence {
	return []fence{
		{
			"github.com/jackc/pgx",
			[]string{"internal/pgsession", "internal/pglocal", "pkg/source", "pkg/target", "pkg/discover", "pkg/verify", "integration/bench"},
			"a connection can leak data and change settings: sessions are opened where that is looked after",
		},
		{"github.com/spf13/viper", []string{"cmd/masker/internal/settings"}, "it lower-cases keys and reads the environment: only masker.yaml may meet it, never rules"},
		{"github.com/spf13/cobra", []string{"cmd/masker"}, "every verb can be called from Go without it"},
		{"github.com/brianvoe/gofakeit", []string{"pkg/transform"}, "its lists are pinned in the plan's digest"},
		{"github.com/goccy/go-yaml", []string{"pkg/ruleset", "pkg/discover", "cmd/masker/internal/settings"}, "files have one reader each, with positions"},
		{"github.com/vbauerster/mpb", []string{"pkg/report"}, "one place draws on the terminal"},
		{"log/slog", []string{"cmd/masker", "pkg/refresh", "pkg/report"}, "the core logs nothing: it returns errors"},
		{"os/exec", []string{"pkg/external", "pkg/keyring", "pkg/source", "pkg/notify", "internal/pglocal", "integration/bench"}, "a child process is a way out: each is started where its environment and its words are looked after"},
		{"github.com/wneessen/go-mail", []string{"pkg/notify"}, "its errors quote servers' answers: they are put into words of ours in one place"},
		{"github.com/minio/minio-go", []string{"pkg/escrow"}, "its errors quote servers' answers: they are put into words of ours in one place"},
		{"golang.org/x/mod/sumdb", []string{"pkg/ledger"}, "one room builds the tree and signs it: proofs are checked through it"},
		{"github.com/secure-systems-lab/go-securesystemslib", []string{"pkg/ledger"}, "the ledger's key signs nothing that the ledger does not hold"},
		{"go.opentelemetry.io", []string{"pkg/tracing"}, "it prints what it fails at, and takes settings from the process: one room holds both off"},
		{"net/http/pprof", nil, "a profile of the heap holds rows and keys (L5)"},
		{"github.com/testcontainers", nil, "containers are for tests"},
		{"github.com/adhocore/gronx", nil, "masker schedules nothing: tests read the examples with it"},
		{"github.com/coreos/go-systemd", nil, "masker knows no service manager: tests read the examples with it"},
		{"k8s.io", nil, "masker knows no cluster: tests read the examples with its types"},
		{"sigs.k8s.io", nil, "masker knows no cluster: tests read the examples with its types"},
	}
}

// sourceFile is one parsed Go file.
type sourceFile struct {
	pkg, path string // pkg is the folder, relative to the module
	test      bool
	file      *ast.File
	set       *token.FileSet
}

func (f sourceFile) at(p token.Pos) string {
	return fmt.Sprintf("%s:%d", f.path, f.set.Position(p).Line)
}

func goFiles(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := e.Name(); e.IsDir() && (name == "testdata" || name == "bin" || strings.HasPrefix(name, ".") && name != "..") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", path)
		files = append(files, sourceFile{filepath.ToSlash(filepath.Dir(rel)), rel, strings.HasSuffix(path, "_test.go"), parsed, set})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("found %d Go files: the test does not look where the code is", len(files))
	}
	return files
}

func TestRoomsImportOnlyWhatStandsBelowThem(t *testing.T) {
	house := house()
	for _, f := range goFiles(t) {
		room, known := house[f.pkg]
		if !known {
			t.Errorf("%s: %s", f.path, notAllowed)
			continue
		}
		if f.test {
			continue
		}
		for _, spec := range f.file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if own, ours := strings.CutPrefix(path, module); ours && own != f.pkg &&
				!slices.Contains(room.may, own) && !slices.Contains(room.may, "*") {
				t.Errorf("%s: %s may not import %s: %s", f.at(spec.Pos()), f.pkg, own, room.why)
			}
			for _, fence := range fences() {
				if inside(path, fence.library) && !slices.Contains(fence.rooms, f.pkg) {
					t.Errorf("%s: %s may not import %s: %s", f.at(spec.Pos()), f.pkg, fence.library, fence.why)
				}
			}
		}
	}
}

func inside(path, library string) bool {
	return path == library || strings.HasPrefix(path, library+"/")
}

func TestPackagesAreNamedAfterWhatTheyHold(t *testing.T) {
	for _, f := range goFiles(t) {
		switch f.file.Name.Name {
		case "util", "utils", "common", "helper", "helpers", "types", "models":
			t.Errorf("%s: a package called %s becomes everybody's drawer", f.path, f.file.Name.Name)
		}
	}
}

// What syntax shows: init functions, and package-level variables other than error values, compiled
// patterns, embedded files and lookup tables. Anything else is hidden state between runs.
func TestNothingHappensBeforeMain(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		for _, d := range f.file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: func init registers behind the reader's back: list it where it is used", f.at(fn.Pos()))
			}
			if gen, ok := d.(*ast.GenDecl); ok && gen.Tok == token.VAR {
				for _, spec := range gen.Specs {
					value := spec.(*ast.ValueSpec)
					if hasState(gen, value) {
						t.Errorf("%s: package-level %s is state that outlives a run: pass it", f.at(value.Pos()), value.Names[0].Name)
					}
				}
			}
		}
	}
}

// hasState sees what syntax shows: a variable without a value (unless embedded or the blank name), and
// locks, pools, channels and counters. Whether a table is assigned to is looked at in assigned.
func hasState(gen *ast.GenDecl, v *ast.ValueSpec) bool {
	if v.Names[0].Name == "_" {
		return false
	}
	if len(v.Values) == 0 {
		doc := gen.Doc
		if v.Doc != nil {
			doc = v.Doc
		}
		return doc == nil || !slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
	}
	for _, value := range v.Values {
		switch e := value.(type) {
		case *ast.CallExpr:
			if fn, ok := e.Fun.(*ast.Ident); ok && (fn.Name == "make" || fn.Name == "new") {
				return true
			}
		case *ast.CompositeLit:
			if sel, ok := e.Type.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok && (pkg.Name == "sync" || pkg.Name == "atomic") {
					return true
				}
			}
		}
	}
	return false
}

// TestTablesStayAsTheyAreWritten finds assignments to package-level variables anywhere in their package.
func TestTablesStayAsTheyAreWritten(t *testing.T) {
	files := goFiles(t)
	names := map[string]bool{} // "pkg name"
	for _, f := range files {
		for _, d := range f.file.Decls {
			gen, ok := d.(*ast.GenDecl)
			if f.test || !ok || gen.Tok != token.VAR {
				continue
			}
			for _, spec := range gen.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					names[f.pkg+" "+name.Name] = true
				}
			}
		}
	}
	for _, f := range files {
		if f.test {
			continue
		}
		locals := localNames(f.file)
		ast.Inspect(f.file, func(n ast.Node) bool {
			assign, ok := n.(*ast.AssignStmt)
			if !ok || assign.Tok == token.DEFINE {
				return true
			}
			for _, left := range assign.Lhs {
				if name := rootName(left); names[f.pkg+" "+name] && !locals[name] {
					t.Errorf("%s: assigns to package-level %s", f.at(assign.Pos()), name)
				}
			}
			return true
		})
	}
}

// localNames are those a function of the file declares or takes, which may hide a package's.
func localNames(file *ast.File) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, left := range n.Lhs {
					names[rootName(left)] = true
				}
			}
		case *ast.FuncType:
			for _, list := range []*ast.FieldList{n.Params, n.Results} {
				if list == nil {
					continue
				}
				for _, field := range list.List {
					for _, name := range field.Names {
						names[name.Name] = true
					}
				}
			}
		case *ast.FuncDecl:
			if n.Recv != nil {
				for _, field := range n.Recv.List {
					for _, name := range field.Names {
						names[name.Name] = true
					}
				}
			}
		}
		return true
	})
	return names
}

func rootName(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		default:
			return ""
		}
	}
}
