package review

import (
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/visible"
)

// The parts of SARIF 2.1.0 that code hosts read.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"semanticVersion,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Short sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        Level              `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI    string `json:"uri"`
		BaseID string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn,omitempty"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
)

// SARIF holds what WriteFindingsSARIF needs to know about masker and the repository.
type SARIF struct {
	Version string // version of masker, or "" if this is no release
	// Address returns a file's path relative to the repository, with slashes. For a file outside the repository, the
	// result ok is false.
	Address func(file string) (relative string, ok bool)
	Config  string // the configuration file. Findings without a position are shown at its first line
}

// WriteFindingsSARIF writes findings as SARIF. Code hosts show them at the lines of a pull request.
func WriteFindingsSARIF(w io.Writer, fs []Finding, s SARIF) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "masker", Version: s.Version, Rules: []sarifRule{}}
	for _, f := range fs {
		rules := &run.Tool.Driver.Rules
		i := slices.IndexFunc(*rules, func(r sarifRule) bool { return r.ID == f.Code })
		if i < 0 {
			i = len(*rules)
			*rules = append(*rules, sarifRule{f.Code, sarifText{meaning(f.Code)}})
		}
		result := sarifResult{
			RuleID: f.Code, RuleIndex: i, Level: f.Level, Message: sarifText{message(f)},
			Locations: []sarifLocation{s.location(f)},
		}
		if by := f.Waiver; by != nil {
			result.Suppressions = []sarifSuppression{{"external", "accepted", plainText("waived until " + by.Until + " by " + by.Owner + ": " + by.Why)}}
		}
		run.Results = append(run.Results, result)
	}
	return writeJSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func message(f Finding) string {
	text := visible.Text(f.Text)
	if f.Flow != "" {
		text = "flow " + f.Flow + ": " + text
	}
	return plainText(text)
}

// plainText changes a text so that a reader of SARIF finds no link in it. SARIF's form of a link is [words](address).
func plainText(s string) string { return strings.ReplaceAll(s, "](", "] (") }

// location returns a finding's position. For a finding without a position, or in a file outside the repository, it
// returns the first line of the configuration.
func (s SARIF) location(f Finding) sarifLocation {
	if relative, ok := s.Address(f.At.File); ok {
		loc := sarifPhysical{Artifact: artifact(relative)}
		if f.At.Line > 0 {
			loc.Region = &sarifRegion{f.At.Line, f.At.Col}
		}
		return sarifLocation{loc}
	}
	relative, ok := s.Address(s.Config)
	if !ok {
		relative = path.Base(s.Config)
	}
	return sarifLocation{sarifPhysical{Artifact: artifact(relative), Region: &sarifRegion{Line: 1}}}
}

func artifact(relative string) sarifArtifact {
	return sarifArtifact{(&url.URL{Path: relative}).String(), "%SRCROOT%"}
}

// meaning describes a code, for the list of rules that a code host shows.
func meaning(code string) string {
	switch code {
	case WrongConfig:
		return "The configuration is wrong"
	case WrongRules:
		return "A rule is wrong"
	case UndecidedColumn:
		return "Nobody decided what a column becomes"
	case UndecidedObjects:
		return "Nobody decided what becomes of objects"
	case RefusedByPolicy:
		return "Refused by policy"
	case CheckFailed:
		return "The check could not be made"
	case UnpinnedProgram:
		return "A file of a program is not pinned to its digest"
	case UnconfinedProgram:
		return "A program can read files that its rule does not list"
	case AboutTarget:
		return "Something about the target"
	case AboutDefinitions:
		return "Definitions that only compute have changed"
	case DocumentPaths:
		return "The paths that the documents of a column have"
	case NotLookedAt:
		return "A table whose values could not be looked at"
	case AboutKey:
		return "Something about the key"
	case Unmatched:
		return "A waiver matches no finding"
	}
	return "A reviewer should look at this: " + strings.ReplaceAll(code, "-", " ")
}
