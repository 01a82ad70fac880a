package definition

import "github.com/masker-project/masker/pkg/sqltext"

// measuredTypes are the types of PostgreSQL whose values are not words. A bound of such a type says nothing about a
// person, even if a number looks like a telephone number.
var measuredTypes = words("smallint integer bigint numeric real double boolean date time timestamp uuid")

// bounds judges a command ATTACH PARTITION. A partition key is measured if the table is partitioned by hash, or if
// every column of the key is an enum or has one of the measuredTypes. The bounds of a measured key are not data,
// however many partitions there are. The bounds of other keys count as texts, like every literal.
func (s *schema) bounds(d *draft, tokens []token) {
	w := &walker{tokens: tokens}
	for _, t := range tokens {
		if t.Kind == sqltext.Operator && t.Value != "-" || t.Kind == sqltext.Parameter {
			d.because("has SQL that cannot be read")
		}
	}
	w.find("table")
	w.i++
	w.skip("only")
	d.bound = s.measured[visible(w.path())]
	if !w.find("attach") || !w.find("partition") {
		d.because("has SQL that cannot be read")
		return
	}
	w.relation()
	if w.i < len(tokens) && !w.at(0).Is("for", "default", ";") {
		d.because("has SQL that cannot be read")
	}
	for ; w.i < len(tokens); w.i++ {
		if t := w.at(0); t.Name() && !t.Is("for", "values", "from", "to", "in", "with", "modulus", "remainder", "minvalue", "maxvalue", "default", "null", "true", "false") {
			d.because("has SQL that cannot be read")
		}
	}
}

// partitions notes a partitioned table whose key is measured: rows go to partitions by a hash, or every part of the key
// is a column of a measured type. The type of an expression is not known.
func (s *schema) partitions(d *draft) {
	w := &walker{tokens: d.tokens}
	if !w.find("partition", "by") {
		return
	}
	key := w.i
	w.i = 0
	w.find("table")
	w.i++
	name := visible(w.path())
	columns := s.measuredColumns(d.tokens, w.i)
	w.i = key
	measured := w.at(1).Is("hash")
	if w.i += 2; !measured && w.at(0).Is("(") {
		measured = true
		for end := w.closing(w.i); w.i < end; w.i++ {
			if w.at(0).Is("(", ",") {
				column := w.at(1)
				measured = measured && column.Name() && columns[column.Value] && !w.at(2).Is("(")
			}
		}
	}
	s.measured[name] = measured
}

// measuredColumns returns whether each column in the list of columns in parentheses at index i has
// a measured type: one of the measuredTypes or an enum, and no array.
func (s *schema) measuredColumns(tokens []token, i int) map[string]bool {
	columns := map[string]bool{}
	w := &walker{tokens: tokens, i: i}
	if !w.at(0).Is("(") {
		return columns
	}
	for end := w.closing(i); w.i < end; {
		w.i++
		column := w.at(0)
		w.i++
		parts := w.path()
		measured := len(parts) == 1 && parts[0].Kind == sqltext.Word && measuredTypes[parts[0].Value] || s.enums[visible(parts)]
		for ; w.i < end && !w.at(0).Is(","); w.i++ {
			if w.at(0).Is("(") {
				w.i = w.closing(w.i)
			}
			measured = measured && !w.at(0).Is("[") // an array, whose values can be long
		}
		columns[column.Value] = measured && column.Name()
	}
	return columns
}

// enum notes the name of an enum. The definition that creates the enum is judged by its labels.
func (s *schema) enum(tokens []token) {
	w := &walker{tokens: tokens}
	if w.skip("create", "type") {
		if name := w.path(); w.skip("as", "enum") {
			s.enums[visible(name)] = true
		}
	}
}
