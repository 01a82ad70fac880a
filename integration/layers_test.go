package integration

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/masker-project/masker/"

// libraryLimit says which rooms may import a library.
type libraryLimit struct {
	library string
	rooms   []string
	why     string
}

func libraryLimits() []libraryLimit {
	return []libraryLimit{
		{
			"github.com/jackc/pgx",
			[]string{"internal/pgsession", "internal/pglocal", "pkg/branch/postgres", "pkg/fixture", "pkg/source", "pkg/target", "pkg/verify/postgres", "integration/bench"},
			"a connection can leak data and change settings, so only these rooms open sessions",
		},
		{"github.com/spf13/viper", []string{"cmd/masker/internal/settings"}, "it folds the case of keys and reads the environment, so it may read masker.yaml only, never rules"},
		{"github.com/spf13/cobra", []string{"cmd/masker"}, "Go programs must be able to call everything that the verbs call"},
		{"github.com/brianvoe/gofakeit", []string{"pkg/transform/internal/fake"}, "the plan's digest covers its lists"},
		{"github.com/goccy/go-yaml", []string{"pkg/ruleset", "pkg/discover", "cmd/masker/internal/settings"}, "each kind of file has one reader, which knows positions"},
		{"github.com/vbauerster/mpb", []string{"pkg/report"}, "only one room draws on the terminal"},
		{"log/slog", []string{"cmd/masker", "pkg/refresh", "pkg/report"}, "the core logs nothing; it returns errors"},
		{"os/exec", []string{"pkg/external", "pkg/keyring/keysource", "pkg/source", "pkg/notify", "internal/process", "internal/pglocal", "integration/bench"}, "a child process can leak data, so only rooms that control its environment and its output may start one"},
		{"github.com/wneessen/go-mail", []string{"pkg/notify"}, "its errors quote answers of servers, so one room replaces them with its own text"},
		{"github.com/minio/minio-go", []string{"pkg/escrow"}, "its errors quote answers of servers, so one room replaces them with its own text"},
		{"golang.org/x/mod/sumdb", []string{"pkg/ledger"}, "only one room builds the tree, signs it and checks proofs"},
		{"github.com/secure-systems-lab/go-securesystemslib", []string{"pkg/ledger"}, "the ledger's key must sign only what the ledger holds"},
		{"go.opentelemetry.io", nil, "pkg/tracing writes the protocol itself; only tests compare it with this library"},
		{"github.com/prometheus", nil, "pkg/metrics writes the format itself; only tests compare it with this library"},
		{"github.com/robfig/cron", nil, "masker has no scheduler; only tests of the examples need it"},
		{"net/http/pprof", nil, "a profile of the heap holds rows and keys (L5)"},
		{"github.com/testcontainers", nil, "only tests start containers"},
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
		t.Fatalf("found only %d Go files, so the test searches in the wrong folder", len(files))
	}
	return files
}

// parsed parses Go sources for tests of the checks themselves. The argument sources maps paths to texts.
func parsed(t *testing.T, sources map[string]string) (files []sourceFile) {
	t.Helper()
	set := token.NewFileSet()
	for _, path := range slices.Sorted(maps.Keys(sources)) {
		file, err := parser.ParseFile(set, path, sources[path], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, sourceFile{filepath.ToSlash(filepath.Dir(path)), path, strings.HasSuffix(path, "_test.go"), file, set})
	}
	return files
}

func TestRoomsImportOnlyTheRoomsInTheTable(t *testing.T) {
	house, used := house(), map[string]bool{}
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
			used[f.pkg+" "+strings.TrimPrefix(path, module)] = true
			if own, ours := strings.CutPrefix(path, module); ours && own != f.pkg &&
				!slices.Contains(room.may, own) && !slices.Contains(room.may, "*") {
				t.Errorf("%s: %s may not import %s: %s", f.at(spec.Pos()), f.pkg, own, room.why)
			}
			if own, ours := strings.CutPrefix(path, module); ours && strings.HasSuffix(own, "test") && !strings.HasSuffix(f.pkg, "test") {
				t.Errorf("%s: %s is for tests only; %s may not import it", f.at(spec.Pos()), own, f.pkg)
			}
			for _, limit := range libraryLimits() {
				if inside(path, limit.library) && !slices.Contains(limit.rooms, f.pkg) {
					t.Errorf("%s: %s may not import %s: %s", f.at(spec.Pos()), f.pkg, limit.library, limit.why)
				}
			}
		}
	}
	for name, room := range house {
		for _, other := range room.may {
			if other != "*" && !used[name+" "+other] {
				t.Errorf("%s may import %s but does not; remove that from the table", name, other)
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
			t.Errorf("%s: the name %s does not say what the package holds", f.path, f.file.Name.Name)
		}
	}
}
