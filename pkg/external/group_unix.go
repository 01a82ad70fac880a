//go:build unix

package external

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the program the head of a process group, which kill ends as a whole.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill ends the program's group; a group that is gone is what was wanted.
func (p *Process) kill() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }
