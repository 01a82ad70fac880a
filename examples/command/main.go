// Command plates is a treatment of your own for masker: it gives every licence plate another of the same
// shape, letters for letters and digits for digits, the same in every run with the same key.
//
//	plate: {treat: command, run: ["./plates", "plates.key"], sha256: "…"}
//
// It shows what a program must do: read requests from stdin, a line of JSON each; answer each with one
// line; say nothing else on stdout; end when stdin ends; exit with 0. Its key comes from a file, because
// a program gets no environment, and because what is made without a key can be guessed back.
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
	Column string   `json:"column"` // schema.table.column; this program treats all alike
	Values []string `json:"values"`
}

type answer struct {
	ID     int64     `json:"id"`
	Values []*string `json:"values"` // as many as there were; null for NULL
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "plates:", err) // masker shows none of it; it is for trying by hand
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
			return fmt.Errorf("a request is not JSON") // without the error: it may quote values
		}
		a := answer{ID: r.ID, Values: make([]*string, len(r.Values))}
		for i, v := range r.Values {
			plate := other(key, v)
			a.Values[i] = &plate
		}
		if err := out.Encode(a); err != nil { // one line, written at once
			return err
		}
	}
}

// other gives a plate of the same shape that is not the plate itself.
func other(key []byte, plate string) string {
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
			return "X-0000" // no plate: nothing of it may stay
		}
		if string(out) != plate {
			return string(out)
		}
	}
}
