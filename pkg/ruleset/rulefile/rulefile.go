// Package rulefile opens rule files, and the hooks and dictionaries that they name, for ruleset, which opens no file.
package rulefile

import (
	"fmt"
	"io"
	"os"

	"github.com/masker-project/masker/pkg/ruleset"
)

// Load reads a rule set from files. Paths in a rule file start from its folder.
// The error is ruleset.Problems where the content is at fault.
func Load(files []string) (*ruleset.Set, error) {
	sources := make([]ruleset.Source, 0, len(files))
	for _, name := range files {
		data, err := read(name)
		if err != nil {
			return nil, fmt.Errorf("rules: %w", err)
		}
		sources = append(sources, ruleset.Source{Name: name, Data: data})
	}
	return ruleset.Parse(sources, read)
}

// read stops one byte after the largest file that ruleset accepts, so that ruleset sees that there is more.
func read(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, ruleset.MaxFile+1))
}
