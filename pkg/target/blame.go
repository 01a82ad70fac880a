package target

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
)

// ofValues reports whether a value can be the cause of an error. The server may refuse the value, a row may break a
// constraint, or a value may exceed a limit. A function may also raise an error, with a class that PostgreSQL does not
// define, or an internal error. Extensions such as PostGIS raise internal errors for values that they do not understand.
// The type ltree raises syntax errors for them.
func ofValues(err error) bool {
	code := pgsession.Code(err)
	return len(code) == 5 && (code == internalError || code == syntaxError || !slices.Contains(serverClasses, code[:2]))
}

const (
	internalError = "XX000"
	syntaxError   = "42601"
)

// faultOfServer reports whether an error comes from the state of the server: it lacks a resource, is shut down, or
// cannot read a file.
func faultOfServer(code string) bool {
	return len(code) == 5 && code != internalError && slices.Contains([]string{"53", "57", "58", "XX"}, code[:2])
}

// serverClasses are the classes of PostgreSQL's errors that ofValues does not take for errors about a value.
// internalError and syntaxError are exceptions.
var serverClasses = []string{
	"00", "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "24", "25", "26", "27", "28", "2B", "2D", "2F", "34",
	"3B", "3D", "3F", "40", "42", "53", "55", "57", "58", "72", "F0", "HV", "XX",
}

// blame adds two things to an error about an object: the treated columns that the object reads, and how to go on
// without the object. If the object reads no treated column, blame says instead that the source's own rows break the
// object. It returns the error unchanged if no value can be its cause, or if rules cannot leave out the object.
func (s *Shadow) blame(err error, o catalog.Object) error {
	if err == nil || o.Name == "" || !ofValues(err) {
		return err
	}
	columns := s.treatedAmong(o.Reads)
	if len(columns) == 0 {
		return fmt.Errorf("%w; %s reads no treated column, so the source's own rows break it; correct the rows, or leave it out: %s", err, o.Label(), o.Line())
	}
	return fmt.Errorf("%w; %s reads columns that rules change: %s; change the rules, or leave it out: %s", err, o.Label(), columnsText(columns), o.Line())
}

// rulesFor returns the second part of a note about an object that the values of rows break. It names the treated
// columns that the object reads, and the line that leaves the object out. It returns "" if the object reads no treated
// column. Rules can leave out whole objects only, so the line names the whole object.
func (s *Shadow) rulesFor(o catalog.Object) string {
	o = s.whole(o)
	columns := s.treatedAmong(o.Reads)
	if len(columns) == 0 {
		return ""
	}
	return fmt.Sprintf("; it reads columns that rules change: %s; change the rules, or leave it out: %s", columnsText(columns), o.Line())
}

// blameRows adds the likely cause to an error about loading a table. If the rows break a constraint that rules can
// leave out, it adds what blame adds for this constraint. Otherwise it adds the treated columns that may be the cause:
// the column that the error names, or else all treated columns of the table.
func (s *Shadow) blameRows(err error, table catalog.Name) error {
	e, ok := errors.AsType[*pgsession.Error](err)
	if !ok || !ofValues(err) {
		return err
	}
	if o, ok := s.constraintOf(e); ok {
		return s.blame(err, o)
	}
	var all []catalog.ColumnName
	if t := s.spec.Source.Table(table); t != nil {
		for _, c := range t.Columns {
			if e.Column == "" || e.Column == c.Name {
				all = append(all, catalog.ColumnName{Table: table, Column: c.Name})
			}
		}
	}
	if columns := s.treatedAmong(all); len(columns) > 0 {
		return fmt.Errorf("%w; rules change these columns: %s", err, columnsText(columns))
	}
	return err
}

// constraintOf returns the object that an error names. For a constraint of a partition, it returns the parent's
// constraint, because rules can leave out the parent's constraint.
func (s *Shadow) constraintOf(e *pgsession.Error) (catalog.Object, bool) {
	if e.Constraint == "" {
		return catalog.Object{}, false
	}
	on := catalog.Name{Schema: e.Schema, Name: e.Table}
	if e.DataType != "" {
		on.Name = e.DataType
	}
	o, ok := s.find(func(o catalog.Object) bool {
		return o.Table != nil && *o.Table == on && o.Own == e.Constraint && o.Kind != catalog.KindTrigger
	})
	return s.whole(o), ok
}

// whole returns the object of which o is a part. The result also lists the columns that o reads. If o is no part of
// another object, whole returns o itself.
func (s *Shadow) whole(o catalog.Object) catalog.Object {
	for range s.spec.Source.Objects {
		if o.Of == "" {
			break
		}
		of, ok := s.find(func(p catalog.Object) bool { return p.Label() == o.Of })
		if !ok {
			break
		}
		of.Reads = append(slices.Clone(of.Reads), o.Reads...)
		o = of
	}
	return o
}

// objectOf returns the object that an entry makes. It returns an empty Object if rules cannot leave out that object.
func (s *Shadow) objectOf(e archive.Entry) catalog.Object {
	o, _ := s.find(func(o catalog.Object) bool { return o.OID != 0 && o.Class == e.CatalogOID && o.OID == e.OID })
	return o
}

// objectNamed returns the object with this name. It skips triggers, because a table can have a constraint and a trigger
// of one name.
func (s *Shadow) objectNamed(name string) catalog.Object {
	o, _ := s.find(func(o catalog.Object) bool { return o.Name == name && o.Kind != catalog.KindTrigger })
	return o
}

func (s *Shadow) find(is func(catalog.Object) bool) (catalog.Object, bool) {
	if i := slices.IndexFunc(s.spec.Source.Objects, is); i >= 0 {
		return s.spec.Source.Objects[i], true
	}
	return catalog.Object{}, false
}

// treatedAmong returns a text for each treated column in the list: its name, and where its rule is.
func (s *Shadow) treatedAmong(columns []catalog.ColumnName) []string {
	var out []string
	for _, c := range columns {
		pos, treated := s.spec.Treated[c]
		if !treated {
			continue
		}
		text := c.Table.Column(c.Column)
		if pos != "" {
			text += " (" + pos + ")"
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// columnsText joins texts of columns. To keep errors readable, it joins at most eight columns.
func columnsText(columns []string) string {
	const most = 8
	if len(columns) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(columns[:most], ", "), len(columns)-most)
	}
	return strings.Join(columns, ", ")
}

// treats reports whether one of the columns can differ from the source. A column differs if it has a treatment, or if
// the rows of its table are skipped.
func (s *Shadow) treats(table catalog.Name, columns ...string) bool {
	return slices.ContainsFunc(columns, func(c string) bool {
		_, treated := s.spec.Treated[catalog.ColumnName{Table: table, Column: c}]
		return treated
	})
}
