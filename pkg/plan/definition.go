package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/definition"
)

// DecidedDefinition is a definition of the source that is not silent: it may reach something outside the values that it
// gets, or its text may be data. An approval covers the definition. Package definition describes the classes.
type DecidedDefinition struct {
	Kind   string   `json:"kind"`  // as pg_dump calls it: "FUNCTION", "VIEW", …
	Name   string   `json:"name"`  // with the schema
	Class  string   `json:"class"` // "reaching", "telling", or "reaching and telling"
	Why    []string `json:"why"`
	SHA256 string   `json:"sha256"` // of kind, name and text
}

// Label names the definition.
func (d DecidedDefinition) Label() string { return strings.ToLower(d.Kind) + " " + d.Name }

// Definition is a definition that is not silent, with its text. The text may be data of production. The decisions do
// not contain the text, because masker also stores them in the ledger's folder.
type Definition struct {
	DecidedDefinition
	Text string `json:"text"`
}

// Whole reports whether SHA256 is the digest of the kind, the name and the text.
func (d Definition) Whole() bool {
	sum := sha256.Sum256([]byte(strings.Join([]string{d.Kind, d.Name, d.Text}, "\x00")))
	return hex.EncodeToString(sum[:]) == d.SHA256
}

// Define sets the definitions that the target executes, and adds a finding for each part of a definition that looks
// like personal data. The caller calls it once for a plan. Define returns an error if a text cannot be shown to an
// approver.
func (p *Plan) Define(list []definition.Definition) error {
	p.Definitions, p.Silent = nil, 0
	p.Findings = append(p.Findings, quotes(list)...)
	for _, d := range list {
		if d.Class == definition.Silent {
			p.Silent++
			continue
		}
		out := Definition{DecidedDefinition{Kind: d.Kind, Name: d.Name, Class: d.Class.String(), Why: d.Why, SHA256: d.Digest}, d.Text}
		if !utf8.ValidString(d.Text + d.Name) {
			return fmt.Errorf("%s is not valid UTF-8, so nobody could read and approve it; change it in the source, or leave it out", strings.ToLower(d.Kind))
		}
		p.Definitions = append(p.Definitions, out)
	}
	return nil
}

// ParseDefinitions reads a list of definitions with their texts. It returns an error if a text does not match its
// digest.
func ParseDefinitions(data []byte) ([]Definition, error) {
	var list []Definition
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&list); err != nil {
		return nil, fmt.Errorf("definitions: %s", jsonFault(err))
	}
	for _, d := range list {
		if !d.Whole() {
			return nil, errors.New("definitions: a text was changed")
		}
	}
	return list, nil
}
