package transform

import (
	"encoding/json"
	"strings"
)

// trie collects the listed paths of a document.
type trie struct {
	root  *node
	words map[string]bool // every key the listed paths name: an error may quote these and no others
}

func newTrie() *trie { return &trie{root: &node{path: "$"}, words: map[string]bool{}} }

// add hangs a leaf at the end of a path.
func (t *trie) add(path string, l *leaf) error {
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return &ParamError{path, `a path starts with $, as in $.contact.email or $."any key"[*]`}
	}
	rest, deep := strings.CutSuffix(rest, ".**")
	n := t.root
	for rest != "" {
		var err error
		if n, rest, err = t.step(n, path, rest); err != nil {
			return err
		}
	}
	at := &n.leaf
	if deep {
		at = &n.deep
		if !l.plan.keep && l.plan.fixed == nil {
			return &ParamError{path, "only keep, null, constant and redact cover a whole subtree; list the paths below it"}
		}
	}
	if *at != nil {
		return &ParamError{path, "is listed twice"}
	}
	*at = l
	return nil
}

// step follows one segment of a path, making its node.
func (t *trie) step(n *node, path, rest string) (next *node, tail string, err error) {
	if tail, ok := strings.CutPrefix(rest, "[*]"); ok {
		if n.elem == nil {
			n.elem = &node{path: n.path + "[*]"}
		}
		return n.elem, tail, nil
	}
	key, tail, ok := pathKey(rest)
	if !ok {
		return nil, "", &ParamError{path, `reads as no path: write $.key, $."any key", $.list[*] or $.x.**`}
	}
	t.words[key] = true
	if n.keys == nil {
		n.keys = map[string]*node{}
	}
	if n.keys[key] == nil {
		n.keys[key] = &node{path: n.path + rest[:len(rest)-len(tail)]}
	}
	return n.keys[key], tail, nil
}

// pathKey reads .key or ."any key" at the start of s.
func pathKey(s string) (key, tail string, ok bool) {
	s, ok = strings.CutPrefix(s, ".")
	if !ok || s == "" {
		return "", "", false
	}
	if s[0] == '"' {
		for i := 1; i < len(s); i++ {
			switch s[i] {
			case '\\':
				i++
			case '"':
				return unquoteKey(s[:i+1], s[i+1:])
			}
		}
		return "", "", false
	}
	end := strings.IndexAny(s, `.["`)
	if end < 0 {
		end = len(s)
	}
	key = s[:end]
	return key, s[end:], key != "" && !strings.ContainsAny(key, " *'\\]\t\n") && (end == len(s) || s[end] != '"')
}

func unquoteKey(quoted, tail string) (string, string, bool) {
	var key string
	err := json.Unmarshal([]byte(quoted), &key)
	return key, tail, err == nil
}

// finish lets a kept subtree reach below the longer paths that were listed with it.
func (t *trie) finish() error { return spread(t.root, nil) }

func spread(n *node, above *leaf) error {
	if n.deep == nil {
		n.deep = above
	}
	if n.deep != nil && !n.deep.plan.keep && n.deep != above && (len(n.keys) > 0 || n.elem != nil || n.leaf != nil) {
		return &ParamError{n.path + ".**", "replaces the whole subtree, and other paths at or below it are listed too"}
	}
	for _, child := range n.keys {
		if err := spread(child, n.deep); err != nil {
			return err
		}
	}
	if n.elem != nil {
		return spread(n.elem, n.deep)
	}
	return nil
}
