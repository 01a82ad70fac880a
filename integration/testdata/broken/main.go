// Command broken is a program for the treatment command that treats values wrongly. Its argument says how.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
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
			batch.Values[i] = treat(os.Args[1], v)
		}
		if out.Encode(batch) != nil {
			os.Exit(1)
		}
	}
}

// kept is a part of the values that the fault "rarely" leaves as they are.
const kept = "+vip@"

func treat(fault, value string) string {
	switch fault {
	case "identity":
		return value
	case "rarely":
		if strings.Contains(value, kept) {
			return value
		}
		return pseudonym(value)
	case "case":
		return strings.ToUpper(value)
	case "trim":
		return strings.TrimSpace(value)
	case "prefix":
		return value[:6] + pseudonym(value[6:])
	case "suffix":
		return pseudonym(value[:len(value)-6]) + value[len(value)-6:]
	case "reverse":
		letters := []rune(value)
		slices.Reverse(letters)
		return string(letters)
	case "base64":
		return base64.StdEncoding.EncodeToString([]byte(value))
	case "hex":
		return hex.EncodeToString([]byte(value))
	case "percent":
		return url.QueryEscape(value)
	}
	return pseudonym(value)
}

// pseudonym returns a text that tells nothing about the value.
func pseudonym(value string) string {
	sum := sha256.Sum256([]byte("a pseudonym of " + value))
	return strings.ToLower(hex.EncodeToString(sum[:8]))
}
