//go:build unix && !linux

package pgtest

import "syscall"

// attributes keep a terminal's Ctrl-C from the process, which the tests still need while they clean up. Only Linux can
// also end it with a parent that was killed.
func (a *account) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: a.credential()}
}
