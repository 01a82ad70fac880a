// Package labelled holds databases whose columns have labels: what each column is, and whether it is sensitive. People
// wrote the labels without looking at the detectors. Tests and a benchmark judge the detectors by them.
//
// A file of the folder data is one database. Each row is one column: table, name, type, constraint, comment, kind and
// sensitive. The kind is a class of the pack baseline, or a kind that has no class, such as health. It is empty if the
// column holds no personal data.
package labelled

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

//go:embed data/*.csv
var files embed.FS

// Column is one labelled column.
type Column struct {
	Table      catalog.Name
	Name       string
	Type       string
	Constraint string // what CREATE TABLE says after the type
	Comment    string
	Kind       string // what the column holds; "" for no personal data
	Sensitive  bool
}

// Even divides the columns into two halves. Detectors are tuned with the columns for which Even is true. The figures
// that judge the detectors are about the other columns.
func (c *Column) Even() bool {
	h := fnv.New32a()
	h.Write([]byte(c.Table.String() + "." + c.Name))
	return h.Sum32()%2 == 0
}

// Schema is one labelled database.
type Schema struct {
	Name    string
	Columns []Column
	Kinds   []string // the only kinds that the labels know; nil for all
}

// Schemas returns the labelled databases of this package, sorted by name.
func Schemas() ([]Schema, error) {
	names, err := fs.Glob(files, "data/*.csv")
	if err != nil {
		return nil, err
	}
	var out []Schema
	for _, name := range names {
		f, err := files.Open(name)
		if err != nil {
			return nil, err
		}
		s, err := Read(strings.TrimSuffix(path.Base(name), ".csv"), f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Read reads a file of labels. Its first row names the fields. The fields table and column are needed. If the file has
// no type for a column, the type is text.
func Read(name string, from io.Reader) (Schema, error) {
	s := Schema{Name: name}
	err := eachRow(name, from, []string{"table", "column"}, func(field func(key string) string) {
		c := Column{
			Table: tableName(field("table")), Name: field("column"), Type: field("type"), Constraint: field("constraint"),
			Comment: field("comment"), Kind: field("kind"), Sensitive: field("sensitive") == "yes",
		}
		if c.Type == "" {
			c.Type = "text"
		}
		s.Columns = append(s.Columns, c)
	})
	return s, err
}

// eachRow calls fn for each row of a file of labels. The first row names the fields, and has to name the fields in
// need. The argument of fn returns a field of the row, or "" if the file has no such field.
func eachRow(name string, from io.Reader, need []string, fn func(field func(key string) string)) error {
	r := csv.NewReader(from)
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("labels %s: %w", name, err)
	}
	for _, key := range need {
		if !slices.Contains(header, key) {
			return fmt.Errorf("labels %s: the first row has no field %q", name, key)
		}
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("labels %s: %w", name, err)
		}
		fn(func(key string) string {
			if i := slices.Index(header, key); i >= 0 {
				return row[i]
			}
			return ""
		})
	}
}

func tableName(s string) catalog.Name {
	if schema, table, ok := strings.Cut(s, "."); ok {
		return catalog.Name{Schema: schema, Name: table}
	}
	return catalog.Name{Schema: "public", Name: s}
}
