package integration

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

// keepAll returns rules that keep every column of every table, and every kind of object.
func keepAll(db *catalog.Database) string { return keepBut(db, nil) }

// keepBut returns the rules of keepAll, with other rules in YAML for some columns. The argument but holds these rules
// by table and column.
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

// The rules keep everything in PostgreSQL's own regression database. The target must be equal to the source: the
// output of pg_dump is the same on both sides, apart from its order and the listed exclusions.
func TestKeptDatabaseArrivesAsItWas(t *testing.T) {
	t.Parallel()
	there := targetServer(t)
	from, to := majorOf(t, Server(t)), majorOf(t, there)
	src, dst := sample(t, "pg_regress"), newDatabaseURL(t, there, "staging")
	if from < 16 && to >= 16 {
		src = withoutGeneratedChildren(t, src, dst)
	}
	s := newSite(t, src, dst).rules(t, keepAll(inspect(t, src)))
	s.superuser = true
	s.mustRefresh(t)

	sameCounts(t, src, dst)
	soundDatabase(t, src, dst)
	if from != to {
		return // pg_dump writes some definitions of different versions in different ways
	}
	sameDump(t, dump(t, src, "-x", "-O"), dump(t, dst, "-x", "-O"), []exclusion{
		{regexp.MustCompile(`; Type: (SUBSCRIPTION|PUBLICATION|USER MAPPING)`), "never copied, because it connects to production"},
		{regexp.MustCompile(`LARGE OBJECT .*; Type: COMMENT`), "comments of large objects are data of the source, and no rule can decide on them"},
	})
}

// withoutGeneratedChildren returns a copy of PostgreSQL's regression database without the tables that version 16 and
// newer do not make. It checks that masker refuses the database as long as it has these tables.
func withoutGeneratedChildren(t *testing.T, src, dst string) string {
	t.Helper()
	s := newSite(t, src, dst).rules(t, keepAll(inspect(t, src)))
	s.superuser = true
	s.masker(t, "check").want(t, exitRefused, "column b of table public.gtest_normal_child is generated",
		"column b of table public.gtest_normal_child2 is generated", "its parent public.gtest_normal has an ordinary column", "target of version 15 or older")
	return databaseLike(t, Server(t), "regress", "DROP TABLE gtest_normal_child, gtest_normal_child2", "TEMPLATE "+databaseName(t, src))
}
