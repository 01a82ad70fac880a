package normal

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestObjectsInBase64(t *testing.T) {
	const object, second = `{"email":"anna@mail.example","n":"??>>~~"}`, `{"a":1}`
	url, std := base64.RawURLEncoding.EncodeToString([]byte(object)), base64.StdEncoding.EncodeToString([]byte(object))
	other := base64.RawURLEncoding.EncodeToString([]byte(second))
	if url == strings.TrimRight(std, "=") {
		t.Fatal("both alphabets give the same text")
	}
	for text, want := range map[string]string{
		url:                               object + " ",
		std:                               object + " ",
		"token=" + std + "&x":             object + " ",
		"Bearer " + other + "." + url:     second + " " + object + " ",
		other + " " + url + "/x":          second + " ", // both alphabets in one text
		url[:53]:                          object[:39] + " ",
		"Jey eJy eyj say Juliet's eye Jo": "",
		"some words before eyJ":           "{\" ",
		"eyJhIjoxfQ":                      "",
		"J":                               "", "yJ": "", "": "",
	} {
		if got := string(Objects(nil, []byte(text))); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func FuzzObjects(f *testing.F) {
	f.Add([]byte("x eyJhIjoxfQ.eyJ"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if got := Objects([]byte("x"), text); len(got) > len(text)+1 || got[0] != 'x' {
			t.Errorf("%q: %q", text, got)
		}
	})
}
