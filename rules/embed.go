// Package rules holds the packs that ship with masker: data classes with their default treatments, and profiles with gates.
// Package ruleset reads the packs. Package rules also holds the vocabulary by which package guess says what a column holds.
package rules

import "embed"

// Files holds each pack as NAME.yaml, and the vocabulary as names.txt.
//
//go:embed *.yaml names.txt
var Files embed.FS
