package external

import (
	"bytes"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/transform"
)

// FuzzAnswers parses any line as a program's answer to two values. The result must be two texts that PostgreSQL can
// store, or an error that does not quote the line.
func FuzzAnswers(f *testing.F) {
	for _, line := range []string{
		`{"id": 7, "values": ["a", null]}`, `{"id":7,"values":["",""]} `, `{"id":7,"values":["a"]}`, `{"id":8,"values":["a","b"]}`,
		`{"id":7,"error":"no"}`, `{"id":7,"values":["\u0000","\ud800"]}`, `{"ID":7,"values":[1,2]}`, `{"id":7,"values":null}`, `null`, `{`, "\xff",
		`{"id":7,"values":["a","b"]}{"id":7}`, `{"id":7,"id":8,"values":["a","b"],"values":["c"]}`, `{"id":7.0,"values":["é","\u00e9"],"error":null}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		p := &Process{id: 7}
		before := string(line)
		got, err := p.answers(line, 2)
		if string(line) != before {
			t.Fatal("the line was changed")
		}
		if err != nil {
			var e *transform.Error
			if got != nil || !errors.As(err, &e) || e.Code == "" || len(line) > 40 && bytes.Contains([]byte(err.Error()), line) {
				t.Fatalf("%q: %q, bad error %v", line, got, err)
			}
			return
		}
		if len(got) != 2 {
			t.Fatalf("%q: %d answers", line, len(got))
		}
		for _, v := range got {
			if !utf8.Valid(v) || bytes.ContainsAny(v, "\x00\ufffd") {
				t.Fatalf("%q: %q is no text", line, v)
			}
		}
	})
}
