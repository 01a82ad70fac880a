//go:build unix && !linux

package pglocal

// memoryFolder returns "": only Linux has a folder in memory on every machine.
func memoryFolder() string { return "" }
