package pgtest

import "syscall"

// attributes keep a terminal's Ctrl-C from the process, which the tests still need while they clean up, and end it with
// its parent, however the parent ends.
func (a *account) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGQUIT, Credential: a.credential()}
}
