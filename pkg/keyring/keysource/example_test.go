package keysource_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/masker-project/masker/pkg/keyring/keysource"
)

// Generate makes a key once, in a file that only its owner can read. Each run loads the key from this file.
func ExampleGenerate() {
	dir, err := os.MkdirTemp("", "masker-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "masker.key")
	if err := keysource.Generate(file); err != nil {
		fmt.Println(err)
		return
	}
	first, err := keysource.Load(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := keysource.Load(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the same key:", first.Fingerprint() == second.Fingerprint())
	fmt.Println("a second file there:", keysource.Generate(file) == nil)
	// Output:
	// the same key: true
	// a second file there: false
}
