package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

func schema(t *testing.T, lines ...string) *catalog.Database {
	t.Helper()
	return sketch.Schema(t, lines...)
}

func rules(t *testing.T, text string) *ruleset.Set {
	t.Helper()
	return sketch.Rules(t, text)
}

const rulesHead = sketch.Head

func build(t *testing.T, db *catalog.Database, text string) (*Plan, error) {
	t.Helper()
	return Build(rules(t, rulesHead+text), db, "staging")
}

func mustBuild(t *testing.T, db *catalog.Database, text string) *Plan {
	t.Helper()
	p, err := build(t, db, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// texts returns the problems of an error without excerpts, one on each line.
func texts(err error) string {
	var invalid *Invalid
	if !errors.As(err, &invalid) {
		return fmt.Sprint(err)
	}
	var lines []string
	for _, p := range invalid.Problems {
		lines = append(lines, p.Pos.String()+": "+p.Text)
	}
	return strings.Join(lines, "\n")
}

func (p *Plan) at(t *testing.T, table, column string) Column {
	t.Helper()
	for _, tab := range p.Tables {
		if tab.Name.Name != table {
			continue
		}
		for _, c := range tab.Columns {
			if c.Name == column {
				return c
			}
		}
	}
	t.Fatalf("no %s.%s in the plan", table, column)
	return Column{}
}
