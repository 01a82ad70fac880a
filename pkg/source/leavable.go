package source

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// address identifies an object: the OID of a catalog, and the OID of the object in this catalog.
type address struct{ Class, OID uint32 }

// leavable is an object that rules can leave out, as the server lists it. Each text in Reads is a column: the OID of a
// table, a space, and the number of the column. The number 0 stands for all columns.
type leavable struct {
	address
	Kind, Schema, Table, Own string
	From, To                 string // types of a cast
	Method                   string // the access method of an operator class or family
	Of                       address
	Local, Superuser         bool
	Reads                    []string
}

// leavables reads the objects that rules can leave out. It does not read objects that belong to extensions, because
// CREATE EXTENSION makes them.
func (r *reader) leavables(d *catalog.Database, tables map[uint32]*catalog.Table) {
	list := rows[struct {
		Class, OID                                 uint32
		Kind, Schema, Table, Own, From, To, Method string
		OfClass, OfOID                             uint32
		Local, Superuser                           bool
		Reads                                      []string
	}](r, leavableQuery+superuserQuery+` ORDER BY 3, 4, 5, 6, 7, 8, 9`)
	l := &leaving{tables: tables, labels: map[address]string{}, index: map[address]int{}, views: map[uint32][]catalog.ColumnName{}}
	for _, v := range rows[struct {
		View  uint32
		Reads []string
	}](r, viewReadsQuery) {
		l.views[v.View] = l.withChildren(l.columns(v.Reads))
	}
	for _, o := range list {
		l.index[address{o.Class, o.OID}] = len(l.list)
		l.list = append(l.list, leavable{
			address{o.Class, o.OID}, o.Kind, o.Schema, o.Table, o.Own, o.From, o.To, o.Method, address{o.OfClass, o.OfOID}, o.Local, o.Superuser, o.Reads,
		})
	}
	d.Objects = l.objects()
	r.functionSettings(d.Objects)
	l.needs(d.Objects, rows[need](r, needsQuery))
	users := map[string][]string{}
	for _, u := range rows[struct {
		Extension      string
		Class, OID     uint32
		Kind, Identity string
	}](r, extensionUsers) {
		by := l.label(need{ByClass: u.Class, ByOID: u.OID, Kind: u.Kind, Identity: u.Identity})
		if !slices.Contains(users[u.Extension], by) {
			users[u.Extension] = append(users[u.Extension], by)
		}
	}
	for i, e := range d.Extensions {
		d.Extensions[i].NeededBy = users[e.Name]
	}
}

// leaving turns rows of the server into objects.
type leaving struct {
	tables map[uint32]*catalog.Table
	list   []leavable
	labels map[address]string
	index  map[address]int                 // positions in list
	views  map[uint32][]catalog.ColumnName // by materialized view, the columns that it reads
}

func (l *leaving) objects() []catalog.Object {
	out := make([]catalog.Object, 0, len(l.list))
	for _, o := range l.list {
		object := o.object()
		object.Reads = l.columns(o.Reads)
		if object.Kind == catalog.KindMatView {
			object.Reads = l.views[o.OID]
		}
		slices.SortFunc(object.Reads, func(x, y catalog.ColumnName) int {
			return cmp.Or(x.Table.Compare(y.Table), strings.Compare(x.Column, y.Column))
		})
		l.labels[o.address] = object.Label()
		out = append(out, object)
	}
	for i, o := range l.list {
		out[i].Of = l.labels[o.Of]
	}
	return out
}

func (o leavable) object() catalog.Object {
	out := catalog.Object{Kind: catalog.ObjectKind(o.Kind), Own: o.Own, Class: o.Class, OID: o.OID, Local: o.Local, Superuser: o.Superuser}
	if o.Table != "" {
		out.Table = &catalog.Name{Schema: o.Schema, Name: o.Table}
	}
	name := catalog.Name{Schema: o.Schema, Name: o.Own}
	switch out.Kind {
	case catalog.KindIndex, catalog.KindMatView, catalog.KindStatistics:
		out.Name = name.String()
	case catalog.KindCast:
		out.Name, out.Own = catalog.CastName(o.From, o.To), ""
	case catalog.KindOperatorClass, catalog.KindOperatorFamily:
		out.Name, out.Own = catalog.OperatorName(out.Kind, name, o.Method), ""
	case catalog.KindCheck, catalog.KindDomainCheck, catalog.KindPrimaryKey, catalog.KindUnique, catalog.KindExclusion, catalog.KindForeignKey, catalog.KindTrigger:
		out.Name = out.Table.Column(o.Own)
	default: // the other kinds, which only a superuser can make
		out.Name, out.Own = catalog.IdentifiedName(out.Kind, o.Own), ""
	}
	return out
}

// columns returns the names of columns. It replaces a column of a materialized view by the columns that the view reads.
func (l *leaving) columns(reads []string) []catalog.ColumnName {
	var out []catalog.ColumnName
	for _, read := range reads {
		table, attribute, _ := strings.Cut(read, " ")
		oid, _ := strconv.ParseUint(table, 10, 32)
		num, _ := strconv.Atoi(attribute)
		t := l.tables[uint32(oid)]
		if t == nil {
			out = append(out, l.views[uint32(oid)]...)
			continue
		}
		for _, c := range t.Columns {
			if name := (catalog.ColumnName{Table: t.Name, Column: c.Name}); (num == 0 || num == c.Num) && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// withChildren adds the columns of tables that inherit the columns. A query of a table reads its children too.
func (l *leaving) withChildren(columns []catalog.ColumnName) []catalog.ColumnName {
	for i := 0; i < len(columns); i++ { // the list grows
		for _, t := range l.tables {
			name := catalog.ColumnName{Table: t.Name, Column: columns[i].Column}
			if slices.Contains(t.Inherits, columns[i].Table) && !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
	}
	return columns
}

// need is an object, and another object that needs it.
type need struct {
	Class, OID     uint32
	ByClass, ByOID uint32
	Kind, Identity string // kind and name of the object that needs it, as pg_identify_object gives them
}

// needs records for each object which other objects need it. An index of a constraint that needs an object counts as the
// constraint.
func (l *leaving) needs(objects []catalog.Object, list []need) {
	for _, n := range list {
		i, ok := l.index[address{n.Class, n.OID}]
		if !ok {
			continue
		}
		by := l.label(n)
		if o := &objects[i]; by != o.Label() && by != o.Of && !slices.Contains(o.NeededBy, by) {
			o.NeededBy = append(o.NeededBy, by)
		}
	}
}

// label returns the label of the object that needs another object. A part of an object counts as the whole object.
func (l *leaving) label(n need) string {
	a := address{n.ByClass, n.ByOID}
	for { // follows Of to an object that is no part of another object
		i, ok := l.index[a]
		if !ok || l.list[i].Of == (address{}) {
			break
		}
		a = l.list[i].Of
	}
	return cmp.Or(l.labels[a], n.Kind+" "+n.Identity)
}
