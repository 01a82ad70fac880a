package hugepages

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// advise tells the kernel. The kernel wants an address at the beginning of a page.
func advise(memory []byte) {
	page := uintptr(unix.Getpagesize())
	if before := uintptr(unsafe.Pointer(&memory[0])) % page; before > 0 {
		memory = memory[page-before:]
	}
	_ = unix.Madvise(memory, unix.MADV_HUGEPAGE) // the memory can be used without large pages, too
}
