// Package rulefile reads rule files from disk, with the hooks and dictionaries that they name. Package ruleset parses
// them.
package rulefile

import (
	"fmt"
	"io"
	"os"

	"github.com/masker-project/masker/pkg/ruleset"
)

// Load reads a rule set from files. A relative path in a rule file starts from the file's folder.
// If the content of a file is wrong, the error is a ruleset.Problems.
func Load(files []string) (*ruleset.Set, error) {
	sources := make([]ruleset.Source, 0, len(files))
	for _, name := range files {
		data, err := read(name)
		if err != nil {
			return nil, fmt.Errorf("rules: %w; correct the path, or make the file", err)
		}
		sources = append(sources, ruleset.Source{Name: name, Data: data})
	}
	return ruleset.Parse(sources, read)
}

// read reads at most one byte more than the largest file that ruleset accepts. With that byte, ruleset sees that
// the file is too large.
func read(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, ruleset.MaxFile+1))
}
