package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// digestVersion changes when the form below does: every approval is void then.
const digestVersion = 1

// normal is what the digest covers: what each column becomes, and nothing of sizes, positions,
// reasons, findings or partitions. A word here changed is a plan that wants approval anew.
type normal struct {
	Version    int            `json:"version"`
	Library    string         `json:"library"` // canonical forms, algorithms and dictionaries: transform.Version
	Revision   int            `json:"revision"`
	TargetKind string         `json:"target_kind"`
	Tables     []normalTable  `json:"tables"`
	Objects    []normalObject `json:"objects"`
	Hooks      []string       `json:"hooks"` // SHA-256 of each, in order
}

type normalTable struct {
	Name    catalog.Name   `json:"name"`
	Skip    bool           `json:"skip"`
	Subject string         `json:"subject"`
	Columns []normalColumn `json:"columns"`
	Joins   []catalog.Join `json:"joins,omitempty"`
}

type normalColumn struct {
	Name      string        `json:"name"`
	Type      string        `json:"type"`
	NotNull   bool          `json:"not_null"`
	Unique    bool          `json:"unique,omitempty"` // of a treated column, whose results may depend on it
	Generated bool          `json:"generated"`
	Class     string        `json:"class"`
	Use       transform.Use `json:"use"`
}

type normalObject struct {
	Kind     string `json:"kind"`
	Decision string `json:"decision"`
}

// Digest is the SHA-256, in hex, of the plan's decisions in a normal form. It stays the same when a
// partition, an index or rows are added, and changes with any column, decision or hook, and where a
// treated column becomes unique or ceases to be: treatments may give other results then.
func (p *Plan) Digest() string {
	n := normal{
		Version: digestVersion, Library: transform.Version(),
		Revision: p.Revision, TargetKind: p.TargetKind,
		Tables: []normalTable{}, Objects: []normalObject{}, Hooks: []string{},
	}
	for _, t := range p.Tables {
		nt := normalTable{Name: t.Name, Skip: t.Skip, Subject: t.Subject, Columns: []normalColumn{}, Joins: t.Joins}
		for _, c := range t.Columns {
			nt.Columns = append(nt.Columns, normalColumn{c.Name, c.Type.Name, c.NotNull, c.Unique && c.Use.Treatment != "" && !c.Keeps(), c.Generated, c.Class, c.Use})
		}
		n.Tables = append(n.Tables, nt)
	}
	for _, o := range p.Objects {
		n.Objects = append(n.Objects, normalObject{o.Kind, o.Decision})
	}
	for _, h := range p.Hooks {
		n.Hooks = append(n.Hooks, h.SHA256)
	}
	data, err := json.Marshal(n) // maps marshal with sorted keys
	if err != nil {
		panic("plan: a Plan is plain data and always marshals") // parameters come from YAML, without NaN or infinity
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
