package probe_test

import (
	"strconv"
	"testing"

	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// Numbers that are too short are not given to the detectors, because the detectors would recognise nothing in them.
func TestShortNumbersAreNotRecognised(t *testing.T) {
	s := recognise.New(probe.Kinds(), nil)
	var buf []byte
	recognised := func(text []byte) {
		s.Start(text)
		for m, ok := s.Next(); ok; m, ok = s.Next() {
			if m.Kind != recognise.Number {
				t.Fatalf("%s is recognised as %s", text, m.Kind)
			}
		}
		buf = text
	}
	for n := int64(0); n < 1e8; n += 997 {
		recognised(strconv.AppendInt(buf[:0], n, 10))
		recognised(strconv.AppendInt(buf[:0], -n, 10))
		recognised(strconv.AppendFloat(buf[:0], float64(n)/100, 'f', 2, 64))
		recognised(strconv.AppendFloat(buf[:0], -float64(n)/1e4, 'f', 4, 64))
	}
}
