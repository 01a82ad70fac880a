package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// maxSteps is the largest number of foreign keys on the path from a row to a column that a treatment reads.
const maxSteps = 3

// resolveReads resolves the columns that a use reads, and the columns that the uses inside this use read. The
// argument path says where the use is in the column's rule, in the form of ParamError.Param.
func (b *builder) resolveReads(t *tableState, c *columnState, use *transform.Use, path string) bool {
	ok := true
	wanted, err := library.Reads(*use)
	if err != nil {
		b.misfit(c, inside(path, err))
		return false
	}
	use.Reads = nil
	for _, w := range wanted {
		read, fine := b.resolveRead(t, c, w, path)
		use.Reads = append(use.Reads, read)
		ok = ok && fine
	}
	if use.Else != nil {
		ok = b.resolveReads(t, c, use.Else, path+transform.ElseParam) && ok
	}
	for i := range use.Paths {
		p := &use.Paths[i]
		ok = b.resolveReads(t, c, &p.Use, path+p.Path+": ") && ok
	}
	return ok
}

// inside adds the path of a nested use to the error of this use.
func inside(path string, err error) error {
	var pe *transform.ParamError
	if path == "" || !errors.As(err, &pe) {
		return err
	}
	return &transform.ParamError{Param: path + pe.Param, Text: pe.Text}
}

// resolveRead resolves one column that a use of c reads.
func (b *builder) resolveRead(t *tableState, c *columnState, w transform.Wanted, path string) (transform.Read, bool) {
	refuse := func(format string, args ...any) (transform.Read, bool) {
		b.misfit(c, &transform.ParamError{Param: path + w.Param, Text: fmt.Sprintf(format, args...)})
		return transform.Read{}, false
	}
	owner, from, err := b.columnByPath(t, w.Name)
	if err != nil {
		return refuse("%v", err)
	}
	r := transform.Read{Name: w.Name, Type: from.cat.Type, NotNull: from.cat.NotNull, Unique: from.unique, Kept: b.shows(t, w.Name)}
	if !w.Treated {
		return r, true
	}
	if owner.skip != "" {
		return refuse("reads the result of %s, but the rows of %s stay behind (%s)", from.at, owner.cat.Name, owner.skipOrigin())
	}
	if from.settling {
		return refuse("reads the result of %s (%s), and that depends on the result of %s; one of them must come first", from.at, from.pos, c.at)
	}
	b.settle(owner, from)
	if !from.usable {
		return r, false // a problem was added before, or the column is undecided
	}
	use := from.use
	r.Use = &use
	return r, true
}

// shows reports whether somebody who has the target can see the source value of a column that a
// condition reads. The name may lead to another table through references. The source value can be
// seen if a rule keeps the column, and if the target's referencing columns still lead to the row.
func (b *builder) shows(t *tableState, name string) bool {
	parts, err := catalog.ParseIdents(name)
	for i := 0; err == nil && i < len(parts)-1; i++ {
		key := t.column(parts[i])
		fk, broken := b.foreignKeyOf(t, key)
		if broken != nil || !key.use.Is("keep") && !key.use.Is("token") && !key.use.Is("permute") {
			return false
		}
		t = b.byName[fk.Parent]
	}
	return err == nil && t.skip == "" && t.column(parts[len(parts)-1]).use.Is("keep")
}

// columnByPath finds the column that a name refers to, and the column's table. A name with dots is a path over
// foreign keys to a column of another row.
func (b *builder) columnByPath(t *tableState, name string) (*tableState, *columnState, error) {
	parts, err := catalog.ParseIdents(name)
	if err != nil {
		return nil, nil, fmt.Errorf("is no column name as SQL writes it, and no list of column names with dots between: %w", err)
	}
	if len(parts) > maxSteps+1 {
		return nil, nil, fmt.Errorf("%s: at most %d foreign keys may lead to a column", name, maxSteps)
	}
	for i, part := range parts {
		c, err := b.readable(t, part)
		if err != nil || i == len(parts)-1 {
			return t, c, err
		}
		fk, err := b.foreignKeyOf(t, c)
		if err != nil {
			return nil, nil, err
		}
		t = b.byName[fk.Parent]
	}
	return t, nil, fmt.Errorf("names no column")
}

func (b *builder) readable(t *tableState, name string) (*columnState, error) {
	c := t.column(name)
	if c != nil && c.cat.Generated {
		return nil, fmt.Errorf("%s is generated, and masker does not read generated columns; read the columns that it is computed from", c.at)
	}
	if c != nil {
		return c, nil
	}
	var names []string
	for _, c := range t.columns {
		names = append(names, catalog.Quote(c.cat.Name))
	}
	return nil, fmt.Errorf("%s has no column %s%s", t.cat.Name, catalog.Quote(name), spell.Mean(catalog.Quote(name), names))
}

// foreignKeyOf returns the foreign key that has c as its only column. It is an error if there is none, if there are
// several, if the key can lead to more than one row, or if masker cannot read the rows that it leads to.
func (b *builder) foreignKeyOf(t *tableState, c *columnState) (catalog.ForeignKey, error) {
	var found []catalog.ForeignKey
	for _, fk := range b.keysFrom(t.cat.Name) {
		if !slices.Equal(fk.ChildColumns, []string{c.cat.Name}) {
			continue
		}
		if len(found) == 0 || found[0].Parent != fk.Parent || !slices.Equal(found[0].ParentColumns, fk.ParentColumns) {
			found = append(found, fk)
		}
	}
	switch {
	case len(found) == 0:
		return catalog.ForeignKey{}, fmt.Errorf("%s has no foreign key of one column; masker reads columns of another row only through such a key", c.at)
	case len(found) > 1:
		return catalog.ForeignKey{}, fmt.Errorf("%s references both %s and %s", c.at, found[0].Parent, found[1].Parent)
	}
	fk := found[0]
	parent := b.byName[fk.Parent]
	key := parent.column(fk.ParentColumns[0])
	switch {
	case parent.cat.ExtMember != "":
		return fk, fmt.Errorf("%s references %s, which extension %s makes; its rows are not read", c.at, fk.Parent, parent.cat.ExtMember)
	case key == nil || !uniqueInWholeTable(parent, key):
		return fk, fmt.Errorf("%s references %s, which is not unique: the reference can lead to several rows", c.at, cell{fk.Parent, fk.ParentColumns[0]})
	case !joinable(c.cat.Type, key.cat.Type):
		return fk, fmt.Errorf("%s references %s, and masker cannot join %s to %s to read the row", c.at, key.at, c.cat.Type.Name, key.cat.Type.Name)
	}
	return fk, nil
}

// uniqueInWholeTable reports whether no two rows of the table share a value of the column. A key of a partition does
// not count, because other partitions can hold the same values.
func uniqueInWholeTable(t *tableState, c *columnState) bool {
	return slices.ContainsFunc(t.cat.Keys, func(k catalog.Key) bool { return t.onlyColumn(k) == c && k.Predicate == "" && len(k.Members) == 0 })
}

// joinable reports whether the operator = of pg_catalog joins two columns in the way their foreign key does. The search
// path of masker's sessions is empty. With it, PostgreSQL compares citext as text, and finds no operator = for the
// types of other extensions.
func joinable(a, b catalog.Type) bool {
	switch a.Family {
	case catalog.Enum:
		return a.Base == b.Base && slices.Equal(a.Labels, b.Labels)
	case catalog.Text, catalog.Integer, catalog.Numeric, catalog.UUID, catalog.Date, catalog.Timestamp, catalog.TimestampTZ, catalog.Inet, catalog.Boolean:
		return sameCanonicalForm(a, b) && a.Base != "citext" && b.Base != "citext"
	}
	return false
}

// addJoins adds the joins that lead to the columns of other tables. The argument needs holds the paths of these
// columns.
func (b *builder) addJoins(t *tableState, needs []string) error {
	for _, need := range needs {
		parts, err := catalog.ParseIdents(need)
		if err != nil {
			return err
		}
		if len(parts) > maxSteps+1 {
			return &transform.ParamError{Param: "treat", Text: fmt.Sprintf("%s: at most %d foreign keys may lead to a column", need, maxSteps)}
		}
		at := t
		for i := range len(parts) - 1 {
			fk, err := b.foreignKeyOf(at, at.column(parts[i]))
			if err != nil {
				return err
			}
			at = b.byName[fk.Parent]
			j := catalog.Join{Path: dotted(parts[:i+1]), Parent: fk.Parent, Key: fk.ParentColumns[0]}
			if !slices.Contains(t.joins, j) {
				t.joins = append(t.joins, j)
			}
		}
	}
	return nil
}

func dotted(parts []string) string {
	quoted := make([]string, len(parts))
	for i, p := range parts {
		quoted[i] = catalog.Quote(p)
	}
	return strings.Join(quoted, ".")
}
