// Command turn is a program for the treatment command. It reverses texts.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
)

func main() {
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for {
		var batch struct {
			ID     int64    `json:"id"`
			Values []string `json:"values"`
		}
		if err := in.Decode(&batch); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			os.Exit(1)
		}
		for i, v := range batch.Values {
			letters := []rune(v)
			slices.Reverse(letters)
			batch.Values[i] = string(letters)
		}
		if out.Encode(batch) != nil {
			os.Exit(1)
		}
	}
}
