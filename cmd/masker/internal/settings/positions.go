package settings

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/masker-project/masker/internal/spell"
)

// Viper loses the positions of settings and the case of their names, and accepts unknown settings. So this file parses
// the configuration once more, to find positions and unknown settings.

// positions maps the path of each setting of the configuration to its position.
type positions map[string]string

// of returns the position of a setting. If the file does not have the setting, of returns the position of the nearest
// section above it.
func (p positions) of(file, key string) string {
	for {
		if at, ok := p[key]; ok {
			return at
		}
		i := strings.LastIndexByte(key, '.')
		if i < 0 {
			return file
		}
		key = key[:i]
	}
}

// readPositions returns the position of every setting. A setting that is not in the shape is an error.
func readPositions(file string, data []byte) (positions, error) {
	f, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, problem("%s", syntaxProblem(file, err))
	}
	w := &walker{file: file, at: make(positions)}
	for _, doc := range f.Docs {
		if doc.Body != nil {
			w.walk(doc.Body, "", configShape())
		}
	}
	if len(f.Docs) > 1 {
		w.problems = append(w.problems, file+": want one document, not several")
	}
	if len(w.problems) > 0 {
		return nil, problem("%s", strings.Join(w.problems, "\n"))
	}
	return w.at, nil
}

// syntaxProblem describes a syntax error with its position. The parser's message quotes lines of the file.
// syntaxProblem leaves them out, because a URL may hold a password.
func syntaxProblem(file string, err error) string {
	var e yaml.Error
	if errors.As(err, &e) && e.GetToken() != nil {
		p := e.GetToken().Position
		message := e.GetMessage()
		if strings.ContainsRune(message, '\t') {
			message = "YAML does not allow tabs for indentation; use spaces"
		}
		return fmt.Sprintf("%s:%d:%d: this is not YAML: %s", file, p.Line, p.Column, message)
	}
	return file + ": this is not YAML"
}

type walker struct {
	file     string
	at       positions
	problems []string
}

func (w *walker) walk(n ast.Node, path string, s *shape) {
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			w.entry(v, path, s)
		}
	case *ast.MappingValueNode:
		w.entry(n, path, s)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			if s.list != nil {
				w.walk(v, path, s.list)
			}
		}
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		w.problems = append(w.problems, fmt.Sprintf("%s: masker.yaml cannot have anchors, aliases and tags; write the value out", w.position(n)))
	}
}

func (w *walker) entry(v *ast.MappingValueNode, path string, s *shape) {
	name, position := v.Key.GetToken().Value, w.position(v.Key)
	below := s.each
	switch {
	case s.keys != nil:
		known := s.keys[name]
		if known == nil {
			w.problems = append(w.problems, fmt.Sprintf("%s: unknown setting %q%s", position, name, spell.Mean(name, slices.Sorted(maps.Keys(s.keys)))))
			return
		}
		below = known
	case s.each != nil:
		if !regexp.MustCompile(`^[a-z][a-z0-9_-]*$`).MatchString(name) {
			w.problems = append(w.problems, fmt.Sprintf("%s: name %q: want lower-case letters, digits, - and _", position, name))
			return
		}
	default: // the shape allows no mapping here; the decoder or check reports this
		return
	}
	if path != "" {
		name = path + "." + name
	}
	w.at[name] = position
	w.walk(v.Value, name, below)
}

func (w *walker) position(n ast.Node) string {
	p := n.GetToken().Position
	return fmt.Sprintf("%s:%d:%d", w.file, p.Line, p.Column)
}
