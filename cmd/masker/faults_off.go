//go:build !faults

package main

// faults is where the tests kill the process; a binary that ships has none.
func faults(map[string]string) func(string) { return func(string) {} }
