//go:build !unix

package process

import "os/exec"

// lead does nothing: this platform has no process groups, and kill ends the program alone.
func lead(*exec.Cmd) {}

func kill(cmd *exec.Cmd) error { return cmd.Process.Kill() }
