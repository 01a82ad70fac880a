// Package process ends a program together with everything that it started.
package process

import "os/exec"

// Group makes a program that is about to start the head of a process group. Kill ends the group. So does the end of the
// context of exec.CommandContext.
func Group(cmd *exec.Cmd) {
	lead(cmd)
	if cmd.Cancel != nil {
		cmd.Cancel = func() error { return kill(cmd) }
	}
}

// Kill ends a started program and its group. A group that has ended already is no error.
func Kill(cmd *exec.Cmd) { _ = kill(cmd) }
