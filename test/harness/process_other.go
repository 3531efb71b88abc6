//go:build !linux

package harness

import "syscall"

// attributes are the plain ones: only Linux can end a process with a parent that was killed.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
