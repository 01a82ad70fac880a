//go:build unix && !linux

package pglocal

import (
	"os/exec"
	"syscall"
)

// DiesWithParent tells whether a server ends with the process that started it, however that ends.
const DiesWithParent = false

// tie puts the server in a group of its own, so that ctrl-C in the terminal reaches it only through us.
// Ending it with this process is a thing only Linux offers.
func tie(cmd *exec.Cmd, _ bool) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}
