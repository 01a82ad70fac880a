//go:build !unix

package process

import "os/exec"

// lead does nothing, because this platform has no process groups.
func lead(*exec.Cmd) {}

// kill ends the program, but not the programs that it started.
func kill(cmd *exec.Cmd) error { return cmd.Process.Kill() }
