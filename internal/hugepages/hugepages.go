// Package hugepages asks the operating system for large pages. The processor finds the page of an address in a small
// table. Memory of many megabytes has too many small pages for this table. So a program that reads such memory at
// places far from each other waits for the table, too. Large pages are 512 times as large.
package hugepages

// least is the size in bytes of a large page. Smaller memory cannot have one.
const least = 2 << 20

// Advise asks the operating system to use large pages for memory that was not used before. If the operating system has
// no large pages, or if its settings forbid them, nothing changes.
func Advise(memory []byte) {
	if len(memory) >= least {
		advise(memory)
	}
}
