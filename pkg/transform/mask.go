package transform

import (
	"bytes"
	"math"
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
)

// maskingSpecs are the treatments that leave a part or a coarser form of the value.
func maskingSpecs() []*Spec { return []*Spec{maskSpec(), shiftSpec()} }

func maskSpec() *Spec {
	return &Spec{
		Name:    "mask",
		Summary: "covers characters of a text and keeps its length",
		Doc: "Every character but the first keep_first and the last keep_last becomes the mask character. A value no longer " +
			"than what would be kept is covered whole, and so is one that would otherwise come out as it went in. " +
			"The length stays visible; a value of nothing but the mask character, and the empty value, are their own result. " +
			"Characters are Unicode code points.",
		Params: []Param{
			{Name: "keep_first", Type: "integer", Default: int64(0), Doc: "characters kept at the start"},
			{Name: "keep_last", Type: "integer", Default: int64(0), Doc: "characters kept at the end"},
			{Name: "with", Type: "text", Default: "*", Doc: "the mask character, exactly one"},
		},
		Families:  []catalog.Family{catalog.Text},
		Discloses: Generalised,
		Preserves: []string{Equality, Length},
		Examples: []Example{
			{Type: textType(0), Use: Use{Treatment: "mask", Params: Params{"keep_last": int64(4)}}, In: "4111111111111111", Out: "************1111"},
			{Type: textType(0), Use: Use{Treatment: "mask", Params: Params{"keep_first": int64(1), "keep_last": int64(1)}}, In: "Jörg", Out: "J**g"},
			{Type: textType(0), Use: Use{Treatment: "mask", Params: Params{"keep_last": int64(4)}}, In: "1234", Out: "****", Note: "no longer than what it would keep"},
		},
		scalar: planMask,
	}
}

func planMask(c Column, _ Use, a *args) (scalarPlan, error) {
	m := mask{first: int(a.integer("keep_first", 0, 1000)), last: int(a.integer("keep_last", 0, 1000))}
	with := a.text("with")
	r, size := utf8.DecodeRuneInString(with)
	switch {
	case size == 0 || size != len(with) || !unicode.IsGraphic(r) || unicode.IsSpace(r) || unicode.IsMark(r) || r == utf8.RuneError:
		a.fail("with", "wants exactly one visible character")
	case c.Type.Base == "name" && size > 1:
		a.fail("with", "wants an ASCII character: type name counts bytes")
	case c.Type.MaxLen > 0 && m.first+m.last >= c.Type.MaxLen:
		a.fail("keep_first", "with keep_last would keep all %d characters the column holds", c.Type.MaxLen)
	}
	m.with, m.padded = []byte(with), c.Type.Padded
	return scalarPlan{
		traits: Traits{Equality: !c.Type.CaseInsensitive || c.Type.Base == "citext", Space: math.Pow(10, float64(m.first+m.last)), Discloses: Generalised},
		build:  func(Keys) scalar { return &m },
	}, nil
}

type mask struct {
	first, last int // characters kept
	with        []byte
	padded      bool
}

func (m *mask) append(dst, in []byte, _ *Seed) ([]byte, error) {
	if m.padded {
		in = trimBlanks(in)
	}
	n := utf8.RuneCount(in)
	if n <= m.first+m.last {
		return m.cover(dst, n), nil
	}
	head, tail := skip(in, m.first), skip(in, n-m.last)
	start := len(dst)
	dst = append(dst, in[:head]...)
	dst = m.cover(dst, n-m.first-m.last)
	dst = append(dst, in[tail:]...)
	if bytes.Equal(dst[start:], in) { // the covered part was mask characters already: cover what was kept too
		dst = m.cover(dst[:start], n)
	}
	return dst, nil
}

func (m *mask) cover(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, m.with...)
	}
	return dst
}

// skip is the offset after n characters; a byte that is not UTF-8 counts as one.
func skip(b []byte, n int) int {
	at := 0
	for range n {
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
	return at
}
