// Command plates is an example of your own treatment. It replaces a licence plate with another plate of the same shape:
// capital letters with capital letters, and digits with digits. The result is the same in every run with the same key.
//
//	plate: {treat: command, run: ["./plates", "plates.key"], sha256: {"./plates": "…", "plates.key": "…"}}
//
// Such a program reads requests from stdin, one JSON object on each line. It answers each request with one line, and
// writes nothing else to stdout. When stdin ends, it ends with exit code 0.
//
// The key is in a file, because masker passes only the environment variables PATH, LANG and TZ to the program. Without
// a key, anybody could compute the results for guessed plates, and compare them with the target.
package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

type request struct {
	ID     int64    `json:"id"`
	Column string   `json:"column"` // schema.table.column; this program treats all columns in the same way
	Values []string `json:"values"`
}

type answer struct {
	ID     int64     `json:"id"`
	Values []*string `json:"values"` // one value for each value of the request; null for NULL
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "plates:", err) // only for a start by hand: masker does not show stderr
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("want one argument, the key file")
	}
	key, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	in, out := json.NewDecoder(bufio.NewReader(stdin)), json.NewEncoder(stdout)
	for {
		var r request
		if err := in.Decode(&r); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("a request is not JSON") // the decoder's error may quote values
		}
		a := answer{ID: r.ID, Values: make([]*string, len(r.Values))}
		for i, v := range r.Values {
			plate := otherPlate(key, v)
			a.Values[i] = &plate
		}
		if err := out.Encode(a); err != nil { // Encode writes one line, and does not buffer it
			return err
		}
	}
}

// otherPlate returns a plate of the same shape that is not the plate itself.
func otherPlate(key []byte, plate string) string {
	for round := byte(0); ; round++ {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte{round})
		mac.Write([]byte(plate))
		bits := mac.Sum(nil)
		out := []byte(plate)
		changes := false
		for i, c := range out {
			b := bits[i%len(bits)]
			switch {
			case c >= '0' && c <= '9':
				out[i], changes = '0'+b%10, true
			case c >= 'A' && c <= 'Z':
				out[i], changes = 'A'+b%26, true
			}
		}
		if !changes {
			return "X-0000" // the value is not a plate, and none of its characters may stay
		}
		if string(out) != plate {
			return string(out)
		}
	}
}
