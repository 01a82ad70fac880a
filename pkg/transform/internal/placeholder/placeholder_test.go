package placeholder_test

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"fmt"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/placeholder"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// A file of any length becomes a valid file of the same kind. The result has the same length if the format allows that
// length.
func TestPlaceholdersAreValidFiles(t *testing.T) {
	kinds := map[string]struct {
		magic string
		least int
		gaps  []int // lengths that the format cannot have, as differences from the least length
		valid func([]byte) error
	}{
		"png":  {placeholder.MagicPNG, placeholder.LeastPNG, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, func(b []byte) error { _, err := png.Decode(bytes.NewReader(b)); return err }},
		"jpeg": {"\xff\xd8\xff", placeholder.LeastJPEG, nil, func(b []byte) error { _, err := jpeg.Decode(bytes.NewReader(b)); return err }},
		"gif":  {"GIF87a", placeholder.LeastGIF, []int{1, 2, 4}, func(b []byte) error { _, err := gif.DecodeAll(bytes.NewReader(b)); return err }},
		"pdf":  {"%PDF-1.7", placeholder.LeastPDF, nil, validPDF},
		"zip":  {"PK\x03\x04", placeholder.LeastZIP, nil, validZip},
	}
	tr := transformtest.Compile(t, transformtest.Bytes, keeping)
	for name, k := range kinds {
		lengths := []int{len(k.magic), k.least - 1, 65535, 65536, 65537, 65540, 131213, 131214, 131215, 131216, 1 << 20}
		for extra := range 600 {
			lengths = append(lengths, k.least+extra)
		}
		for _, n := range lengths {
			if n < len(k.magic) {
				continue
			}
			want := n
			for _, gap := range k.gaps {
				if n == k.least+gap {
					want = k.least
				}
			}
			want = max(want, k.least)
			in := `\x` + hex.EncodeToString([]byte(k.magic+strings.Repeat("s", n-len(k.magic))))
			out, err := hex.DecodeString(transformtest.Run(t, tr, in, nil)[2:])
			if err != nil || len(out) != want || bytes.Contains(out, []byte("sssss")) {
				t.Fatalf("%s of %d bytes: %d bytes, want %d (%v)", name, n, len(out), want, err)
			}
			if err := k.valid(out); err != nil {
				t.Fatalf("%s of %d bytes: %v", name, n, err)
			}
		}
		in := `\x` + hex.EncodeToString([]byte(k.magic+"x"))
		out, err := hex.DecodeString(transformtest.Run(t, transformtest.Compile(t, transformtest.Bytes, transform.Use{Treatment: "placeholder", Params: transform.Params{"size": "smallest"}}), in, nil)[2:])
		if err != nil || len(out) != k.least || k.valid(out) != nil {
			t.Errorf("%s: smallest gave %d bytes", name, len(out))
		}
	}
}

// keeping is the treatment placeholder with size: keep. The length of a value stays.
var keeping = transform.Use{Treatment: "placeholder", Params: transform.Params{"size": "keep"}}

// The files of a column have many different lengths. Somebody who knows the length of a file could find its row.
// Therefore lengths are rounded to classes.
func TestP7LengthsAreRoundedToClasses(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Bytes, transform.Use{Treatment: "placeholder"})
	sizes := map[int]bool{}
	for _, magic := range []string{"%PDF-1.7", "\xff\xd8\xff", "anything"} {
		for n := 2000; n < 9000; n += 7 {
			in := `\x` + hex.EncodeToString([]byte(magic+strings.Repeat("s", n-len(magic))))
			size := len(transformtest.Run(t, tr, in, nil))/2 - 1
			if size > n || size < n/2 {
				t.Fatalf("%d bytes became %d", n, size)
			}
			sizes[size] = true
		}
	}
	if len(sizes) != 6 { // 1536, 2048, 3072, 4096, 6144, 8192
		t.Errorf("%d different sizes, want 6", len(sizes))
	}
}

func validZip(b []byte) error {
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	for _, f := range r.File {
		body, err := f.Open()
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, body); err != nil { // also checks the CRC
			return err
		}
	}
	return nil
}

// validPDF reads startxref, finds the table there, and finds the object of each entry of the table. It also checks the
// length of the stream.
func validPDF(b []byte) error {
	tail := b[bytes.LastIndex(b, []byte("startxref\n"))+10:]
	at, err := strconv.Atoi(string(tail[:10]))
	if err != nil || !bytes.HasPrefix(b[at:], []byte("xref\n0 5\n")) || !bytes.HasSuffix(b, []byte("%%EOF\n")) {
		return fmt.Errorf("no xref at %d", at)
	}
	for i := 1; i < 5; i++ {
		entry := b[at+9+20*i:]
		object, err := strconv.Atoi(string(entry[:10]))
		if err != nil || !bytes.HasPrefix(b[object:], []byte(strconv.Itoa(i)+" 0 obj\n")) {
			return fmt.Errorf("object %d is not at %d", i, object)
		}
	}
	open := bytes.Index(b, []byte("/Length "))
	length, err := strconv.Atoi(string(b[open+8 : open+18]))
	if err != nil || !bytes.HasPrefix(b[open+18+len(placeholder.FromPDF)+length:], []byte(placeholder.ClosePDF)) {
		return fmt.Errorf("the stream is not %d long", length)
	}
	return nil
}

func TestOtherBytesKeepTheirLength(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Bytes, keeping)
	for n := range 256 {
		in := `\x` + hex.EncodeToString([]byte{byte(n)})
		if out := transformtest.Run(t, tr, in, nil); out == in || len(out) != len(in) {
			t.Errorf("%s became %s", in, out)
		}
	}
	transformtest.Outcomes(t, tr, map[string]string{`\x`: `\x`, ``: "!bad-bytes", `abc`: "!bad-bytes", `\x0`: "!bad-bytes", `\xzz`: "!bad-bytes"})
	small := transformtest.Compile(t, transformtest.Bytes, transform.Use{Treatment: "placeholder", Params: transform.Params{"size": "smallest"}})
	if out := transformtest.Run(t, small, `\x`+strings.Repeat("ab", 1000), nil); len(out) != 2+32 {
		t.Errorf("%d digits", len(out))
	}
}

// The treatment of a large value must allocate nothing except its result.
func TestPlaceholdersOfHugeValuesAreNotCopied(t *testing.T) {
	in := transform.Cell{Text: []byte(`\x89504e470d0a1a0a` + strings.Repeat("ab", 8<<20))}
	tr := transformtest.Compile(t, transformtest.Bytes, keeping)
	dst := make([]byte, 0, len(in.Text))
	n := testing.AllocsPerRun(2, func() {
		out, _, err := tr.Append(dst, in, nil)
		if err != nil || len(out) != len(in.Text) || &out[:1][0] != &dst[:1][0] {
			t.Fatalf("%d, %v", len(out), err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzPlaceholder(f *testing.F) {
	f.Add([]byte("GIF89a"), true)
	f.Add([]byte("PK\x03\x04"), false)
	f.Fuzz(func(t *testing.T, in []byte, smallest bool) {
		u := transform.Use{Treatment: "placeholder"}
		if smallest {
			u.Params = transform.Params{"size": "smallest"}
		}
		text := `\x` + hex.EncodeToString(in)
		out := transformtest.Run(t, transformtest.Compile(t, transformtest.Bytes, u), text, nil)
		if _, err := hex.DecodeString(out[2:]); err != nil || out == text && len(in) > 0 {
			t.Fatalf("%s became %s", text, out)
		}
	})
}
