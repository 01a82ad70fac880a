// Package rules holds the packs that ship with masker: data classes with their default treatments, and the patterns by
// which masker init guesses the class of a column. Package ruleset reads the files.
package rules

import "embed"

// Files holds each pack as NAME.yaml, and detectors.yaml.
//
//go:embed *.yaml names.txt
var Files embed.FS
