package main

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/plan"
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
		Level        string             `json:"level"`
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

// sarif is what a code host shows beside the lines of a pull request. Places are relative to root; what
// has none that exists there is shown at the configuration.
func (k *remarks) sarif(root, config string) sarifLog {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "masker", Rules: []sarifRule{}}
	if v := buildVersion(); strings.HasPrefix(v, "v") {
		run.Tool.Driver.Version = strings.TrimPrefix(v, "v")
	}
	for _, r := range k.list {
		rules := &run.Tool.Driver.Rules
		i := slices.IndexFunc(*rules, func(s sarifRule) bool { return s.ID == r.Code })
		if i < 0 {
			i = len(*rules)
			*rules = append(*rules, sarifRule{r.Code, sarifText{ruleText(r.Code)}})
		}
		result := sarifResult{
			RuleID: r.Code, RuleIndex: i, Level: r.Level, Message: sarifText{plainMessage(r)},
			Locations: []sarifLocation{r.location(root, config)},
		}
		if w := r.Waiver; w != nil {
			result.Suppressions = []sarifSuppression{{"external", "accepted", plainText("waived until " + w.Until + " by " + w.Owner + ": " + w.Why)}}
		}
		run.Results = append(run.Results, result)
	}
	return sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}}
}

func plainMessage(r remark) string {
	if r.Flow == "" {
		return plainText(r.Text)
	}
	return plainText("flow " + r.Flow + ": " + r.Text)
}

// plainText keeps SARIF from reading a link into a text: [words](address) is one.
func plainText(s string) string { return strings.ReplaceAll(s, "](", "] (") }

func (r *remark) location(root, config string) sarifLocation {
	if artifact, ok := artifactOf(root, r.File); ok {
		loc := sarifPhysical{Artifact: artifact}
		if r.Line > 0 {
			loc.Region = &sarifRegion{r.Line, r.Column}
		}
		return sarifLocation{loc}
	}
	artifact, ok := artifactOf(root, config)
	if !ok {
		artifact = sarifArtifact{URI: asURI(filepath.Base(config)), BaseID: "%SRCROOT%"}
	}
	return sarifLocation{sarifPhysical{Artifact: artifact, Region: &sarifRegion{Line: 1}}}
}

// artifactOf is a file below root by its relative address.
func artifactOf(root, file string) (sarifArtifact, bool) {
	if file == "" {
		return sarifArtifact{}, false
	}
	full, err := filepath.Abs(file)
	if err != nil {
		return sarifArtifact{}, false
	}
	if _, err := os.Stat(full); err != nil {
		return sarifArtifact{}, false // a pack, which is no file of the repository
	}
	rel, err := filepath.Rel(root, full)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return sarifArtifact{}, false
	}
	return sarifArtifact{asURI(filepath.ToSlash(rel)), "%SRCROOT%"}, true
}

// asURI is a relative path as a URI.
func asURI(path string) string { return (&url.URL{Path: path}).String() }

// ruleText is what a code means, for the list of rules that a code host shows.
func ruleText(code string) string {
	switch code {
	case remarkConfig:
		return "The configuration is wrong"
	case remarkRules:
		return "A rule is wrong"
	case remarkUndecided:
		return "Nobody decided what a column becomes"
	case remarkObjects:
		return "Nobody decided what becomes of objects"
	case remarkRefused:
		return "Refused by policy"
	case remarkFailed:
		return "The check could not be made"
	case movement.NoteProgram:
		return "A program is not pinned to its digest"
	case movement.NoteTarget:
		return "What the target shows of itself"
	case movement.NoteKey:
		return "What is known of the key"
	case plan.Unmatched:
		return "A waiver matches no finding"
	}
	return "A reviewer should look at this: " + strings.ReplaceAll(code, "-", " ")
}
