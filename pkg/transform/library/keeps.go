package library

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// Keeps reports whether a use keeps a value in at least one row. The argument path is the place of the value in a
// document, such as $.contact.mail or $.tags[*], or "" for the whole value. Keeps may be unable to find out what
// becomes of a path. Keeps then returns true if the use keeps at least one path.
func Keeps(u transform.Use, path string) bool {
	if u.Else != nil && Keeps(*u.Else, path) {
		return true
	}
	if u.Treatment == "keep" {
		return true
	}
	some := false
	for _, p := range u.Paths {
		some = some || Keeps(p.Use, "")
	}
	switch {
	case !some || path == "":
		return some
	case u.Treatment == "json":
		return keepsPath(u, path)
	case u.Treatment == "fields" || u.Treatment == "csv":
		return keepsField(u, path)
	}
	return true
}

// keepsField reports whether a use of fields or csv keeps the value at a path, such as $.mail, or $.at.mail for a field
// of a field. It returns true if no rule has this name, because a rule may name a column of CSV by its number.
func keepsField(u transform.Use, path string) bool {
	for _, p := range u.Paths {
		inner, ok := strings.CutPrefix(path, "$."+p.Path)
		switch {
		case ok && inner == "":
			return Keeps(p.Use, "")
		case ok && (inner[0] == '.' || inner[0] == '['):
			return Keeps(p.Use, "$"+inner)
		}
	}
	return true
}

// Lists reports whether a use of json has a treatment for a scalar at a path. The argument scalar is an example of the
// scalar, as JSON. If Lists cannot find this out, it returns true.
func Lists(u transform.Use, path, scalar string) bool {
	for v := &u; v != nil; v = v.Else {
		if v.Treatment != "json" {
			continue
		}
		t, err := kept(*v, func(transform.Use) bool { return true })
		if err != nil {
			continue
		}
		_, _, err = t.Append(nil, transform.Cell{Text: sketch(path, scalar)}, nil)
		var e *transform.Error
		if errors.As(err, &e) && e.Code == "unlisted-path" {
			return false
		}
	}
	return true
}

// keepsPath reports whether a use of json keeps the scalar at a path. It treats a document that has only this path,
// with rules that redact what the use does not keep.
func keepsPath(u transform.Use, path string) bool {
	const mark = "masker"
	t, err := kept(u, func(p transform.Use) bool { return Keeps(p, "") })
	if err != nil {
		return true
	}
	out, _, err := t.Append(nil, transform.Cell{Text: sketch(path, strconv.Quote(mark))}, nil)
	return err != nil || bytes.Contains(out, []byte(mark))
}

// kept returns a transform of documents with the paths of a use. It keeps the paths for which keep reports true, and
// redacts the others.
func kept(u transform.Use, keep func(transform.Use) bool) (transform.Transform, error) {
	rules := transform.Use{Treatment: "json"}
	for _, p := range u.Paths {
		use := transform.Use{Treatment: "redact"}
		if keep(p.Use) && !strings.HasSuffix(p.Path, "~") {
			use = transform.Use{Treatment: "keep", Reason: "kept"}
		}
		rules.Paths = append(rules.Paths, transform.Path{Path: p.Path, Use: use})
	}
	column := transform.Column{Name: "document", Type: catalog.Type{Name: "jsonb", Base: "jsonb", Family: catalog.JSON}}
	return Compile(column, rules, openKeys{})
}

// sketch returns a document that has a scalar at a path, and nothing else.
func sketch(path, scalar string) []byte {
	open, closing := "", ""
	for rest := strings.TrimPrefix(path, "$"); rest != ""; {
		if after, ok := strings.CutPrefix(rest, "[*]"); ok {
			open, closing, rest = open+"[", "]"+closing, after
			continue
		}
		key := strings.TrimPrefix(rest, ".")
		if end := strings.IndexAny(key, ".["); end >= 0 {
			key, rest = key[:end], key[end:]
		} else {
			rest = ""
		}
		open, closing = open+`{"`+key+`":`, "}"+closing
	}
	return []byte(open + scalar + closing)
}
