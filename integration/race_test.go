//go:build race

package integration

// raceFlags are the flags of go build when the tests run with -race.
var raceFlags = []string{"-race"}
