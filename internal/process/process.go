// Package process ends a program together with everything that it started.
package process

import "os/exec"

// Group prepares a program, so that Kill ends the program together with everything that it started. The program becomes
// the leader of a process group. Call Group before the program starts. If the command is from exec.CommandContext, the
// end of the context also ends the group.
func Group(cmd *exec.Cmd) {
	lead(cmd)
	if cmd.Cancel != nil {
		cmd.Cancel = func() error { return kill(cmd) }
	}
}

// Kill ends a started program and its group. It does nothing if the group has ended already.
func Kill(cmd *exec.Cmd) { _ = kill(cmd) }
