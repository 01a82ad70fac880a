package plan

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The table of findings in docs/rules.md has every code of a finding. The test reads the codes from the calls that add
// findings, in the source of this package.
func TestEveryFindingIsInTheDocs(t *testing.T) {
	docs, err := os.ReadFile(filepath.Join("..", "..", "docs", "rules.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(docs), "### All findings of a plan\n")
	table, _, _ = strings.Cut(table, "\n### ")
	if !found {
		t.Fatal("docs/rules.md has no table of findings")
	}
	codes := codesOfFindings(t)
	if len(codes) < 20 || !slices.Contains(codes, literalData) || !slices.Contains(codes, keptPersonal) || !slices.Contains(codes, "few-values") {
		t.Fatalf("the test finds only the codes %v", codes)
	}
	for _, code := range append(codes, PathUnlisted, keptHolds+"CLASS") {
		if !strings.Contains(table, "`"+code+"`") {
			t.Errorf("the table has no row for %s", code)
		}
	}
}

// codesOfFindings returns the codes that the package's source passes to addFinding and measured, or sets in a Finding.
// A code is a text or a constant. The codes of gates are in the profiles, so the test leaves them out.
func codesOfFindings(t *testing.T) (codes []string) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	var used []ast.Expr
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, value := range n.Values {
					if text, ok := value.(*ast.BasicLit); ok && text.Kind == token.STRING {
						named[n.Names[i].Name] = unquoted(text)
					}
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "addFinding" || f.Sel.Name == "measured") {
					used = append(used, n.Args[0])
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
					used = append(used, n.Value)
				}
			}
			return true
		})
	}
	for _, e := range used {
		switch e := e.(type) {
		case *ast.BasicLit:
			codes = append(codes, unquoted(e))
		case *ast.Ident:
			if code := named[e.Name]; code != "" {
				codes = append(codes, code)
			}
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func unquoted(text *ast.BasicLit) string {
	return constant.StringVal(constant.MakeFromLiteral(text.Value, text.Kind, 0))
}
