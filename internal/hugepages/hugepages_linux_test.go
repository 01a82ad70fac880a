package hugepages

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// flags returns the kernel's flags of the memory at an address.
func flags(t *testing.T, address uintptr) []string {
	t.Helper()
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	inside := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		var from, to uintptr
		if n, _ := fmt.Sscanf(line, "%x-%x ", &from, &to); n == 2 {
			inside = from <= address && address < to
		}
		if list, ok := strings.CutPrefix(line, "VmFlags:"); ok && inside {
			return strings.Fields(list)
		}
	}
	t.Fatal("the kernel shows no flags of the memory")
	return nil
}

func TestTheKernelIsAskedForLargePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this kernel has no large pages")
	}
	memory := make([]byte, 4*least)
	Advise(memory[1:]) // does not begin at a page
	if got := flags(t, uintptr(unsafe.Pointer(&memory[2*least]))); !slices.Contains(got, "hg") {
		t.Errorf("the memory has the flags %v, want hg", got)
	}
	Advise(nil)
	Advise(make([]byte, 1))
}
