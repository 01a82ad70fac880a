package archive_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/archive"
)

// repeated is a file without end. It has a beginning, and then the same bytes again and again.
type repeated struct{ begin, again []byte }

func (r repeated) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		at := off + int64(i)
		if at < int64(len(r.begin)) {
			p[i] = r.begin[at]
		} else {
			p[i] = r.again[(at-int64(len(r.begin)))%int64(len(r.again))]
		}
	}
	return len(p), nil
}

// TestAFileCannotTakeUnlimitedMemory checks that reading a table of contents uses no more memory than the limit, even
// if the lengths and counts in the file are huge.
func TestAFileCannotTakeUnlimitedMemory(t *testing.T) {
	const limit, huge, most = 1 << 20, 1 << 40, 1<<31 - 1
	begin := func(entries int) *writer {
		w := &writer{minor: 16, intSize: 4, offSize: 8}
		w.head(entries)
		return w
	}
	entry := &writer{minor: 16, intSize: 4, offSize: 8}
	entry.entry(archive.Entry{ID: 1, Section: archive.PreData})
	dependency := &writer{intSize: 4}
	dependency.str("9")
	open := append(begin(1).buf, entry.buf[:len(entry.buf)-1-8-1-4]...) // an entry up to the end of its dependencies
	text := begin(1)
	text.int(1)
	text.int(0)
	text.int(most)
	for name, src := range map[string]repeated{
		"entries":      {begin(most).buf, entry.buf},
		"dependencies": {open, dependency.buf},
		"a text":       {text.buf, []byte("x")},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := archive.OpenWithin(limit, src, huge)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), "of memory") {
				t.Errorf("got %v", err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 8*limit {
				t.Errorf("%d bytes allocated", took)
			}
		})
	}
}
