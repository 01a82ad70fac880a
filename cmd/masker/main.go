// Command masker moves a database from a more protected environment to a less protected one, and treats every column on
// the way.
//
// Each verb reads its flags and the configuration, calls one function of pkg/, and prints the result. No other package
// imports cobra. The package settings reads masker.yaml.
package main

import "os"

func main() {
	harden()
	ctx, stop := interruptible(os.Stderr, os.Exit)
	code := run(ctx, os.Args[1:], os.Environ(), stdio{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}
