package integration

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dumped is one entry in the output of pg_dump. Its head is the name of the object, from the comment above the entry.
// Its body holds the statements.
type dumped struct{ head, body string }

var dumpHead = regexp.MustCompile(`(?m)^--\n-- (Name|Data for Name): (.*)\n--\n\n`)

// dump splits the output of pg_dump into entries. It leaves out owners, comments and blank lines. It sorts the rows
// of a table, because their order can differ between two databases.
func dump(t *testing.T, url string, args ...string) []dumped {
	t.Helper()
	text := Dump(t, databaseName(t, url), append([]string{"--exclude-schema=masker"}, args...)...) // only targets have this schema
	var out []dumped
	at := dumpHead.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 {
		t.Fatal("pg_dump wrote no entry")
	}
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		head, _, _ := strings.Cut(text[m[4]:m[5]], "; Owner:")
		out = append(out, dumped{text[m[2]:m[3]] + ": " + head, cleanBody(head, text[m[1]:end])})
	}
	slices.SortFunc(out, func(a, b dumped) int { return strings.Compare(a.head+a.body, b.head+b.body) })
	return out
}

var bodyNoise = regexp.MustCompile(`^(--|SET default_|SET SESSION|\\(un)?restrict |SELECT pg_catalog\.set_config)`)

func cleanBody(head, body string) string {
	var lines []string
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, "\n")
		if line != "" && !bodyNoise.MatchString(line) {
			lines = append(lines, line)
		}
	}
	if strings.Contains(head, "Type: TABLE DATA") && len(lines) > 1 {
		slices.Sort(lines[1:])
	}
	return strings.Join(lines, "\n")
}

// exclusion is an expected difference between two dumps, and its reason.
type exclusion struct {
	head   *regexp.Regexp
	reason string
}

// sameDump checks that two dumps have the same entries, apart from the exclusions. It also fails if an exclusion is
// not needed.
func sameDump(t *testing.T, source, target []dumped, but []exclusion) {
	t.Helper()
	used := make([]bool, len(but))
	excluded := func(d dumped) bool {
		for i, e := range but {
			if e.head.MatchString(d.head) {
				used[i] = true
				return true
			}
		}
		return false
	}
	count := make(map[dumped]int)
	for _, d := range source {
		count[d]++
	}
	for _, d := range target {
		count[d]--
	}
	var problems []string
	for d, n := range count {
		if n != 0 && !excluded(d) {
			where := "only in the source"
			if n < 0 {
				where = "only in the target"
			}
			problems = append(problems, fmt.Sprintf("%s (%s)\n%s", d.head, where, shorten(d.body)))
		}
	}
	slices.Sort(problems)
	for i, p := range problems {
		if i == 20 {
			t.Errorf("… and %d more", len(problems)-i)
			break
		}
		t.Error(p)
	}
	for i, e := range but {
		if !used[i] {
			t.Errorf("the exclusion %q (%s) excludes nothing", e.head, e.reason)
		}
	}
}

// soundDatabase checks that constraints and indexes are valid as in the source, that every foreign key refers to a row,
// and that all tables are analysed (F3).
func soundDatabase(t *testing.T, source, target string) {
	t.Helper()
	const invalid = `SELECT conrelid::regclass || ' ' || conname FROM pg_constraint WHERE NOT convalidated ORDER BY 1`
	if want, got := askAll(t, source, invalid), askAll(t, target, invalid); !slices.Equal(want, got) {
		t.Errorf("constraints not validated: %v, in the source %v", got, want)
	}
	const unusable = `SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready AND indislive) ORDER BY 1`
	if want, got := askAll(t, source, unusable), askAll(t, target, unusable); !slices.Equal(want, got) {
		t.Errorf("indexes not valid: %v, in the source %v", got, want)
	}
	for _, orphans := range askEach(t, target, askAll(t, target, orphanQueries)) {
		if !strings.HasSuffix(orphans, "|0") {
			t.Errorf("rows without the row that they reference: %s", orphans)
		}
	}
	const unanalysed = `SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' AND reltuples < 0`
	if bad := askAll(t, target, unanalysed); len(bad) > 0 {
		t.Errorf("not analysed: %v", bad)
	}
}

// orphanQueries returns a query for each validated foreign key. The query counts the rows without a referenced row.
const orphanQueries = `
SELECT format('SELECT %L, count(*) FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)', o.conrelid::regclass || ' ' || o.conname,
	CASE child.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END || conrelid::regclass,
	string_agg(format('c.%I IS NOT NULL', k.attname), ' AND '), confrelid::regclass,
	string_agg(format('p.%I = c.%I', f.attname, k.attname), ' AND '))
FROM pg_constraint o JOIN pg_class child ON child.oid = conrelid, unnest(conkey, confkey) u(childnum, parentnum)
	JOIN pg_attribute k ON k.attnum = u.childnum
	JOIN pg_attribute f ON f.attnum = u.parentnum
WHERE contype = 'f' AND convalidated AND conparentid = 0 AND k.attrelid = conrelid AND f.attrelid = confrelid
GROUP BY o.oid, o.conname, child.relkind, conrelid, confrelid`
