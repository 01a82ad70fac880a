package ruleset

import (
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
)

// Waiver accepts one finding until a date. It is part of the rule files, so an approval of the rules covers it.
type Waiver struct {
	Finding string             `json:"finding"` // the finding's code: "check-may-break"
	Table   catalog.Name       `json:"table"`
	Column  string             `json:"column,omitempty"`  // "" if the finding is on the table
	From    catalog.ColumnName `json:"from,omitzero"`     // for Leak: the column whose values are found, or zero for what detectors recognise
	AtMost  int64              `json:"at_most,omitempty"` // for Leak: if more values are found, the waiver accepts none
	Owner   string             `json:"owner"`             // the person who is responsible for the waiver
	Reason  string             `json:"reason"`
	Until   string             `json:"until"` // the last day of the waiver, 2027-01-31 (UTC)
	Pos     string             `json:"pos"`   // file:line:col
}

// Leak is the code of the findings of verification: values that must not be in the shadow. A plan cannot have this
// finding. Only a waiver of Leak has From and AtMost.
const Leak = "leak"

// On returns the column or table of the finding: schema.table.column or schema.table.
func (w *Waiver) On() string {
	if w.Column == "" {
		return w.Table.String()
	}
	return w.Table.Column(w.Column)
}

// Ended reports whether the waiver no longer holds on a day, which is YYYY-MM-DD (UTC).
func (w *Waiver) Ended(today string) bool { return w.Until < today }

// Same reports whether w and v accept the same finding.
func (w *Waiver) Same(v Waiver) bool {
	return w.Finding == v.Finding && w.Table == v.Table && w.Column == v.Column && w.From == v.From
}

func waiverKeys() []string { return []string{"finding", "on", "owner", "reason", "until"} }

func leakKeys() []string { return []string{"from", "at_most"} }

func (m *merger) readWaivers(r *reader, p pair) {
	for _, n := range r.list(p.value, "waivers") {
		before := len(*r.problems)
		w := r.waiver(n)
		if len(*r.problems) > before {
			continue
		}
		for _, first := range m.set.Waivers {
			if first.Same(w) {
				r.fail(r.pos(n), "%s on %s is already waived at %s", w.Finding, w.On(), first.Pos)
			}
		}
		m.set.Waivers = append(m.set.Waivers, w)
	}
}

func (r *reader) waiver(n ast.Node) Waiver {
	w := Waiver{Pos: r.pos(n).String()}
	given := map[string]bool{}
	for _, e := range r.pairs(n, "a waiver") {
		given[e.key] = true
		switch e.key {
		case "finding":
			w.Finding = r.nonEmpty(e)
		case "on":
			w.Table, w.Column = r.waivedObject(e)
		case "owner":
			w.Owner = r.nonEmpty(e)
		case "reason":
			w.Reason, _ = r.reason(e.value, "a waiver")
		case "until":
			w.Until = r.day(e)
		case "from":
			w.From.Table, w.From.Column = r.waivedObject(e)
			if w.From.Table.Name != "" && w.From.Column == "" {
				r.fail(r.pos(e.value), "from is the column whose values are found, schema.table.column: public.users.email")
			}
		case "at_most":
			w.AtMost = r.atMost(e)
		default:
			r.fail(e.pos, "unknown key %q of a waiver%s", e.key, spell.Mean(e.key, append(waiverKeys(), leakKeys()...)))
		}
	}
	for _, key := range waiverKeys() {
		if !given[key] {
			r.fail(r.pos(n), "a waiver needs %s: {finding: check-may-break, on: public.users.email, owner: …, reason: …, until: 2027-01-31}", key)
		}
	}
	switch {
	case w.Finding == Leak && !given["at_most"]:
		r.fail(r.pos(n), "a waiver of %s needs at_most: the number of values that it accepts", Leak)
	case w.Finding != Leak && (given["from"] || given["at_most"]):
		r.fail(r.pos(n), "from and at_most are only for a waiver of %s", Leak)
	}
	return w
}

// atMost reads the number of values that a waiver accepts.
func (r *reader) atMost(e pair) int64 {
	n, ok := e.value.(*ast.IntegerNode)
	if !ok {
		r.fail(r.pos(e.value), "at_most must be a whole number, at least 1")
		return 0
	}
	v, ok := r.integer(n, "at_most").(int64)
	if ok && v < 1 {
		r.fail(r.pos(e.value), "at_most must be at least 1")
	}
	return v
}

// nonEmpty reads a text that must not be empty.
func (r *reader) nonEmpty(e pair) string {
	text, ok := r.text(e.value, e.key)
	if text = strings.TrimSpace(text); ok && text == "" {
		r.fail(r.pos(e.value), "%s is empty", e.key)
	}
	return text
}

// waivedObject reads schema.table or schema.table.column. The column is "" in the first form.
func (r *reader) waivedObject(e pair) (catalog.Name, string) {
	text, ok := r.text(e.value, e.key)
	if !ok {
		return catalog.Name{}, ""
	}
	parts, err := catalog.ParseIdents(strings.TrimSpace(text))
	if err != nil || len(parts) < 2 || len(parts) > 3 {
		r.fail(r.pos(e.value), "%s is schema.table.column or schema.table, quoted as SQL would: public.users.email", e.key)
		return catalog.Name{}, ""
	}
	name := catalog.Name{Schema: parts[0], Name: parts[1]}
	if len(parts) == 2 {
		return name, ""
	}
	return name, parts[2]
}

// day reads a date.
func (r *reader) day(e pair) string {
	text, ok := r.text(e.value, "until")
	if !ok {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		r.fail(r.pos(e.value), "until is the last day the waiver holds: 2027-01-31")
	}
	return text
}
