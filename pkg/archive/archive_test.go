package archive_test

import (
	"encoding/binary"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/archive"
)

// writer writes the format as pg_backup_archiver.c does.
type writer struct {
	buf     []byte
	minor   byte
	intSize int
	offSize int
}

func (w *writer) int(v int) {
	sign := byte(0)
	if v < 0 {
		sign, v = 1, -v
	}
	w.buf = append(w.buf, sign)
	w.buf = append(w.buf, binary.LittleEndian.AppendUint64(nil, uint64(v))[:w.intSize]...)
}

func (w *writer) null() { w.int(-1) }

func (w *writer) str(s string) {
	w.int(len(s))
	w.buf = append(w.buf, s...)
}

func (w *writer) head(entries int) {
	w.buf = append(w.buf, "PGDMP"...)
	w.buf = append(w.buf, 1, w.minor, 0, byte(w.intSize), byte(w.offSize), 1)
	if w.minor >= 15 {
		w.buf = append(w.buf, 3) // zstd
	} else {
		w.int(-1)
	}
	for range 7 {
		w.int(9)
	}
	w.str("shop")
	w.str("17.2")
	w.str("17.2")
	w.int(entries)
}

func (w *writer) entry(e archive.Entry) {
	w.int(e.ID)
	w.int(0)
	w.str(strconv.Itoa(int(e.CatalogOID)))
	w.str(strconv.Itoa(int(e.OID)))
	w.str(e.Tag)
	w.str(e.Desc)
	w.int(int(e.Section))
	w.str(e.Defn)
	w.str(e.DropStmt)
	w.null() // COPY statement
	w.str(e.Namespace)
	w.null() // tablespace
	w.str(e.AccessMethod)
	if w.minor >= 16 {
		w.int('r')
	}
	w.str(e.Owner)
	w.str("false")
	for _, d := range e.Deps {
		w.str(strconv.Itoa(d))
	}
	w.null()
	w.buf = append(w.buf, 3)
	w.buf = append(w.buf, make([]byte, w.offSize)...)
}

var sample = []archive.Entry{
	{ID: 1, Desc: "ENCODING", Tag: "ENCODING", Section: archive.PreData, Defn: "SET client_encoding = 'UTF8';\n"},
	{
		ID: 215, Desc: "TABLE", Tag: "Ünïcode \"t\"", Namespace: "public", Owner: "o'wner", AccessMethod: "heap", Section: archive.PreData,
		Defn: "CREATE TABLE …", DropStmt: "DROP TABLE …", Deps: []int{1, 891}, CatalogOID: 1259, OID: 4294967295,
	},
	{ID: 9, Desc: "FK CONSTRAINT", Tag: "t fk", Section: archive.PostData, Deps: []int{215}},
	{ID: 10, Desc: "ACL", Section: archive.None},
}

func write(minor byte, intSize, offSize int) []byte {
	w := &writer{minor: minor, intSize: intSize, offSize: offSize}
	w.head(len(sample))
	for _, e := range sample {
		w.entry(e)
	}
	return w.buf
}

func TestEveryVersionAndWidthReadsTheSame(t *testing.T) {
	for _, minor := range []byte{14, 15, 16} {
		for _, width := range [][2]int{{4, 8}, {4, 4}, {8, 8}, {3, 1}} {
			a, err := archive.Parse(write(minor, width[0], width[1]))
			if err != nil {
				t.Fatalf("1.%d, widths %v: %v", minor, width, err)
			}
			if !reflect.DeepEqual(a.Entries, sample) {
				t.Errorf("1.%d, widths %v: got %+v", minor, width, a.Entries)
			}
			if a.Version != "1."+strconv.Itoa(int(minor)) || a.ServerVersion != "17.2" || a.Database != "shop" {
				t.Errorf("header: %+v", a)
			}
		}
	}
}

func TestEveryTruncationIsAnError(t *testing.T) {
	data := write(16, 4, 8)
	for n := range data {
		if _, err := archive.Parse(data[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes parsed", n, len(data))
		}
	}
}

func TestRefusals(t *testing.T) {
	change := func(at int, to byte) []byte {
		data := write(14, 4, 8)
		data[at] = to
		return data
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"not an archive":    {[]byte("--\n-- PostgreSQL database dump\n"), "does not begin"},
		"older":             {change(6, 13), "1.13"},
		"newer":             {change(6, 17), "1.17"},
		"other major":       {change(5, 2), "2.14"},
		"wide integers":     {change(8, 9), "integers of 9"},
		"no integers":       {change(8, 0), "integers of 0"},
		"wide offsets":      {change(9, 200), "offsets of 200"},
		"directory's toc":   {change(10, 5), "custom format"},
		"negative entries":  {entries(-3), "-3 entries"},
		"too many entries":  {entries(1 << 30), "do not fit"},
		"a section of nine": {section(9), "section"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := archive.Parse(c.data)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func entries(n int) []byte {
	w := &writer{minor: 16, intSize: 4, offSize: 8}
	w.head(n)
	return w.buf
}

func section(s archive.Section) []byte {
	w := &writer{minor: 16, intSize: 4, offSize: 8}
	w.head(1)
	w.entry(archive.Entry{ID: 1, Section: s})
	return w.buf
}

func TestErrorsQuoteNothingOfTheArchive(t *testing.T) {
	w := &writer{minor: 14, intSize: 4, offSize: 8}
	w.head(1)
	w.int(1)
	w.int(0)
	w.str("canary@example.com") // where an OID belongs
	_, err := archive.Parse(w.buf)
	if err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(write(14, 4, 8))
	f.Add(write(15, 4, 8))
	f.Add(write(16, 8, 4))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := archive.Parse(data)
		if (a == nil) == (err == nil) {
			t.Fatal("want either an archive or an error")
		}
	})
}
