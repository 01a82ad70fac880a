package integration

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
	"testing"
)

// No package has an init function, or package-level state that hasState or changes finds. Package-level variables are
// for error values, compiled patterns, embedded files and lookup tables. A table may be computed at its first use, if
// lazyValues lists it.
func TestNoStateAtPackageLevel(t *testing.T) {
	var lazy []string
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		for _, d := range f.file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: do not use func init; call the code where it is needed", f.at(fn.Pos()))
			}
		}
		for gen, v := range f.variables() {
			if hasState(gen, v) {
				t.Errorf("%s: package-level %s holds state; pass it as an argument", f.at(v.Pos()), v.Names[0].Name)
			}
			if isLazy(v) {
				lazy = append(lazy, f.pkg+"."+v.Names[0].Name)
			}
		}
	}
	slices.Sort(lazy)
	if want := lazyValues(); !slices.Equal(lazy, want) {
		t.Errorf("%q are computed at their first use, want %q", lazy, want)
	}
}

// lazyValues returns the package-level variables that may be computed at their first use. Their value must depend on
// nothing but the program, and must not change. The server of fixtures is the only exception: all tests of a process
// share it, because a start for each test would be slow, and tests have no common place to keep a server.
func lazyValues() []string {
	return []string{"pkg/fixture.local", "pkg/transform/internal/fake.spellings", "pkg/transform/library.treatments"}
}

// isLazy reports whether a variable is computed at its first use, as sync.OnceValue does.
func isLazy(v *ast.ValueSpec) bool {
	return slices.ContainsFunc(v.Values, func(value ast.Expr) bool {
		call, ok := value.(*ast.CallExpr)
		if !ok {
			return false
		}
		fn, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		pkg, ok := fn.X.(*ast.Ident)
		return ok && pkg.Name == "sync" && strings.HasPrefix(fn.Sel.Name, "Once")
	})
}

// variables yields the package-level variables that the file declares.
func (f sourceFile) variables() func(yield func(*ast.GenDecl, *ast.ValueSpec) bool) {
	return func(yield func(*ast.GenDecl, *ast.ValueSpec) bool) {
		for _, d := range f.file.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, spec := range gen.Specs {
				if !yield(gen, spec.(*ast.ValueSpec)) {
					return
				}
			}
		}
	}
}

// hasState reports whether a variable holds state, as far as the syntax shows. A variable without a first value holds
// state, unless it is an embedded file or has the blank name. Locks, pools, channels and counters hold state too.
// The function changes looks for code that changes a table.
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

func TestPackageLevelTablesAreNotChanged(t *testing.T) {
	for _, found := range changes(goFiles(t)) {
		t.Error(found)
	}
}

// tables holds the package-level variables of all rooms.
type tables struct {
	names  map[*ast.Ident]types.Object // what each identifier means
	values map[string]ast.Expr         // first values, by FOLDER.NAME
}

func tablesOf(files []sourceFile) tables {
	all := tables{meanings(files), map[string]ast.Expr{}}
	for _, f := range files {
		if f.test {
			continue
		}
		for _, v := range f.variables() {
			for i, name := range v.Names {
				all.values[f.pkg+"."+name.Name] = nil
				if i < len(v.Values) {
					all.values[f.pkg+"."+name.Name] = v.Values[i]
				}
			}
		}
	}
	return all
}

// changes finds code that changes a package-level variable, of the same package or of another package.
func changes(files []sourceFile) (found []string) {
	all := tablesOf(files)
	for _, f := range files {
		if f.test {
			continue
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			how, changed := all.changedBy(n)
			for _, e := range changed {
				if table := all.of(e); table != "" {
					found = append(found, fmt.Sprintf("%s: %s package-level %s", f.at(n.Pos()), how, table))
				}
			}
			return true
		})
		for _, d := range f.file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				found = append(found, all.addresses(f, fn)...)
			}
		}
	}
	return found
}

// changedBy returns the expressions that a statement or a call changes, and how it changes them.
func (all tables) changedBy(n ast.Node) (how string, changed []ast.Expr) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return "assigns to", n.Lhs
		}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			return "assigns to", []ast.Expr{n.Key, n.Value}
		}
	case *ast.IncDecStmt:
		return "counts in", []ast.Expr{n.X}
	case *ast.CallExpr:
		if name := all.called(n.Fun); slices.Contains(changingFunctions(), name) {
			return name + " changes", n.Args[:1]
		}
	}
	return "", nil
}

// changingFunctions returns the functions that change their first argument.
func changingFunctions() []string {
	return []string{
		"delete", "clear", "copy", "maps.Copy", "maps.DeleteFunc", "maps.Insert", "slices.Reverse", "slices.Sort", "slices.SortFunc", "slices.SortStableFunc",
		"sort.Slice", "sort.SliceStable", "sort.Sort", "sort.Stable", "sort.Strings", "sort.Ints",
	}
}

// addresses finds code that takes the address of a table, or of a part of it, because code that has the address can
// change the table. The address of a whole table is allowed if the table is a struct, so that code does not have to
// copy the struct. Addresses in the first value of a table are allowed too.
func (all tables) addresses(f sourceFile, fn *ast.FuncDecl) (found []string) {
	ast.Inspect(fn, func(n ast.Node) bool {
		and, ok := n.(*ast.UnaryExpr)
		if !ok || and.Op != token.AND {
			return true
		}
		table := all.of(and.X)
		if _, whole := and.X.(*ast.Ident); table != "" && !(whole && isStruct(all.values[table])) {
			found = append(found, fmt.Sprintf("%s: takes the address of package-level %s", f.at(n.Pos()), table))
		}
		return true
	})
	return found
}

func isStruct(value ast.Expr) bool {
	lit, ok := value.(*ast.CompositeLit)
	if !ok {
		return false
	}
	switch lit.Type.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return true
	}
	return false
}

// called returns the name of a built-in function, or the name of another package's function with the path of the
// package. The result is "" for other functions.
func (all tables) called(fn ast.Expr) string {
	switch fn := fn.(type) {
	case *ast.Ident:
		if _, builtin := all.names[fn].(*types.Builtin); builtin {
			return fn.Name
		}
	case *ast.SelectorExpr:
		if pkg := packageOf(fn, all.names); pkg != "" {
			return pkg + "." + fn.Sel.Name
		}
	}
	return ""
}

// of returns the table that an expression is a part of, as FOLDER.NAME. The result is "" if there is no such table.
func (all tables) of(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			if v, ok := all.names[x].(*types.Var); ok && v.Parent() == v.Pkg().Scope() {
				return v.Pkg().Path() + "." + v.Name()
			}
			return ""
		case *ast.SelectorExpr:
			if pkg := packageOf(x, all.names); pkg != "" {
				name := strings.TrimPrefix(pkg, module) + "." + x.Sel.Name
				if _, ours := all.values[name]; ours {
					return name
				}
				return ""
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return ""
		}
	}
}

// packageOf returns the path of the package in an expression such as fmt.Println. The result is "" if a value, and
// not a package, is before the dot.
func packageOf(sel *ast.SelectorExpr, names map[*ast.Ident]types.Object) string {
	if id, ok := sel.X.(*ast.Ident); ok {
		if pkg, ok := names[id].(*types.PkgName); ok {
			return pkg.Imported().Path()
		}
	}
	return ""
}

// meanings returns what the identifiers in files mean, as the compiler resolves them. It leaves tests out. It does not
// read other packages, so it resolves fmt in fmt.Println, but not Println.
func meanings(files []sourceFile) map[*ast.Ident]types.Object {
	packages := map[string][]*ast.File{}
	for _, f := range files {
		if !f.test {
			packages[f.pkg] = append(packages[f.pkg], f.file)
		}
	}
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: namesOnly{}, Error: func(error) {}} // unresolved names of other packages are expected
	for folder, parts := range packages {
		_, _ = config.Check(folder, files[0].set, parts, &info)
	}
	return info.Uses
}

// namesOnly imports packages as empty packages with a path and a name.
type namesOnly struct{}

func (namesOnly) Import(of string) (*types.Package, error) {
	p := types.NewPackage(of, path.Base(of))
	p.MarkComplete()
	return p, nil
}

func TestChangesOfTablesAreFound(t *testing.T) {
	const head = "package x\nimport (\"maps\"; \"slices\"; \"strings\"; \"github.com/masker-project/masker/pkg/y\")\n" +
		"var table = map[string]int{}\nvar list = []int{1}\ntype kind struct{ a int }\nvar point = kind{}\nvar to = &point.a\nvar built = strings.Fields(\"a\")\n"
	for source, want := range map[string]string{
		"func f() { table = nil }":                         "assigns to package-level pkg/x.table",
		"func f() { table[\"a\"] = 1 }":                    "assigns to package-level pkg/x.table",
		"func f() { point.a, _ = 1, 2 }":                   "assigns to package-level pkg/x.point",
		"func f() { (list[0]) += 1 }":                      "assigns to package-level pkg/x.list",
		"func f() { *to = 1 }":                             "assigns to package-level pkg/x.to",
		"func f() { for list[0] = range table { } }":       "assigns to package-level pkg/x.list",
		"func f() { list = append(list, 1) }":              "assigns to package-level pkg/x.list",
		"func f() { built[0] = \"b\" }":                    "assigns to package-level pkg/x.built",
		"func f() { table[\"a\"]++ }":                      "counts in package-level pkg/x.table",
		"func f() { point.a-- }":                           "counts in package-level pkg/x.point",
		"func f() { delete(table, \"a\") }":                "delete changes package-level pkg/x.table",
		"func f() { clear(list) }":                         "clear changes package-level pkg/x.list",
		"func f() { copy(list[1:], list) }":                "copy changes package-level pkg/x.list",
		"func f() { slices.Sort(list) }":                   "slices.Sort changes package-level pkg/x.list",
		"func f() { maps.Copy(table, nil) }":               "maps.Copy changes package-level pkg/x.table",
		"func f() *int { return &list[0] }":                "takes the address of package-level pkg/x.list",
		"func f() *int { return &point.a }":                "takes the address of package-level pkg/x.point",
		"func f() *[]int { return &list }":                 "takes the address of package-level pkg/x.list",
		"var more = []*kind{&point}":                       "",
		"func f() *kind { return &point }":                 "",
		"func f() { y.Names[\"a\"] = 1 }":                  "assigns to package-level pkg/y.Names",
		"func f() { table := 1; table++ }":                 "",
		"func f(list []int) { clear(list) }":               "",
		"func f() { var point kind; point.a++ }":           "",
		"func f() { p := point; p.a++ }":                   "",
		"func f() int { return table[\"a\"] + len(list) }": "",
		"func f() { y.Names() }":                           "",
		"func f() { y.Others[\"a\"] = 1 }":                 "",
		"func f() { slices.Index(list, 1) }":               "",
		"func f() { _ = append(slices.Clone(list), 1) }":   "",
	} {
		found := changes(parsed(t, map[string]string{
			"pkg/x/x.go": head + source, "pkg/y/y.go": "package y\nvar Names = map[string]int{}\n", "pkg/x/x_test.go": "package x\nfunc g() { table = nil }",
		}))
		if (want == "") != (len(found) == 0) || len(found) > 1 || want != "" && !strings.HasSuffix(found[0], want) {
			t.Errorf("%s: %q, want %q", source, found, want)
		}
	}
	// A name that one function declares does not hide a table in another function.
	two := head + "func f() { table := 1; _ = table }\nfunc g() { table[\"a\"] = 1 }\n"
	if found := changes(parsed(t, map[string]string{"pkg/x/x.go": two})); len(found) != 1 {
		t.Errorf("%q", found)
	}
}
