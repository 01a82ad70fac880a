package archive_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/masker-project/masker/pkg/archive"
)

// told is everything that the package reads from an archive.
type told struct {
	Archive    *archive.Archive
	Sequential bool
	Data       []string
	Errors     []string
}

func tell(r io.ReaderAt, size int64) (t told) {
	f, err := archive.Open(r, size)
	t.Errors = append(t.Errors, fmt.Sprint(err))
	if err != nil {
		return t
	}
	t.Archive, t.Sequential = f.Archive, f.Sequential()
	t.Errors = append(t.Errors, fmt.Sprint(f.Locate()))
	for _, e := range f.Entries[:min(len(f.Entries), 20)] {
		var data []byte
		r, err := f.Data(e)
		if err == nil {
			data, err = io.ReadAll(io.LimitReader(r, 1<<20)) // a few compressed bytes may become gigabytes
		}
		t.Data, t.Errors = append(t.Data, string(data)), append(t.Errors, fmt.Sprint(err))
	}
	return t
}

// FuzzOpen checks that an archive gives the same result when it is read from a file and from memory. Reading must end
// for every content.
func FuzzOpen(f *testing.F) {
	f.Add(write(14, 4, 8))
	f.Add(write(15, 4, 8))
	f.Add(write(16, 8, 4))
	for _, pipe := range []bool{false, true} {
		f.Add(dump(0, pipe, block{1, 4, []string{people, "x"}}, block{3, 5, []string{"large"}}))
		f.Add(dump(1, pipe, block{3, 5, deflated("large", 2)}, block{1, 4, deflated(people, 7)}, block{1, 6, deflated("", 9)}))
	}
	for _, path := range shipped(f) {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	file, err := os.Create(filepath.Join(f.TempDir(), "archive"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { file.Close() })
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := file.Truncate(0); err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteAt(data, 0); err != nil {
			t.Fatal(err)
		}
		memory, disk := tell(bytes.NewReader(data), int64(len(data))), tell(file, int64(len(data)))
		if !reflect.DeepEqual(memory, disk) {
			t.Fatalf("from memory %+v\nfrom a file %+v", memory, disk)
		}
		if (memory.Archive == nil) == (memory.Errors[0] == "<nil>") {
			t.Fatal("want either an archive or an error")
		}
	})
}
