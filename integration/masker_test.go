package integration

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// binaries is the folder of the masker binaries. TestMain makes and removes it.
var binaries string

// build builds the binaries once, when the first test needs a binary. If the tests run with the race detector, the
// binaries are built with it too. A binary that finds a race exits with 66, which no test expects.
var build = sync.OnceValue(func() error {
	for name, flags := range map[string][]string{"masker": nil, "masker-faults": {"-tags", "faults"}} {
		args := append(append(append([]string{"build"}, raceFlags...), flags...), "-o", filepath.Join(binaries, name), "../cmd/masker")
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w\n%s", err, out)
		}
	}
	return nil
})

func binaryOf(t *testing.T, name string) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(binaries, name)
}

// masker returns the path of the normal binary.
func masker(t *testing.T) string {
	t.Helper()
	return binaryOf(t, "masker")
}

// maskerWithFaults returns the path of the binary that MASKER_FAULT can kill or stop at named points.
func maskerWithFaults(t *testing.T) string {
	t.Helper()
	return binaryOf(t, "masker-faults")
}
