package integration

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

// keepAll writes the rules that keep every column of every table and every kind of object.
func keepAll(db *catalog.Database) string { return keepBut(db, nil) }

// keepBut is keepAll but for some columns, each by its table's and its own name with a rule in YAML.
func keepBut(db *catalog.Database, but map[string]map[string]string) string {
	var b strings.Builder
	b.WriteString("revision: 1\npacks: [baseline]\ntables:\n")
	for _, t := range db.Tables {
		if t.PartitionOf != nil || t.ExtMember != "" {
			continue
		}
		var kept, treated []string
		for _, c := range t.Columns {
			rule := but[t.Name.String()][c.Name]
			switch {
			case c.Generated:
			case rule != "":
				treated = append(treated, ruleset.YAMLKey(c.Name)+": "+rule)
			default:
				kept = append(kept, ruleset.YAMLKey(c.Name))
			}
		}
		fmt.Fprintf(&b, "  %s: {keep: test of faithfulness, only: [%s], columns: {%s}}\n",
			ruleset.YAMLText(t.Name.String()), strings.Join(kept, ", "), strings.Join(treated, ", "))
	}
	b.WriteString("objects:\n")
	for _, kind := range ruleset.ObjectKinds() {
		fmt.Fprintf(&b, "  %s: {keep: test of faithfulness}\n", kind)
	}
	return b.String()
}

// TestKeptDatabaseArrivesAsItWas takes PostgreSQL's own regression database with everything kept. pg_dump
// of both sides is the same but for order; whatever is not stands here with its reason.
func TestKeptDatabaseArrivesAsItWas(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := sample(t, "pg_regress"), unborn(t, srv, "staging")
	s := newSite(t, src, dst).rules(t, keepAll(inspect(t, src)))
	s.mustRefresh(t)

	sameDump(t, dump(t, src, "-x", "-O"), dump(t, dst, "-x", "-O"), []exclusion{
		{regexp.MustCompile(`; Type: (SUBSCRIPTION|PUBLICATION|USER MAPPING)`), "never copied: a live line to production"},
		{regexp.MustCompile(`LARGE OBJECT .*; Type: COMMENT`), "comments of large objects are data of the source that no rule decided on"},
	})
	sameCounts(t, src, dst)
	soundDatabase(t, src, dst)
}
