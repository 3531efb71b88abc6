package pgtest

import (
	"os"
	"syscall"
)

// attributes keep a console's Ctrl-C from the process, which the tests still need while they clean up. Windows has no
// root whose server would have to run as somebody else.
func (a *account) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// ended reports whether there is no process with the id any more.
func ended(pid int) bool {
	p, err := os.FindProcess(pid)
	if err == nil {
		_ = p.Release() // a handle that cannot be closed goes with this process
	}
	return err != nil
}
