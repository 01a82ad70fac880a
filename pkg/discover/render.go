package discover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// page is the text of a draft.
type page struct {
	text   strings.Builder
	number int            // of the last line
	owners map[int]*line  // the columns that lines belong to, by the numbers of the lines
	tables map[int]*table // the tables, by the numbers of the lines that begin their rules
}

// line writes one or more lines. All of them belong to owner.
func (p *page) line(owner *line, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for range strings.Count(text, "\n") + 1 {
		p.number++
		if owner != nil {
			p.owners[p.number] = owner
		}
	}
	p.text.WriteString(text + "\n")
}

func (d *drafter) render() *page {
	p := &page{owners: map[int]*line{}, tables: map[int]*table{}}
	if d.seen == nil {
		p.line(nil, "# Drafted by `masker init` from names and types alone; no row was read.")
	} else {
		p.line(nil, "# Drafted by `masker init` from names, types and a sample of values. No value is in this file.")
	}
	p.line(nil, "# Every line wants a look: lines marked TODO are undecided and stop the refresh until")
	p.line(nil, "# you uncomment them or write another rule, and reasons that begin with %q are", strings.TrimSuffix(draftReason, ": "))
	p.line(nil, "# guesses that nobody has confirmed.")
	p.line(nil, "revision: 1")
	p.line(nil, "packs: [baseline]")
	if len(d.tables) > 0 {
		p.line(nil, "tables:")
	}
	for _, t := range d.tables {
		d.renderTable(p, t)
	}
	d.renderObjects(p)
	return p
}

func (d *drafter) renderTable(p *page, t *table) {
	if len(t.lines) == 0 {
		p.line(nil, "  # %s has no columns to decide on", visible.Text(t.cat.Name.String()))
		return
	}
	if !slices.ContainsFunc(t.lines, func(l *line) bool { return !l.follow }) && t.subject == nil {
		p.line(nil, "  # %s: every column follows the key it references", visible.Text(t.cat.Name.String()))
		return
	}
	if t.skip != "" {
		p.line(nil, "  # TODO: %s", visible.Text(t.skip))
		p.line(nil, "  %s: {skip: %s}", ruleset.YAMLText(t.cat.Name.String()), ruleset.YAMLText(draftReason+"loading it would fail"))
		return
	}
	p.line(nil, "  %s:", ruleset.YAMLText(t.cat.Name.String()))
	p.tables[p.number] = t
	if s := t.subject; s != nil && !s.todo {
		p.line(s, "    subject: %s", ruleset.YAMLKey(s.column.Name))
	}
	p.line(nil, "    columns:")
	width := 0
	for _, l := range t.lines {
		if n := len([]rune(ruleset.YAMLKey(l.column.Name))) + 1; n <= widestKey {
			width = max(width, n)
		}
	}
	for _, l := range t.lines {
		d.renderColumn(p, t, l, width)
	}
}

// widestKey is the number of characters of the longest name, with its colon, that is considered when rules are aligned.
const widestKey = 36

func (d *drafter) renderColumn(p *page, t *table, l *line, width int) {
	name := ruleset.YAMLKey(l.column.Name)
	key := name + ":"
	key += strings.Repeat(" ", max(0, width-len([]rune(key))))
	rule := l.rule
	if t.subject == nil || t.subject.todo {
		rule = strings.Replace(rule, ", as: "+person, "", 1) // `as` needs a subject
	}
	if note := d.seen[catalog.ColumnName{Table: t.cat.Name, Column: l.column.Name}].Note; note != "" {
		p.line(nil, "      # %s: %s", visible.Text(l.column.Name), visible.Text(note))
	}
	comment := ""
	if l.quasi {
		comment = " # a quasi-identifier"
	}
	switch {
	case l.follow:
		p.line(nil, "      # %s %s", key, visible.Text(l.note))
	case l.todo && !d.uncommented:
		p.line(nil, "      # %s %s # TODO: %s", key, rule, visible.Text(l.note))
	case len([]rune("      "+key+" "+rule+comment)) > ruleset.Width:
		p.line(l, "%s", strings.TrimSuffix(ruleset.Entry(6, name, rule, strings.TrimPrefix(comment, " # ")), "\n"))
	default:
		p.line(l, "      %s %s%s", key, rule, comment)
	}
}

// renderObjects drafts the decisions on kinds of objects. It keeps unlogged tables, because their columns have rules.
// It leaves foreign tables empty, and drops all other kinds.
func (d *drafter) renderObjects(p *page) {
	var rows [][2]string
	add := func(n int, kind, decision string) {
		if n > 0 {
			rows = append(rows, [2]string{kind + ": " + decision, fmt.Sprintf("%d in the source", n)})
		}
	}
	if d.db.LargeObjects.Any || d.db.LargeObjects.Count > 0 {
		rows = append(rows, [2]string{"large_objects: drop", "there are some in the source"})
	}
	jobs, unlogged, config := 0, 0, 0
	for _, e := range d.db.Extensions {
		if slices.Contains(plan.JobSchedulers(), e.Name) {
			jobs++
		}
	}
	for _, t := range d.db.Tables {
		switch {
		case t.ExtConfig != "":
			config++
		case t.Unlogged && t.ExtMember == "":
			unlogged++
		}
	}
	add(len(d.db.ForeignServers), "foreign_servers", "drop")
	add(len(d.db.ForeignTables), "foreign_tables", "empty")
	add(len(d.db.EventTriggers), "event_triggers", "drop")
	add(jobs, "job_schedulers", "drop")
	add(unlogged, "unlogged_tables", keep("their columns have rules like any other"))
	add(config, "extension_tables", "drop")
	add(d.db.Unmoved.Comments, ruleset.Comments, "drop")
	if len(rows) == 0 {
		return
	}
	p.line(nil, "objects:")
	for _, r := range rows {
		p.line(nil, "  %s # %s", r[0], r[1])
	}
}
