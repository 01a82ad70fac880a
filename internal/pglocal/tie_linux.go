package pglocal

import (
	"os/exec"
	"syscall"
)

// DiesWithParent says whether a server ends with the process that started it, even if that process is killed.
const DiesWithParent = true

// tie puts the server in its own process group, so that ctrl-C in the terminal reaches only this process. If die is
// true, the server also ends when this process ends. So a test that is killed leaves no server running.
func tie(cmd *exec.Cmd, die bool) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	if die {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT // an immediate shutdown, which ends the sessions too
	}
}
