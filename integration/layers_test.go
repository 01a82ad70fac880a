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
			[]string{"internal/pgsession", "internal/pglocal", "pkg/source", "pkg/target", "integration/bench"},
			"a connection can leak data and change settings: sessions are opened where that is looked after",
		},
		{"github.com/spf13/viper", []string{"cmd/masker/internal/settings"}, "it lower-cases keys and reads the environment: only masker.yaml may meet it, never rules"},
		{"github.com/spf13/cobra", []string{"cmd/masker"}, "every verb can be called from Go without it"},
		{"github.com/brianvoe/gofakeit", []string{"pkg/transform/internal/fake"}, "its lists are pinned in the plan's digest"},
		{"github.com/goccy/go-yaml", []string{"pkg/ruleset", "pkg/discover", "cmd/masker/internal/settings"}, "files have one reader each, with positions"},
		{"github.com/vbauerster/mpb", []string{"pkg/report"}, "one place draws on the terminal"},
		{"log/slog", []string{"cmd/masker", "pkg/refresh", "pkg/report"}, "the core logs nothing: it returns errors"},
		{"os/exec", []string{"pkg/external", "pkg/keyring/keysource", "pkg/source", "pkg/notify", "internal/process", "internal/pglocal", "integration/bench"}, "a child process is a way out: each is started where its environment and its words are looked after"},
		{"github.com/wneessen/go-mail", []string{"pkg/notify"}, "its errors quote servers' answers: they are put into words of ours in one place"},
		{"github.com/minio/minio-go", []string{"pkg/escrow"}, "its errors quote servers' answers: they are put into words of ours in one place"},
		{"golang.org/x/mod/sumdb", []string{"pkg/ledger"}, "one room builds the tree and signs it: proofs are checked through it"},
		{"github.com/secure-systems-lab/go-securesystemslib", []string{"pkg/ledger"}, "the ledger's key signs nothing that the ledger does not hold"},
		{"go.opentelemetry.io", nil, "pkg/tracing writes what a collector reads: tests hold it against the types"},
		{"github.com/prometheus", nil, "pkg/metrics writes what a scraper reads: tests hold it against the library"},
		{"github.com/robfig/cron", nil, "masker schedules nothing: tests read the examples with it"},
		{"net/http/pprof", nil, "a profile of the heap holds rows and keys (L5)"},
		{"github.com/testcontainers", nil, "containers are for tests"},
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

// parsed are files that a test of the checks themselves makes up, by path.
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

func TestRoomsImportOnlyWhatStandsBelowThem(t *testing.T) {
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
				t.Errorf("%s: %s is for tests alone: %s may not import it", f.at(spec.Pos()), own, f.pkg)
			}
			for _, fence := range fences() {
				if inside(path, fence.library) && !slices.Contains(fence.rooms, f.pkg) {
					t.Errorf("%s: %s may not import %s: %s", f.at(spec.Pos()), f.pkg, fence.library, fence.why)
				}
			}
		}
	}
	for name, room := range house {
		for _, other := range room.may {
			if other != "*" && !used[name+" "+other] {
				t.Errorf("%s may import %s, and does not: take that out of the table", name, other)
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
