//go:build unix && !linux

package pglocal

import (
	"os/exec"
	"syscall"
)

// DiesWithParent says whether a server ends with the process that started it, even if that process is killed.
const DiesWithParent = false

// tie puts the server in its own process group, so that ctrl-C in the terminal reaches only this process. Only Linux
// can end the server with this process.
func tie(cmd *exec.Cmd, _ bool) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}
