// Package process ends a program together with everything that it started.
package process

import "os/exec"

// Group makes a program that has not started yet the leader of a process group. Kill ends the group. If the command is
// from exec.CommandContext, the end of its context ends the group, too.
func Group(cmd *exec.Cmd) {
	lead(cmd)
	if cmd.Cancel != nil {
		cmd.Cancel = func() error { return kill(cmd) }
	}
}

// Kill ends a started program and its group. It does nothing if the group has ended already.
func Kill(cmd *exec.Cmd) { _ = kill(cmd) }
