package verify

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// pictures returns random bytes.
func pictures(size int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	bytes := make([]byte, size)
	for i := range bytes {
		bytes[i] = byte(random.Uint32())
	}
	return bytes
}

// salt returns a value of six or seven letters and digits, as a program makes it.
func salt(row int) string {
	random := rand.New(rand.NewPCG(3, uint64(row)))
	text := make([]byte, 6+row%2)
	for i := range text {
		text[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[random.IntN(36)]
	}
	return "z" + string(text[1:])
}

// reportOfBytes collects 20,000 salts and 20,000 addresses, and looks them up in the bytes of one column.
func reportOfBytes(t *testing.T, cells ...[]byte) []Hit {
	t.Helper()
	c := New(Options{Level: Strict, Memory: 64 << 20})
	w := c.Collector(people)
	salts := w.Leaf(Source{Place: place("salt"), Class: "secret", Treatment: "redact", Type: text()})
	mails := w.Leaf(Source{Place: place("email"), Class: "email", Treatment: "fake", Type: text()})
	w.Begin(0)
	for row := range 20_000 {
		salts.See([]byte(salt(row)), []byte("x"))
		mails.See([]byte(mail(row)), []byte(fakeMail(row)))
		w.Row(nil)
	}
	w.Done()
	set, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	p := set.Prober()
	for _, cell := range cells {
		for piece := range slices.Chunk(cell, 1<<20) {
			p.Target(place("picture")).Bytes(piece, false)
		}
		p.Target(place("picture")).Bytes(nil, true)
		p.Row(nil)
	}
	p.Close()
	var found []Hit
	for _, h := range set.Judge(Facts{}).Hits {
		if h.Finding == Found {
			found = append(found, h)
		}
	}
	return found
}

func TestV7ShortWordsInPicturesAreChance(t *testing.T) {
	if found := reportOfBytes(t, pictures(8<<20)); len(found) > 0 {
		t.Errorf("false alarm: %v", told(found))
	}
}

func TestLongValuesInPicturesAreFound(t *testing.T) {
	leak := append(pictures(8<<20), " "+mail(7)+" "...)
	found := reportOfBytes(t, leak)
	if len(found) != 1 || found[0].Source.Column != "email" || found[0].Values != 1 {
		t.Errorf("one address in a picture: %v", told(found))
	}
}

func TestAShortValueInAFewBytesIsFound(t *testing.T) {
	found := reportOfBytes(t, []byte("\x00\x01"+salt(5)+"\x00"))
	if len(found) != 1 || found[0].Source.Column != "salt" {
		t.Errorf("a salt in few bytes: %v", told(found))
	}
}

func TestManyShortValuesInPicturesAreFound(t *testing.T) {
	leak := pictures(8 << 20)
	for row := range 5_000 {
		leak = append(append(leak, ' '), salt(row)...)
	}
	found := reportOfBytes(t, leak)
	if len(found) != 1 || found[0].Source.Column != "salt" || found[0].Values < 4_000 {
		t.Errorf("5,000 salts in a picture: %v", told(found))
	}
}
