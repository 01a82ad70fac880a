package values

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func lists() map[string][]string {
	return map[string][]string{
		"given_name":  strings.Fields("Ada Grace Linus Jörg Zoë Marie Anna Peter Paul Hans Karl Emma Lena Sofia Luca Rose Amber"),
		"family_name": strings.Fields("Lovelace Hopper Müller Schmidt Weber Fischer Meyer Wagner Becker Rossi Green Brown White Black Gray Rose"),
		"city":        {"Berlin", "Paris", "New York", "San José", "Hamburg", "Wien", "Rom", "Madrid"},
		"street":      {"Hauptstraße", "Bahnhofstraße", "rue de la Paix", "Main Street", "Via Roma"},
	}
}

// first returns the class of the strongest evidence about these values, with its path.
func first(t *testing.T, family catalog.Family, texts ...string) string {
	t.Helper()
	c := New(lists(), 2026).Column(family)
	for _, text := range texts {
		c.Add([]byte(text))
	}
	list := c.Evidence()
	for _, e := range list {
		if e.Hits > e.Looked || e.How == "" {
			t.Errorf("the evidence is wrong: %+v", e)
		}
		for _, text := range texts {
			if len(text) > 4 && strings.Contains(e.How, text) {
				t.Errorf("the evidence quotes a value: %+v", e)
			}
		}
	}
	if len(list) == 0 {
		return ""
	}
	return strings.TrimSpace(list[0].Class + " " + list[0].Path)
}

// times returns n texts that the function makes.
func times(n int, f func(i int) string) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = f(i)
	}
	return texts
}

// validBSN returns Dutch numbers with right check digits.
func validBSN(n int) []string {
	var list []string
	for i := 100000007; len(list) < n; i += 7919 {
		sum := 0
		for at, digit := range fmt.Sprint(i)[:8] {
			sum += int(digit-'0') * (9 - at)
		}
		if sum%11 == i%10 {
			list = append(list, fmt.Sprint(i))
		}
	}
	return list
}

func TestColumnsOfEachClass(t *testing.T) {
	given, family := lists()["given_name"], lists()["family_name"]
	for name, c := range map[string]struct {
		want  string
		texts []string
	}{
		"mail":              {"email", times(20, func(i int) string { return fmt.Sprintf("user.%d@mail.example", i) })},
		"some mail":         {"email", times(50, func(i int) string { return []string{"none", "n/a", "ada@mail.example"}[i%20/9] })},
		"cards":             {"pan", []string{"4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009", "6011000000000004", "4012888888881881"}},
		"IBANs":             {"iban", []string{"DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "FR1420041010050500013M02606"}},
		"BSN":               {"national_id", validBSN(12)},
		"AHV":               {"national_id", []string{"756.9217.0769.85", "756.1705.0676.11", "756.9217.0769.85", "756.1705.0676.11"}},
		"SSN":               {"national_id", []string{"078-05-1120", "219-09-9999", "457-55-5462", "078-05-1121"}},
		"phones":            {"phone", []string{"+44 7700 900625", "+49 30 901820", "+1-212-555-0123", "+41 44 668 18 00"}},
		"phones at home":    {"phone", times(30, func(i int) string { return fmt.Sprintf("%03d-555-01%02d", 200+i*7, i) })},
		"phones as dialled": {"phone", times(30, func(i int) string { return fmt.Sprintf("0%09d", 612345678+i*7919*31) })},
		"phones mixed": {"phone", times(30, func(i int) string {
			return []string{"+47 ", "", ""}[i%3] + fmt.Sprint(91234567+i*7919)
		})},
		"mobiles in China": {"phone", times(30, func(i int) string { return fmt.Sprintf("1%010d", 3900000000+i*7919*31) })},
		"padded numbers":   {"", times(30, func(i int) string { return fmt.Sprintf("%09d", i*7919) })},
		"random digits":    {"", times(60, func(i int) string { return fmt.Sprintf("%010d", (i*7919*104729+i)%9999999967) })},
		"books":            {"", times(30, func(i int) string { return fmt.Sprintf("978-3-16-1%05d-%d", i*991, i%10) })},
		"dates in Europe":  {"", times(30, func(i int) string { return fmt.Sprintf("%02d.%02d.%d", i%28+1, i%12+1, 2024) })},
		"large prices":     {"", times(30, func(i int) string { return fmt.Sprintf("%d.%02d", 1000000+i, i) })},
		"addresses of IP":  {"ip_address", []string{"10.0.0.1", "192.0.2.17", "2001:db8::1", "198.51.100.7/32"}},
		"MAC":              {"mac_address", []string{"00:00:5e:00:53:01", "00-00-5E-00-53-02", "0000.5e00.5303"}},
		"bcrypt":           {"password", []string{"$2b$12$KIXabcdefghijklmnopqru", "$2b$12$LIXabcdefghijklmnopqru", "!"}},
		"Django's hashes":  {"password", times(4, func(i int) string { return fmt.Sprintf("pbkdf2_sha256$600000$salt%d$aGFzaA==", i) })},
		"tokens":           {"secret", times(4, func(i int) string { return fmt.Sprintf("ghp_abcdefghijklmnopqrstuvwxyz%04d", i) })},
		"random texts":     {"secret", []string{"aB3xK9mQ2pL7vR4t", "zY8wN1cV6bH5jG0s", "qW2eR4tY6uI8oP1a", "mN9bV7cX5zL3kJ1h", "pO0iU8yT6rE4wQ2z"}},
		"given names":      {"given_name", given},
		"family names":     {"family_name", append([]string{"Nowak", "Kowalski", "Hill"}, family...)},
		"names":            {"full_name", times(15, func(i int) string { return given[i] + " " + family[i] })},
		"last name first":  {"full_name", times(15, func(i int) string { return family[i] + ", " + given[i] })},
		"cities":           {"city", append([]string{"Bonn", "Graz"}, lists()["city"]...)},
		"streets":          {"street", times(20, func(i int) string { return fmt.Sprintf("%s %d", lists()["street"][i%5], i+1) })},
		"birth dates":      {"birth_date", times(30, func(i int) string { return fmt.Sprintf("%d-05-%02d", 1950+i*2, i+1) })},
		"comments":         {"free_text", times(9, func(i int) string { return fmt.Sprintf("The customer called about parcel %d again", i) })},
		"words":            {"", times(40, func(i int) string { return []string{"open", "closed", "pending"}[i%3] })},
		"colours": {"", times(90, func(i int) string {
			return []string{"Green", "Brown", "White", "Black", "Gray", "Rose", "Blue", "Red"}[i%8]
		})},
		"numbers":          {"", times(200, func(i int) string { return fmt.Sprint(100000000 + i*7919) })},
		"recent dates":     {"", times(200, func(i int) string { return fmt.Sprintf("2025-%02d-%02d 10:00:00", i%12+1, i%28+1) })},
		"UUIDs":            {"", times(20, func(i int) string { return fmt.Sprintf("5b0f5c1e-8a58-4f6c-9d3a-%012x", i*7919) })},
		"prices":           {"", times(50, func(i int) string { return fmt.Sprintf("%d.%02d", i, i*7%100) })},
		"article numbers":  {"", times(50, func(i int) string { return fmt.Sprintf("ART-%05d", i*31) })},
		"versions":         {"", times(20, func(i int) string { return fmt.Sprintf("v1.%d.%d", i, i*3) })},
		"too few":          {"", []string{"Ada", "Grace"}},
		"nothing":          {"", nil},
		"broken encodings": {"", []string{"\xff\xfe", "\x80", "\xc3\x28"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := first(t, catalog.Text, c.texts...); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Many values have the form of personal data, and are none.
func TestColumnsThatLookPersonal(t *testing.T) {
	for name, texts := range map[string][]string{
		"one comment":       times(40, func(i int) string { return fmt.Sprintf("the usual way of day %d", i%2) }),
		"British postcodes": times(40, func(i int) string { return fmt.Sprintf("DN%d %dJD", 10+i%30, i%10) }),
		"local addresses":   times(40, func(i int) string { return fmt.Sprintf("patient%d@cabinet", i) }),
		"codes that repeat": times(40, func(i int) string { return []string{"394814009", "394814010"}[i%2] }),
	} {
		if got := first(t, catalog.Text, texts...); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestDocumentsAndBytes(t *testing.T) {
	documents := times(10, func(i int) string {
		return fmt.Sprintf(`{"theme": "dark", "contact": {"email": "u%d@mail.example"}, "tags": ["a", "b"], "people": [{"name": "%s %s"}], "n": %d}`, i, lists()["given_name"][i], lists()["family_name"][i], i)
	})
	for _, family := range []catalog.Family{catalog.JSON, catalog.Text} {
		c := New(lists(), 2026).Column(family)
		for _, text := range documents {
			c.Add([]byte(text))
		}
		got := ""
		for _, e := range c.Evidence() {
			got += fmt.Sprintf("%s %s %d of %d; ", e.Path, e.Class, e.Hits, e.Looked)
		}
		if want := "$.contact.email email 10 of 10; $.people[*].name full_name 10 of 10; "; got != want {
			t.Errorf("%s: %s, want %s", family, got, want)
		}
	}
	if got := first(t, catalog.Bytes, `\xffd8ffe000104a464946`, `\xffd8ffe1`, `\x`, `\x89504e470d0a1a0a`); got != "photo" {
		t.Errorf("bytes: %q", got)
	}
	if got := first(t, catalog.JSON, `{`, `[1, {"a": `, `nonsense`, ``, `{"a": {"b": [`); got != "" {
		t.Errorf("broken documents: %q", got)
	}
}

// The keys of some documents are data, so the column has as many paths as rows. The memory for paths must have a
// limit.
func TestPathsAreLimited(t *testing.T) {
	c := New(nil, 2026).Column(catalog.JSON)
	for i := range 10 * most {
		c.Add(fmt.Appendf(nil, `{"k%d": "v"}`, i))
	}
	if c.places > most+1 {
		t.Errorf("%d places, want %d", c.places, most)
	}
}

// Evidence shows paths, so a key that may be data is not shown.
func TestKeysThatAreDataAreNotShown(t *testing.T) {
	c := New(nil, 2026).Column(catalog.JSON)
	for i := range 40 {
		c.Add(fmt.Appendf(nil, `{"ada.%d@mail.example": {"mail": "u%d@mail.example"}, "4711%d": "u%d@mail.example", "Ada %d Lovelace": ["u@mail.example"]}`, i, i, i, i, i))
	}
	many := New(nil, 2026).Column(catalog.JSON)
	for i := range 4 * most {
		many.Add(fmt.Appendf(nil, `{"name%d": "u%d@mail.example", "name%d": "v%d@mail.example", "name%d": "w@mail.example"}`, i/4, i, i/4, i, i/4))
	}
	list := append(c.Evidence(), many.Evidence()...)
	if len(list) < 4 {
		t.Errorf("%d pieces of evidence", len(list))
	}
	for _, e := range list {
		if strings.ContainsAny(e.Path, "@0123456789") || strings.Contains(e.Path, "Ada") {
			t.Errorf("the evidence shows a key that is data: %s", e.Path)
		}
	}
}

// Random digits of any length are no cards and no national numbers.
func TestRandomDigitsAreNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for length := 6; length <= 18; length++ {
		texts := times(1000, func(int) string {
			digits := make([]byte, length)
			for i := range digits {
				digits[i] = byte('0' + r.IntN(10))
			}
			return string(digits)
		})
		if got := first(t, catalog.Text, texts...); got != "" {
			t.Errorf("%d digits: %q", length, got)
		}
	}
}

func TestAtMost(t *testing.T) {
	if got := fmt.Sprintf("%.4f %.2f", AtMost(1000), AtMost(0)); got != "0.0030 0.95" {
		t.Error(got)
	}
}

func FuzzAdd(f *testing.F) {
	for _, text := range []string{`{"a": [1, {"b": "c"}]}`, "4111 1111 1111 1111", `\xffd8ff`, "Ada Lovelace", "]", `{"a": 1} x`, `"a"=>NULL, "b"=>"c"`, `{{a,"b"},NULL}`, `<a b="c">d</a>`, `("a,""b",c)`, `["a",infinity)`, "a;b\nc;d"} {
		f.Add(text)
	}
	l := New(lists(), 2026)
	f.Fuzz(func(_ *testing.T, text string) {
		for _, family := range []catalog.Family{catalog.Text, catalog.JSON, catalog.Bytes, catalog.Hstore, catalog.XML} {
			element := catalog.Type{Family: family}
			pair := catalog.Type{Family: catalog.Composite, Fields: []catalog.Field{{Name: "a", Type: element}, {Name: "b", Type: element}}}
			for _, t := range []catalog.Type{element, {Family: catalog.Array, Elem: &element}, {Family: catalog.Range, Elem: &element}, pair, {Family: catalog.Array, Elem: &pair}} {
				c := l.Of(t)
				c.Add([]byte(text))
				c.Evidence()
				c.Paths()
			}
		}
	})
}
