// Command masker moves a database from a more protected environment to a less
// protected one, treating every column on the way.
//
// This package is wiring: flags and configuration in, one call into pkg/, a rendered
// answer out. It is the only place that knows cobra; its settings read masker.yaml.
package main

import "os"

func main() {
	harden()
	ctx, stop := interruptible(os.Stderr, os.Exit)
	code := run(ctx, os.Args[1:], os.Environ(), stdio{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}
