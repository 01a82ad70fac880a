package approvalfile_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/masker-project/masker/pkg/approval/approvalfile"
)

// WriteOnce never overwrites a file with other content, so an approved file never changes.
func ExampleWriteOnce() {
	dir, err := os.MkdirTemp("", "masker-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "approvals", "nightly-r1.plan.json")
	fmt.Println(approvalfile.WriteOnce(file, []byte("approved")))
	fmt.Println(approvalfile.WriteOnce(file, []byte("approved")))
	var refused *approvalfile.RefusedError
	fmt.Println(errors.As(approvalfile.WriteOnce(file, []byte("weaker")), &refused))
	// Output:
	// <nil>
	// <nil>
	// true
}
