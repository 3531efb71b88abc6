package store

import (
	"syscall"
	"time"
)

// userTimeout is TCP_USER_TIMEOUT of linux/tcp.h, which package syscall names on some
// architectures only.
const userTimeout = 0x12

// giveUp has the kernel end a TCP connection whose other side has acknowledged
// nothing for so long.
func giveUp(socket uintptr, after time.Duration) error {
	return syscall.SetsockoptInt(int(socket), syscall.IPPROTO_TCP, userTimeout, int(after.Milliseconds()))
}
