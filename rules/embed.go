// Package rules carries the packs that ship with masker: data classes with the
// treatment each gets by default, and the patterns by which discovery suspects a column.
// It holds files and no code that reads them; package ruleset does.
package rules

import "embed"

// Files are the packs, NAME.yaml each, and detectors.yaml.
//
//go:embed *.yaml
var Files embed.FS
