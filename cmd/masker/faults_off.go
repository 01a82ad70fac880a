//go:build !faults

package main

// faults does nothing. Only builds for tests have points at which the process can be killed.
func faults(map[string]string) func(string) { return func(string) {} }
