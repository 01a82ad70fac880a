package pglocal

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// reaper waits until its standard input ends. Then it ends the server $1 and removes its folders $2 and $3.
// postmaster.pid shows whether the server still has this process id. The number of turns is limited, because an ended
// process that nobody waits for still seems to exist.
const reaper = `cat >/dev/null
lives() { [ "$(head -n 1 "$2/data/postmaster.pid" 2>/dev/null)" = "$1" ] && kill -0 "$1" 2>/dev/null; }
lives "$@" && kill -QUIT "$1"
i=0
while lives "$@" && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done
rm -rf "$2" "$3"`

// RemoveAtExit makes sure that the server and its folder are removed when this process ends, even if the process is
// killed. It starts a shell that waits for the end of a pipe. This process holds the other end of the pipe, and the
// kernel closes it when the process ends. The caller must keep s until then. RemoveAtExit is for a server in a
// temporary folder, and not for one in Docker.
func (s *Server) RemoveAtExit() error {
	if !s.temporary || s.container != "" {
		return errors.New("the server is not in a temporary folder")
	}
	in, hold, err := os.Pipe()
	if err != nil {
		return err
	}
	defer in.Close()
	cmd := exec.Command("/bin/sh", "-c", reaper, "masker-pg-reaper", strconv.Itoa(s.pid), s.dir, s.socketDir)
	cmd.Stdin, cmd.Dir = in, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // ctrl-C in the terminal must not end it
	if err := cmd.Start(); err != nil {
		return errors.Join(fmt.Errorf("start sh: %w", err), hold.Close())
	}
	s.hold = hold // without this reference, the garbage collector would close the file
	return cmd.Process.Release()
}
