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

// viper forgets where a key stood and folds its case, so the file is parsed once
// more, for the places of its keys and for those it does not know.

// places is where each key of the configuration stands, by its path.
type places map[string]string

// of is the place of a key, or of the nearest key above it.
func (p places) of(file, key string) string {
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

// shape is what may stand at one place of the configuration.
type shape struct {
	keys map[string]*shape // these keys
	each *shape            // any lower-case name
	list *shape            // a list of these
}

func configShape() *shape {
	leaf := &shape{}
	keys := func(names ...string) *shape {
		s := &shape{keys: make(map[string]*shape)}
		for _, n := range names {
			s.keys[n] = leaf
		}
		return s
	}
	place := func() *shape {
		s := keys("file", "env", "age", "identity", "timeout")
		for _, argv := range []string{"command", "passphrase_command"} {
			s.keys[argv] = &shape{list: leaf}
		}
		s.keys["passphrase_env"] = leaf
		return s
	}
	key := place()
	key.keys["retired"] = &shape{list: place()}
	flow := keys("from", "to", "verify", "notify", "workers", "max_row", "keep_previous", "lock_patience", "connection_patience", "key", "findings")
	flow.keys["allow"] = &shape{list: leaf}
	channel := keys("webhook", "secret", "slack")
	channel.keys["mail"] = keys("server", "from", "user", "password", "tls")
	channel.keys["mail"].keys["to"] = &shape{list: leaf}
	channel.keys["command"] = &shape{list: leaf}
	channel.keys["on"] = &shape{list: leaf}
	flow.keys["notify"] = &shape{list: channel}
	flow.keys["reveal"] = &shape{keys: map[string]*shape{"columns": {list: leaf}}}
	flow.keys["rules"] = &shape{list: leaf}
	flow.keys["approvals"] = keys("required", "signers", "revoked")
	log := keys("path", "signer")
	log.keys["trusted"] = &shape{list: leaf}
	log.keys["escrow"] = keys("file")
	log.keys["escrow"].keys["s3"] = keys("endpoint", "bucket", "prefix", "region", "insecure")
	return &shape{keys: map[string]*shape{
		"environments": {each: keys("kind", "url", "adopt", "maintenance", "not_production", "holds")},
		"roles":        {list: keys("from", "to")},
		"keys":         {each: key},
		"ledger":       log,
		"metrics":      keys("textfile", "listen"),
		"flows":        {each: flow},
		"pg_dump":      leaf,
	}}
}

// readPlaces finds every key's place and refuses what the shape does not know.
func readPlaces(file string, data []byte) (places, error) {
	f, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, problem("%s", syntaxProblem(file, err))
	}
	w := &walker{file: file, at: make(places)}
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

// syntaxProblem says where, without the excerpt: a URL may hold a password.
func syntaxProblem(file string, err error) string {
	var e yaml.Error
	if errors.As(err, &e) && e.GetToken() != nil {
		p := e.GetToken().Position
		return fmt.Sprintf("%s:%d:%d: this is not YAML: %s", file, p.Line, p.Column, e.GetMessage())
	}
	return file + ": this is not YAML"
}

type walker struct {
	file     string
	at       places
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
		w.problems = append(w.problems, fmt.Sprintf("%s: anchors, aliases and tags are not understood here; write it out", w.place(n)))
	}
}

func (w *walker) entry(v *ast.MappingValueNode, path string, s *shape) {
	name, place := v.Key.GetToken().Value, w.place(v.Key)
	below := s.each
	switch {
	case s.keys != nil:
		known := s.keys[name]
		if known == nil {
			w.problems = append(w.problems, fmt.Sprintf("%s: unknown key %q%s", place, name, spell.Mean(name, slices.Sorted(maps.Keys(s.keys)))))
			return
		}
		below = known
	case s.each != nil:
		if !regexp.MustCompile(`^[a-z][a-z0-9_-]*$`).MatchString(name) {
			w.problems = append(w.problems, fmt.Sprintf("%s: name %q: want lower-case letters, digits, - and _", place, name))
			return
		}
	default: // a value that should not be a mapping: the decoder or the check says what it wants
		return
	}
	if path != "" {
		name = path + "." + name
	}
	w.at[name] = place
	w.walk(v.Value, name, below)
}

func (w *walker) place(n ast.Node) string {
	p := n.GetToken().Position
	return fmt.Sprintf("%s:%d:%d", w.file, p.Line, p.Column)
}
