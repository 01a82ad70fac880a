package ruleset

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/rules"
)

// Source is a rule file's name, as messages show it, and its bytes.
type Source struct {
	Name string
	Data []byte
}

// Parse reads rule files and the packs that they name. It calls read with the path of each hook and dictionary that a
// rule file names. Its error is a Problems.
func Parse(sources []Source, read func(path string) ([]byte, error)) (*Set, error) {
	s := &Set{Classes: map[string]*Class{}, sources: map[string]*source{}}
	var problems Problems
	m := &merger{set: s, problems: &problems, read: read, tables: map[string]Pos{}}
	for _, src := range sources {
		m.file(src)
	}
	m.packs()
	m.resolve()
	if len(sources) == 0 {
		problems = append(problems, Problem{Text: "no rule files given"})
	}
	if len(problems) > 0 {
		problems.Sort()
		return nil, problems
	}
	return s, nil
}

// merger merges rule files and packs into one set.
type merger struct {
	set         *Set
	problems    *Problems
	read        func(string) ([]byte, error)
	revision    Pos
	tables      map[string]Pos
	packNames   []pair
	readers     []*reader
	fileClasses []*Class // classes of rule files. resolve merges them with the packs' classes
}

func (m *merger) reader(name string, data []byte, pack string) *reader {
	r := &reader{set: m.set, src: newSource(name, data), pack: pack, problems: m.problems, read: m.read}
	m.set.sources[name] = r.src
	m.set.addFile(name, data)
	return r
}

// addFile adds a file that the digest of the rules covers.
func (s *Set) addFile(name string, data []byte) {
	if slices.ContainsFunc(s.Files, func(f File) bool { return f.Name == name }) {
		return
	}
	sum := sha256.Sum256(data)
	s.Files = append(s.Files, File{Name: name, SHA256: hex.EncodeToString(sum[:])})
}

func (m *merger) file(src Source) {
	if m.set.sources[src.Name] != nil {
		*m.problems = append(*m.problems, Problem{Pos: Pos{File: src.Name}, Text: "the file is given twice"})
		return
	}
	r := m.reader(src.Name, src.Data, "")
	body := r.document(src.Data)
	if body == nil {
		return
	}
	entries := r.pairs(body, "a rule file")
	if len(entries) > 0 {
		m.readers = append(m.readers, r)
	}
	for _, p := range entries {
		switch p.key {
		case "revision":
			m.readRevision(r, p)
		case "packs":
			m.readPacks(r, p)
		case "tables":
			m.readTables(r, p)
		case "classes":
			m.fileClasses = append(m.fileClasses, r.classes(p)...)
		case "objects":
			m.readObjects(r, p)
		case "hooks":
			m.readHooks(r, p)
		case "virtual_keys":
			m.readVirtualKeys(r, p)
		case "waivers":
			m.readWaivers(r, p)
		case "when":
			r.fail(p.pos, "when is a key of a column, not of the rule file")
		case "subset":
			r.fail(p.pos, "subset is a setting of a flow in masker.yaml, not a key of the rule file")
		default:
			r.fail(p.pos, "unknown key %q%s", p.key, spell.Mean(p.key, fileKeys()))
		}
	}
}

func fileKeys() []string {
	return []string{"revision", "packs", "tables", "virtual_keys", "classes", "objects", "hooks", "waivers"}
}

func (m *merger) readRevision(r *reader, p pair) {
	if !m.revision.IsZero() {
		r.fail(p.pos, "revision is already at %s; one file of a rule set states it", m.revision)
		return
	}
	m.revision, m.set.RevisionPos = p.pos, p.pos
	n, ok := p.value.(*ast.IntegerNode)
	if !ok {
		r.fail(r.pos(p.value), "revision must be a whole number, raised with every change")
		return
	}
	v, _ := r.integer(n, "revision").(int64)
	if v < 1 || v > math.MaxInt32 {
		r.fail(r.pos(p.value), "revision must be from 1 to %d", math.MaxInt32)
		return
	}
	m.set.Revision = int(v)
}

func (m *merger) readPacks(r *reader, p pair) {
	for _, n := range r.list(p.value, "packs") {
		name, ok := r.text(n, "a pack's name")
		if !ok {
			continue
		}
		if slices.ContainsFunc(m.packNames, func(q pair) bool { return q.key == name && q.pos.File == r.src.name }) {
			r.fail(r.pos(n), "pack %q is named twice", name)
			continue
		}
		m.packNames = append(m.packNames, pair{key: name, pos: r.pos(n)})
	}
}

// packs reads the named packs in the order in which they were first named. A later pack overrides an earlier one.
func (m *merger) packs() {
	for _, p := range m.packNames {
		if slices.Contains(m.set.Packs, p.key) {
			continue
		}
		m.set.Packs = append(m.set.Packs, p.key)
		file := p.key + ".yaml"
		data, err := fs.ReadFile(rules.Files, file)
		if err != nil {
			m.fail(p.pos, "%s", unknownPack(p.key))
			continue
		}
		m.pack(p.key, data)
	}
}

func unknownPack(name string) string {
	return fmt.Sprintf("unknown pack %q%s; available: %s", name, spell.Mean(name, Packs()), strings.Join(Packs(), ", "))
}

func (m *merger) fail(p Pos, format string, args ...any) {
	*m.problems = append(*m.problems, m.set.Problem(p, format, args...))
}

func (m *merger) pack(name string, data []byte) {
	r := m.reader("pack "+name, data, name)
	body := r.document(data)
	if body == nil {
		return
	}
	for _, p := range r.pairs(body, "a pack") {
		switch p.key {
		case "classes":
			for _, c := range r.classes(p) {
				m.set.Classes[c.Name] = c
			}
		case "gates", "sparse", "not_covered":
			m.profile(r, name, p)
		default:
			r.fail(p.pos, "unknown key %q in a pack", p.key)
		}
	}
}

func (m *merger) readHooks(r *reader, p pair) {
	for _, h := range r.pairs(p.value, "hooks") {
		if h.key != "before_publish" {
			r.fail(h.pos, "unknown key %q in hooks%s", h.key, spell.Mean(h.key, []string{"before_publish"}))
			continue
		}
		for _, n := range r.list(h.value, "before_publish") {
			m.readHookFile(r, n)
		}
	}
}

func (m *merger) readHookFile(r *reader, n ast.Node) {
	name, ok := r.text(n, "a hook's file name")
	if !ok {
		return
	}
	if name == "" {
		r.fail(r.pos(n), "a hook's file name is empty")
		return
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(r.src.name), path)
	}
	data, err := m.read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fail(r.pos(n), "hook %s does not exist (looked for %s)", name, path)
	case err != nil:
		r.fail(r.pos(n), "hook %s cannot be read (%s)", name, path)
	case len(data) > MaxFile:
		r.fail(r.pos(n), "hook %s is larger than %d MiB", name, MaxFile>>20)
	case !utf8.Valid(data):
		r.fail(r.pos(n), "hook %s is not UTF-8, so an approver could not read it", name)
	case strings.TrimSpace(string(data)) == "":
		r.fail(r.pos(n), "hook %s is empty", name)
	default:
		m.set.Hooks = append(m.set.Hooks, Hook{File: name, Pos: r.pos(n), SQL: string(data)})
		m.set.addFile(path, data)
	}
}
