package fingerprint

import "unsafe"

// Advise gets memory of many megabytes before it is used. Fingerprints are random, so this memory is read at places far
// from each other. The caller of NewStore can ask the operating system for large pages. A nil Advise gets nothing.
type Advise func(memory []byte)

// MakeLarge returns a slice of n zero elements, and shows its memory to advise. The elements must not have pointers.
func MakeLarge[T any](n int, advise Advise) []T {
	list := make([]T, n)
	if n > 0 && advise != nil {
		advise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(list))), uintptr(n)*unsafe.Sizeof(list[0])))
	}
	return list
}
