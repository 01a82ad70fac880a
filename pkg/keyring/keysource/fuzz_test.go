package keysource

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/keyring"
)

// FuzzDecode reads random bytes as a key file. The result is a key or an error, and the error never quotes the bytes.
func FuzzDecode(f *testing.F) {
	f.Add(secret())
	f.Add([]byte(hex.EncodeToString(secret()) + "\n"))
	f.Add([]byte(base64.StdEncoding.EncodeToString(secret())))
	f.Add([]byte(" " + base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xfb, 1, 0xff}, 11)) + "==\r\n"))
	f.Add([]byte("correct horse battery staple ..."))
	f.Fuzz(func(t *testing.T, data []byte) {
		before := string(data)
		key, err := decode(data)
		if string(data) != before {
			t.Fatal("the input was changed")
		}
		if err != nil {
			if len(data) >= keyring.MinSecret && strings.Contains(err.Error(), before) {
				t.Fatalf("the error quotes the key: %v", err)
			}
			return
		}
		if len(key) < keyring.MinSecret {
			t.Fatalf("%q is a key of %d bytes", data, len(key))
		}
		inHex, inBase64 := hex.EncodeToString(key), base64.StdEncoding.EncodeToString(key)
		if again, err := decodeText(inHex); err != nil || !bytes.Equal(again, key) {
			t.Fatalf("%q is %x, which in hex is %x (%v)", data, key, again, err)
		}
		if _, err := hex.DecodeString(inBase64); err == nil {
			return // a text that is valid hex is read as hex
		}
		if again, err := decodeText(inBase64); err != nil || !bytes.Equal(again, key) {
			t.Fatalf("%q is %x, which in base64 is %x (%v)", data, key, again, err)
		}
		if len(key) == keyring.MinSecret && !(Resembles(inHex) && Resembles(inBase64)) {
			t.Fatalf("%x does not resemble a key", key)
		}
	})
}
