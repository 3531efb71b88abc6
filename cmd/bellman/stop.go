package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// untilStopped returns a context that ends when the process is asked to stop: by
// SIGTERM, by Ctrl-C, or because its terminal closes (SIGHUP). Started with nohup, it
// outlives its terminal, as that promises.
func untilStopped() (ctx context.Context, stop context.CancelFunc) {
	asks := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		asks = append(asks, syscall.SIGHUP)
	}
	return signal.NotifyContext(context.Background(), asks...)
}
