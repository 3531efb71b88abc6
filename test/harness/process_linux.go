package harness

import "syscall"

// attributes keep a terminal's Ctrl-C from the process, and end it with its parent, however the parent ends.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
