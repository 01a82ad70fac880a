package escrow_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/masker-project/masker/pkg/escrow"
)

// The example stores the checkpoints of a ledger in a folder. Two different checkpoints over the same number of records
// are a conflict.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "masker-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	place, err := escrow.New(escrow.Spec{File: dir}, nil)
	if err != nil {
		log.Fatal(err)
	}
	note := func(size int, root string) []byte { // in the form of ledger.Checkpoint.Note
		return fmt.Appendf(nil, "shop\n%d\n%s\n\nsignature\n", size, root)
	}
	for _, size := range []int{2, 4} {
		if err := place.Put(ctx, "nightly", note(size, "aGFzaDE=")); err != nil {
			log.Fatal(err)
		}
	}
	latest, err := place.Latest(ctx)
	fmt.Printf("%q %v\n", latest, err)

	var conflict *escrow.Conflict
	fmt.Println("conflict:", errors.As(place.Put(ctx, "nightly", note(4, "aGFzaDI=")), &conflict))
	// Output:
	// "shop\n4\naGFzaDE=\n\nsignature\n" <nil>
	// conflict: true
}
