package archive_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/archive"
)

var sample = []archive.Entry{
	{ID: 1, Desc: "ENCODING", Tag: "ENCODING", Section: archive.PreData, Defn: "SET client_encoding = 'UTF8';\n"},
	{
		ID: 215, Desc: "TABLE", Tag: "Ünïcode \"t\"", Namespace: "public", Owner: "o'wner", AccessMethod: "heap", Section: archive.PreData,
		Defn: "CREATE TABLE …", DropStmt: "DROP TABLE …", Deps: []int{1, 891}, CatalogOID: 1259, OID: 4294967295,
	},
	{ID: 9, Desc: "FK CONSTRAINT", Tag: "t fk", Section: archive.PostData, Deps: []int{215}},
	{ID: 10, Desc: "ACL", Section: archive.None},
}

func TestEveryVersionAndWidthReadsTheSame(t *testing.T) {
	for _, minor := range []byte{14, 15, 16} {
		for _, width := range [][2]int{{4, 8}, {4, 4}, {8, 8}, {3, 1}} {
			a, err := parse(write(minor, width[0], width[1]))
			if err != nil {
				t.Fatalf("1.%d, widths %v: %v", minor, width, err)
			}
			if !reflect.DeepEqual(a.Entries, sample) {
				t.Errorf("1.%d, widths %v: got %+v", minor, width, a.Entries)
			}
			if a.Compression != [...]string{"gzip", "zstd", "zstd"}[minor-14] {
				t.Errorf("1.%d: compression %s", minor, a.Compression)
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
		if _, err := parse(data[:n]); err == nil {
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
		"a section of nine": {one(archive.Entry{Section: 9}), "section"},
		"unknown algorithm": {algorithm(4), "compression algorithm 4"},
		"data at its head":  {one(archive.Entry{Section: archive.Data, HasData: true, Offset: 20}), "inside the table of contents"},
		"data behind it":    {one(archive.Entry{Section: archive.Data, HasData: true, Offset: 1 << 40}), "outside the archive"},
		"offset of zero":    {state(2), "outside the archive"},
		"unknown offset":    {state(4), "state of an offset: 4"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(c.data)
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

func one(e archive.Entry) []byte {
	w := &writer{minor: 16, intSize: 4, offSize: 8}
	w.head(1)
	w.entry(e)
	return w.buf
}

func algorithm(number byte) []byte {
	w := &writer{minor: 16, intSize: 4, offSize: 8, compression: number}
	w.head(0)
	return w.buf
}

func state(flag byte) []byte {
	data := one(archive.Entry{Section: archive.Data})
	data[len(data)-1-8] = flag
	return data
}

func TestErrorsQuoteNothingOfTheArchive(t *testing.T) {
	w := &writer{minor: 14, intSize: 4, offSize: 8, compression: 3}
	w.head(1)
	w.int(1)
	w.int(0)
	w.str("canary@example.com") // a text in the place of an OID
	_, err := parse(w.buf)
	if err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}
