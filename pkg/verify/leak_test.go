package verify

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// customers is a correct refresh of people with kept notes.
func customers(rows int) *world {
	return &world{rows: rows, columns: []column{
		treated("email", "email", mail, fakeMail),
		treated("phone", "phone", phone, func(row int) string { return fmt.Sprintf("+1 555 %07d", draw(row, 3)%10000000) }),
		treated("ref", "identifier", func(row int) string { return fmt.Sprintf("K-%05d-%c", row, 'A'+row%26) }, token),
		kept("note", note, nil),
	}}
}

func TestACorrectRefreshPasses(t *testing.T) {
	r := customers(5000).report(t)
	if !r.Passed() {
		t.Errorf("%q", told(r.Hits))
	}
	if len(r.Tables) != 1 || r.Tables[0] != (TableSum{people, 5000, 5000, true}) {
		t.Errorf("%+v", r.Tables)
	}
	for _, c := range r.Columns {
		if c.Cells != 5000 || c.Share() < 0.99 {
			t.Errorf("%+v", c)
		}
	}
	if len(r.Controls) != 1 || r.Controls[0].Wanted < 1000 || r.Controls[0].Found != r.Controls[0].Wanted {
		t.Errorf("%+v", r.Controls)
	}
}

// One value of one row leaks into the target, each time in another form. The test says for each form whether the leak
// check finds the value.
func TestV2V3OneValueIsFoundInEveryForm(t *testing.T) {
	const row = 1234
	address, number := mail(row), phone(row)
	md := md5.Sum([]byte(strings.ToLower(address)))
	sha, dialled, advertised := sha256.Sum256([]byte(address)), md5.Sum([]byte(number[1:3]+number[4:7]+number[8:])), sha256.Sum256([]byte(strings.ReplaceAll(number, " ", "")))
	inHex, claims := hex.EncodeToString([]byte(address)), base64.RawURLEncoding.EncodeToString([]byte(`{"sub":7,"email":"`+strings.Replace(address, "@", `\u0040`, 1)+`"}`))
	for name, c := range map[string]struct{ stands, want string }{
		"as it is":                {address, "found note from email, as it is"},
		"in a text":               {"Please write to " + address + " today.", "found note from email, as it is"},
		"in another case":         {"WRITE TO " + strings.ToUpper(address), "found note from email, as it is"},
		"spelled apart":           {strings.Join(strings.Split(address, "."), " dot . "), ""},
		"without separators":      {strings.NewReplacer(".", "", "@", "", "-", "").Replace(address), "found note from email, as it is"},
		"with other separators":   {strings.NewReplacer(".", "_", "@", " (at) ").Replace(address), ""},
		"percent-encoded":         {"https://x.org/?to=" + url.QueryEscape(address), "found note from email, as it is"},
		"in markup":               {"<b>Person</b>" + strings.TrimPrefix(address, "Person"), "found note from email, as it is"},
		"escaped":                 {strings.ReplaceAll(address, "@", `\u0040`), "found note from email, as it is"},
		"as an entity":            {strings.ReplaceAll(address, "@", "&#64;"), "found note from email, as it is"},
		"with a soft hyphen":      {address[:5] + "\u00ad" + address[5:], "found note from email, as it is"},
		"base64":                  {base64.StdEncoding.EncodeToString([]byte(address)), "found note from email, base64"},
		"base64 of a URL":         {"x " + base64.RawURLEncoding.EncodeToString([]byte(address)), "found note from email, base64"},
		"hex":                     {strings.ToUpper(hex.EncodeToString([]byte(address))), "found note from email, hex"},
		"hex of PostgreSQL":       {`x \x` + inHex, "found note from email, hex"},
		"hex of MySQL":            {"VALUES (0x" + inHex + ")", "found note from email, hex"},
		"escaped bytes":           {strings.ReplaceAll(address, "@", `\x40`), "found note from email, as it is"},
		"in a JSON Web Token":     {"Bearer eyJhbGciOiJub25lIn0." + claims + ".", "found note from email, as it is"},
		"md5 of digits":           {hex.EncodeToString(dialled[:]), "found note from phone, md5 as hex"},
		"sha256 of + and digits":  {hex.EncodeToString(advertised[:]), "found note from phone, sha256 as hex"},
		"reversed":                {backwards(address), "found note from email, reversed"},
		"md5 in lower case":       {"https://gravatar.com/avatar/" + hex.EncodeToString(md[:]), "found note from email, md5 as hex"},
		"sha256 as base64":        {base64.StdEncoding.EncodeToString(sha[:]), "found note from email, sha256 as base64"},
		"a phone":                 {"Call " + number, "found note from phone, as it is"},
		"a phone from home":       {"Call 0170/" + number[8:11] + " " + number[11:], "found note from phone, last digits of a phone number"},
		"a phone with 00":         {"0049 (0)170-" + number[8:], "found note from phone, last digits of a phone number"},
		"half of an address":      {address[:len(address)/2], ""},
		"another's phone":         {"Call +49 171 1234567", ""},
		"in a large text":         {strings.Repeat("Nothing happened here. ", 20_000) + address + strings.Repeat(" More of it.", 20_000), "found note from email, as it is"},
		"at the cut of a text":    {strings.Repeat("x", pieceSize-10) + " " + address + strings.Repeat(" y", pieceSize), "found note from email, as it is"},
		"before the cut":          {strings.Repeat("x ", pieceSize/2-20) + address + strings.Repeat(" y", pieceSize), "found note from email, as it is"},
		"in a text without words": {strings.Repeat("é", pieceSize) + " " + address, "found note from email, as it is"},
	} {
		t.Run(name, func(t *testing.T) {
			r := withNote(row, c.stands).report(t)
			want := []string{c.want}
			if c.want == "" {
				want = nil
			}
			if got := told(r.Hits); !slices.Equal(got, want) {
				t.Fatalf("%q, want %q", got, want)
			}
			if want != nil && (r.Hits[0].Rows != 1 || r.Hits[0].Values != 1 || r.Hits[0].Key != "1234" || r.Hits[0].About) {
				t.Errorf("%+v", r.Hits[0])
			}
		})
	}
}

// withNote returns customers of whom one has another note.
func withNote(row int, other string) *world {
	w := customers(3000)
	w.columns[3].after = func(r int) string {
		if r == row {
			return other
		}
		return note(r)
	}
	// The original note of this row does not arrive, so it must not be a control.
	w.columns[3].before = w.columns[3].after
	return w
}

func backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// The phone number 202-401-3112 and the text "2024-01-31 12:30" begin with the same ten digits. The number is not
// found in this text, because the text is a date.
func TestDatesAreNoNumbers(t *testing.T) {
	for stands, want := range map[string]string{"2024-01-31 12:30": "", "Call 202-401-3112.": "found note from phone, as it is"} {
		w := customers(1000)
		w.columns[1].before = func(row int) string { return fmt.Sprintf("202-401-%04d", 3112+row) }
		w.columns[3].before = func(row int) string {
			if row == 5 {
				return stands
			}
			return "nothing"
		}
		w.columns[3].after = w.columns[3].before
		if got := strings.Join(told(w.report(t).Hits), "|"); got != want {
			t.Errorf("%s: %q, want %q", stands, got, want)
		}
	}
}

// A treatment leaves one value in 10^4 as it is, except for its case. The leak check finds this value in the
// treatment's own column.
func TestV1V5IdentityOnOneRowIsFound(t *testing.T) {
	w := customers(10_000)
	fake := w.columns[0].after
	w.columns[0].after = func(row int) string {
		if row == 7777 {
			return strings.ToUpper(mail(row))
		}
		return fake(row)
	}
	r := w.report(t)
	if got := told(r.Hits); !slices.Equal(got, []string{"found email, as it is"}) || r.Hits[0].Key != "7777" {
		t.Errorf("%q", got)
	}
}

// Many results are equal to their values, or begin or end like them. They are found even if the values are common.
func TestV1ResultsAreComparedWithTheirValues(t *testing.T) {
	numbered := func(row int) string { return fmt.Sprintf("no. %d", row%100) }
	colour := func(row int) string { return []string{"red", "green", "blue", "brown"}[row*row%7%4] }
	for name, c := range map[string]struct {
		before, after func(int) string
		keeps         int
		label, want   string
	}{
		"identity of common values": {colour, colour, 0, "pseudonymised", "equal x"},
		"only the case":             {colour, func(row int) string { return strings.ToUpper(colour(row)) }, 0, "pseudonymised", "equal x"},
		"some values of a mapping":  {numbered, func(row int) string { return fmt.Sprintf("no. %d", (row%100+min(row%100/fixed, 1))%100) }, 0, "pseudonymised", ""},
		"most values of a mapping":  {numbered, func(row int) string { return fmt.Sprintf("no. %d", row%100-row%100/90) }, 0, "pseudonymised", "equal x"},
		"chance":                    {colour, func(row int) string { return colour(int(draw(row, 9) % 1000)) }, 0, "pseudonymised", ""},
		"prefix":                    {token, func(row int) string { return token(row)[:6] + "zz" }, 0, "pseudonymised", "shared x"},
		"suffix":                    {token, func(row int) string { return "zz" + token(row)[8:] }, 0, "pseudonymised", "shared x"},
		"declared suffix":           {token, func(row int) string { return "zz" + token(row)[13:] }, 4, "pseudonymised", ""},
		"generalised":               {token, func(row int) string { return token(row)[:6] }, 0, "generalised", ""},
		"constant":                  {token, func(int) string { return "n/a" }, 0, "suppressed", ""},
		"one value":                 {func(int) string { return "Mozilla/5.0 (X11; Linux)" }, func(row int) string { return fmt.Sprintf("Mozilla/5.0 (Windows %d)", row%9) }, 0, "synthetic", ""},
		"the same domain":           {mail, func(row int) string { return fmt.Sprintf("u%d@mail-%d.org", draw(row, 4)%1e9, draw(row, 5)%5) }, 0, "synthetic", ""},
	} {
		x := treated("x", "thing", c.before, c.after)
		x.Keeps, x.Label = c.keeps, c.label
		r := (&world{rows: 2000, columns: []column{x}}).report(t)
		var got []string
		for _, line := range told(r.Hits) {
			if !strings.HasPrefix(line, "found") {
				got = append(got, line)
			}
		}
		if !slices.Equal(got, slices.DeleteFunc([]string{c.want}, func(s string) bool { return s == "" })) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestV7DigestsAndFilesInBytes(t *testing.T) {
	address := mail(77)
	sum := md5.Sum([]byte(address))
	for name, c := range map[string]struct {
		stands []byte
		want   string
	}{
		"a digest":    {sum[:], "found photo from email, md5 as bytes"},
		"a file name": {append([]byte("\x89PNG\x00\x01\xff\xfe/home/"), append([]byte(address), "/x.png\x00\x00"...)...), "found photo from email, as it is"},
		"an escape":   {[]byte("\x89PNG\x00\x01?to=" + strings.ReplaceAll(address, "@", "%40")), "found photo from email, as it is"},
		"nothing":     {[]byte("\x89PNG\x00\x01"), ""},
	} {
		w := customers(1000)
		photo := kept("photo", func(row int) string { return "" }, func(row int) string {
			if row == 77 {
				return string(c.stands)
			}
			return "\x00\x01\x02"
		})
		photo.Type = catalog.Type{Name: "bytea", Base: "bytea", Family: catalog.Bytes}
		w.columns = append(w.columns, photo)
		if got := strings.Join(told(w.report(t).Hits), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestTextsInPieces(t *testing.T) {
	w := customers(10)
	set, err := w.collect(t).Seal()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"to " + mail(3): true, "to " + strings.ReplaceAll(mail(3), "@", "%40"): true, "to nobody": false} {
		p := set.Prober()
		p.Target(place("x")).Part([]byte(text), false)
		if p.Found() != want {
			t.Errorf("%s: found %v", text, !want)
		}
	}
}

func TestObjectsInPieces(t *testing.T) {
	c := New(Options{Level: Strict, Memory: 32 << 20})
	w := c.Collector(people)
	leaf := w.Leaf(Source{Place: place("photo"), Class: "photo", Type: catalog.Type{Family: catalog.Bytes}})
	object := bytes.Repeat([]byte("\x01binary\xff"), 10_000)
	w.Begin(0)
	leaf.See([]byte(`\x`+hex.EncodeToString(object)), nil)
	w.Row(nil)
	w.Done()
	set, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	p := set.Prober()
	target := p.Target(place("copy"))
	for piece := range slices.Chunk(object, 777) {
		target.Bytes(piece, false)
	}
	target.Bytes(nil, true)
	found := p.Found()
	p.Row(nil)
	target.Bytes(object[1:], true)
	if p.Row(nil); !found || p.targets[place("copy")].found.hits[0].rows != 1 {
		t.Error("the object is not found, or another one is")
	}
}
