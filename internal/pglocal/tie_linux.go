package pglocal

import (
	"os/exec"
	"syscall"
)

// DiesWithParent tells whether a server ends with the process that started it, however that ends.
const DiesWithParent = true

// tie puts the server in a group of its own, so that ctrl-C in the terminal reaches it only through us,
// and makes it end with this process: a test that is killed leaves no server behind.
func tie(cmd *exec.Cmd, die bool) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	if die {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT // an immediate shutdown, sessions included
	}
}
