package archive_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/archive"
)

const people = "1\tcanary@example.com\n2\tother@example.com\n\\.\n\n\n"

// read returns the data of one entry.
func read(f *archive.File, id int) (string, error) {
	for _, e := range f.Entries {
		if e.ID != id {
			continue
		}
		r, err := f.Data(e)
		if err != nil {
			return "", err
		}
		data, err := io.ReadAll(r)
		return string(data), err
	}
	return "", errors.New("no such entry")
}

func TestDataOfEveryKindOfArchive(t *testing.T) {
	for _, pipe := range []bool{false, true} {
		for compression, chunks := range map[byte][]string{0: {"1\tcanary@ex", "ample.com\n", "2\tother@example.com\n\\.\n\n\n"}, 1: deflated(people, 7)} {
			blocks := []block{{1, 4, chunks}, {3, 5, []string{"large"}}, {1, 7, chunks}}
			f, err := parse(dump(compression, pipe, blocks...))
			if err != nil {
				t.Fatal(err)
			}
			if f.Sequential() != pipe {
				t.Fatalf("pipe %v, and sequential %v", pipe, f.Sequential())
			}
			if err := f.Locate(); err != nil {
				t.Fatal(err)
			}
			if f.Sequential() {
				t.Error("still sequential")
			}
			for _, id := range []int{7, 4} {
				if got, err := read(f, id); err != nil || got != people {
					t.Errorf("compression %d, pipe %v, entry %d: got %q, %v", compression, pipe, id, got, err)
				}
			}
			if _, err := read(f, 5); err == nil || !strings.Contains(err.Error(), "large objects") {
				t.Errorf("large objects: %v", err)
			}
		}
	}
}

func TestEveryTruncationOfDataIsAnError(t *testing.T) {
	blocks := []block{{3, 5, deflated("large", 2)}, {1, 4, deflated(people, 7)}}
	for _, pipe := range []bool{false, true} {
		data := dump(1, pipe, blocks...)
		for n := range data {
			f, err := parse(data[:n])
			if err == nil {
				err = f.Locate()
			}
			if err == nil {
				_, err = read(f, 4)
			}
			if err == nil || strings.Contains(err.Error(), "canary") {
				t.Fatalf("pipe %v, the first %d of %d bytes: %v", pipe, n, len(data), err)
			}
		}
	}
}

func TestRefusalsOfData(t *testing.T) {
	rows := func(id int, chunks ...string) block { return block{1, id, chunks} }
	damaged := deflated(people, 100)
	damaged[0] = damaged[0][:20] + "canary" + damaged[0][26:]
	whole := deflated(people, 100)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"lz4":                 {dump(2, false, rows(4, people)), "compression with lz4"},
		"zstd":                {dump(3, false, rows(4, people)), "compression with zstd"},
		"no chunk":            {dump(1, false, rows(4)), "damaged"},
		"no zlib":             {dump(1, false, rows(4, people)), "damaged"},
		"damaged":             {dump(1, false, rows(4, damaged...)), "damaged"},
		"ends early":          {dump(1, false, rows(4, whole[0][:30])), "damaged"},
		"goes on":             {dump(1, false, rows(4, whole[0]+"canary")), "something follows"},
		"goes on in a chunk":  {dump(1, false, rows(4, append(whole, "canary")...)), "something follows"},
		"another's offset":    {swapped(), "leads elsewhere"},
		"unknown kind":        {dump(0, false, block{9, 4, []string{people}}), "kind of data block: 9"},
		"pipe, unknown kind":  {dump(0, true, block{9, 4, []string{people}}), "kind of data block: 9"},
		"pipe, one lacks":     {dumpOf([]block{rows(4), rows(5)}, 0, true, rows(4, people)), "dump ID 5: it is not in the archive"},
		"pipe, one too many":  {dumpOf([]block{rows(4)}, 0, true, rows(5, people), rows(4, people)), "dump ID 5: no entry"},
		"pipe, one twice":     {dumpOf([]block{rows(4)}, 0, true, rows(4, people), rows(4, people)), "two places"},
		"pipe, bytes behind":  {append(dump(0, true, rows(4, people)), make([]byte, 10)...), "kind of data block: 0"},
		"negative chunk":      {chunk(-7), "negative length"},
		"chunk of two GiB":    {chunk(1<<31 - 1), "cut short"},
		"length out of range": {chunk(1<<31 + 5), "out of range"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := parse(c.data)
			if err != nil {
				t.Fatal(err)
			}
			if err = f.Locate(); err == nil {
				_, err = read(f, 4)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

// swapped returns an archive in which the offsets of two entries are exchanged.
func swapped() []byte {
	data := dump(0, false, block{1, 4, []string{people}}, block{1, 5, []string{people}})
	f, err := parse(data)
	if err != nil {
		panic(err)
	}
	first, second := f.Entries[0].Offset, f.Entries[1].Offset
	w := &writer{minor: 16, intSize: 4, offSize: 8}
	w.head(2)
	w.entry(archive.Entry{ID: 4, Desc: "TABLE DATA", Section: archive.Data, HasData: true, Offset: second})
	w.entry(archive.Entry{ID: 5, Desc: "TABLE DATA", Section: archive.Data, HasData: true, Offset: first})
	return append(w.buf, data[len(w.buf):]...)
}

// chunk returns an archive with one chunk. The length that the chunk gives may be wrong.
func chunk(length int) []byte {
	w := &writer{intSize: 4, buf: dump(0, false, block{1, 4, nil})}
	w.buf = w.buf[:len(w.buf)-5] // removes the 0 that ends the data
	w.int(length)
	w.buf = append(w.buf, people...)
	w.int(0)
	return w.buf
}

func TestDataThatIsNotThere(t *testing.T) {
	f, err := parse(dump(0, true, block{1, 4, []string{people}}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(f, 4); err == nil || !strings.Contains(err.Error(), "located first") {
		t.Errorf("got %v", err)
	}
	if _, err := f.Data(archive.Entry{ID: 1, Desc: "TABLE"}); err == nil || !strings.Contains(err.Error(), "has none") {
		t.Errorf("got %v", err)
	}
}

// watched counts the bytes that are read. If fails is not 0, it returns an error for each read that goes beyond that
// byte.
type watched struct {
	*bytes.Reader
	read  int
	most  int
	fails int64
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	if w.fails != 0 && off+int64(len(p)) > w.fails {
		return 0, errors.New("the disk is gone")
	}
	n, err := w.Reader.ReadAt(p, off)
	w.read, w.most = w.read+n, max(w.most, len(p))
	return n, err
}

// TestOnlyWhatIsNeededIsRead checks that the reader reads no more than its window at a time. An archive may be larger
// than memory.
func TestOnlyWhatIsNeededIsRead(t *testing.T) {
	const window = 64 << 10
	big := strings.Repeat("x", 10<<20)
	data := dump(0, true, block{1, 4, []string{big, big}}, block{1, 5, []string{people}})
	w := &watched{Reader: bytes.NewReader(data)}
	f, err := archive.Open(w, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if w.read > window {
		t.Errorf("%d bytes read for a small table of contents", w.read)
	}
	w.read = 0
	if err := f.Locate(); err != nil {
		t.Fatal(err)
	}
	if w.read > 4*window {
		t.Errorf("%d bytes read to pass over two chunks", w.read)
	}
	w.read = 0
	if got, err := read(f, 5); err != nil || got != people {
		t.Errorf("got %q, %v", got, err)
	}
	if w.read > window || w.most > window {
		t.Errorf("%d bytes read for a small block, %d at once", w.read, w.most)
	}
}

func TestAnErrorOfTheFileIsTold(t *testing.T) {
	data := dump(0, false, block{1, 4, []string{strings.Repeat("x", 1<<20)}})
	for _, at := range []int64{1, 500_000} {
		w := &watched{Reader: bytes.NewReader(data), fails: at}
		f, err := archive.Open(w, int64(len(data)))
		if err == nil {
			_, err = read(f, 4)
		}
		if err == nil || !strings.Contains(err.Error(), "the disk is gone") {
			t.Errorf("from byte %d: got %v", at, err)
		}
	}
	shorter := bytes.NewReader(data[:len(data)-100])
	f, err := archive.Open(shorter, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(f, 4); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("a file that became shorter: %v", err)
	}
}
