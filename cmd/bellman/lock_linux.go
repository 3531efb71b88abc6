package main

import (
	"errors"
	"os"
	"syscall"
)

// Locks of an open file, as fcntl(2) describes them. Unlike others they are not shared
// by all that this process has opened of the file: SQLite opens and closes it too.
const (
	getLock = 36 // F_OFD_GETLK
	setLock = 37 // F_OFD_SETLK
)

// theByte is the byte that is locked, far behind any that a database has, and those
// that SQLite locks.
func theByte() *syscall.Flock_t {
	return &syscall.Flock_t{Type: syscall.F_WRLCK, Start: 1 << 62, Len: 1}
}

// lockFile locks the file until it is closed, and reports whether nobody else has.
func lockFile(file *os.File) (bool, error) {
	err := syscall.FcntlFlock(file.Fd(), setLock, theByte())
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
		return false, nil
	}
	return err == nil, err
}

// isLocked reports whether another has locked the file.
func isLocked(file *os.File) (bool, error) {
	lock := theByte()
	err := syscall.FcntlFlock(file.Fd(), getLock, lock)
	return lock.Type != syscall.F_UNLCK, err
}
