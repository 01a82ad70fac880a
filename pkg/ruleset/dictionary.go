package ruleset

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"path/filepath"
)

// dictionary reads the file that a rule with the treatment map names, and puts its entries into the parameter `values`
// of the rule, because treatments read no files. The file is added to the set's files, so that approvals cover it.
func (r *reader) dictionary(rule *Rule) {
	name, given := rule.Params["file"]
	if rule.Treatment != "map" || !given {
		return
	}
	at := rule.ParamPos["file"]
	file, ok := name.(string)
	if _, both := rule.Params["values"]; both || !ok || file == "" {
		r.fail(at, "map needs either values or the name of a file")
		return
	}
	path := file
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(r.src.name), path)
	}
	data, err := r.read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fail(at, "dictionary %s does not exist (looked for %s)", file, path)
	case err != nil:
		r.fail(at, "dictionary %s cannot be read (%s)", file, path)
	case len(data) > MaxFile:
		r.fail(at, "dictionary %s is larger than %d MiB", file, MaxFile>>20)
	default:
		r.entries(rule, path, data)
	}
}

// entries reads the lines "value,result" of a dictionary. Messages name lines and never quote values, because a
// dictionary may list real values.
func (r *reader) entries(rule *Rule, path string, data []byte) {
	at := rule.ParamPos["file"]
	lines := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	lines.FieldsPerRecord = 2
	list, err := lines.ReadAll()
	if err != nil {
		line := 0
		if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
			line = bad.Line
		}
		r.fail(at, "dictionary %s:%d is not a line of two columns, value and result", path, line)
		return
	}
	values := map[string]any{}
	for i, entry := range list {
		if _, twice := values[entry[0]]; twice {
			r.fail(at, "dictionary %s: the value of entry %d is listed twice", path, i+1)
			return
		}
		values[entry[0]] = entry[1]
	}
	if len(values) == 0 {
		r.fail(at, "dictionary %s is empty", path)
		return
	}
	rule.Params["values"] = values
	r.set.addFile(path, data)
}
