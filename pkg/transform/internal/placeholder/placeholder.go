// Package placeholder holds the treatment that replaces files by generated ones of their kind.
package placeholder

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"math/rand/v2"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Definition is the treatment placeholder.
func Definition() *treatment.Definition {
	bytea := catalog.Type{Name: "bytea", Base: "bytea", Family: catalog.Bytes}
	smallest := transform.Params{"size": "smallest"}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "placeholder",
			Summary: "replaces bytes by generated ones of the same kind and length",
			Doc: "The kind is told by the first bytes: PNG, JPEG, GIF, PDF and ZIP become a valid file of that kind (one pixel, one blank page, one entry) that " +
				"is padded to the same length; a value too short for that becomes the smallest valid file, which is longer. Anything else becomes as many " +
				"keyed pseudo-random bytes. Equal values get equal results; the kind and the length stay visible. With size: smallest a file is " +
				"not padded, and other values become 16 bytes or as many as there were. Empty values stay empty. To empty all values, use redact.",
			Params:    []transform.Param{{Name: "size", Type: "keep|smallest", Default: "keep", Doc: "whether the length stays"}},
			Families:  []catalog.Family{catalog.Bytes},
			Discloses: transform.Pseudonymised,
			Preserves: []string{transform.Equality, transform.Length},
			Examples: []transform.Example{
				{Type: bytea, Use: transform.Use{Treatment: "placeholder"}, In: `\x000102030405`, Out: `\x072b54b85970`},
				{
					Type: bytea, Use: transform.Use{Treatment: "placeholder", Params: smallest}, Note: "a GIF: one pixel",
					In: `\x47494638396100ff`, Out: `\x474946383961010001008000006aaf630000002c00000000010001000002024401003b`,
				},
			},
		},
		Whole: planPlaceholder,
	}
}

func planPlaceholder(_ treatment.Planner, _ transform.Column, u transform.Use, a *treatment.Args) (treatment.Blueprint, error) {
	smallest := a.Word("size", "keep", "smallest") == "smallest"
	if u.Subject != "" {
		a.Fail("subject", "placeholder follows the value, not the row's subject")
	}
	t := transform.Traits{Equality: true, Space: 256, Discloses: transform.Pseudonymised} // of one byte there are no more
	return treatment.Blueprint{Traits: t, Build: func(k transform.Keys) transform.Transform {
		return &placeholder{seeder: k.Seeder(treatment.Domain(u, "bytes")), random: rand.NewChaCha8([32]byte{}), smallest: smallest}
	}}, a.Problem()
}

// placeholder works on the hex text, so that a value of 100 MB is neither decoded nor copied.
type placeholder struct {
	seeder   transform.Seeder
	random   *rand.ChaCha8
	smallest bool
	head     [8]byte // scratch
	block    [512]byte
}

func (p *placeholder) Append(dst []byte, in transform.Cell, _ transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	digits, ok := bytes.CutPrefix(in.Text, []byte(`\x`))
	n := len(digits) / 2
	begin := min(n, len(p.head))
	if !ok || len(digits)%2 != 0 {
		return dst, false, errBytes()
	}
	if _, err := hex.Decode(p.head[:begin], digits[:2*begin]); err != nil {
		return dst, false, errBytes()
	}
	start := len(dst)
	dst = append(dst, `\x`...)
	if n == 0 {
		return dst, false, nil
	}
	write, least := fileOf(p.head[:begin])
	size := max(n, least)
	if p.smallest {
		if size = least; least == 0 {
			size = min(n, 16)
		}
	}
	dst = slices.Grow(dst, 2*size)
	var seed [32]byte
	value := p.seeder.Seed(in.Text) // hex is bytea's canonical form
	copy(seed[:], value[:])
	for ; ; seed[31]++ { // a short value may be drawn as itself: draw again
		p.random.Seed(seed)
		dst = write(p, dst[:start+2], size)
		if !bytes.EqualFold(dst[start:], in.Text) {
			return dst, false, nil
		}
	}
}

// file appends, in hex, a file of n bytes where its kind can be that long; its smallest where n is too short.
type file func(p *placeholder, dst []byte, n int) []byte

// fileOf recognises a kind of file by its first bytes, and says how long its smallest placeholder is.
func fileOf(head []byte) (write file, least int) {
	switch {
	case bytes.HasPrefix(head, []byte(pngMagic)):
		return (*placeholder).png, pngLeast
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return (*placeholder).jpeg, jpegLeast
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return (*placeholder).gif, gifLeast
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return (*placeholder).pdf, pdfLeast
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return (*placeholder).zip, zipLeast
	}
	return (*placeholder).noise, 0
}

func (p *placeholder) noise(dst []byte, n int) []byte {
	dst, _ = p.pad(dst, n, 0)
	return dst
}

// pad appends n pseudo-random bytes and carries a CRC-32 over them.
func (p *placeholder) pad(dst []byte, n int, crc uint32) ([]byte, uint32) {
	for n > 0 {
		block := p.block[:min(n, len(p.block))]
		for i := 0; i < len(p.block); i += 8 {
			binary.LittleEndian.PutUint64(p.block[i:], p.random.Uint64())
		}
		crc = crc32.Update(crc, crc32.IEEETable, block)
		dst = hex.AppendEncode(dst, block)
		n -= len(block)
	}
	return dst, crc
}

func appendHexText(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	for i := range len(s) {
		dst = append(dst, digits[s[i]>>4], digits[s[i]&15])
	}
	return dst
}

// appendHexNumber appends the low bytes of v, the highest first.
func appendHexNumber(dst []byte, v uint64, size int) []byte {
	const digits = "0123456789abcdef"
	for i := size*8 - 4; i >= 0; i -= 4 {
		dst = append(dst, digits[v>>i&15])
	}
	return dst
}

// appendHexLittle is appendHexNumber with the lowest byte first.
func appendHexLittle(dst []byte, v uint64, size int) []byte {
	for range size {
		dst = appendHexNumber(dst, v&255, 1)
		v >>= 8
	}
	return dst
}

func errBytes() error {
	return &transform.Error{Code: "bad-bytes", Text: "the value does not read as bytes in hex form"}
}
