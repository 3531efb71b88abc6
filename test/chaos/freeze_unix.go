//go:build unix

package main

import (
	"context"
	"errors"
	"syscall"
	"time"

	"bellman/test/harness"
)

func (j *injury) freeze(ctx context.Context, p *harness.Process, hold time.Duration) error {
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	return errors.Join(wait(ctx, hold), p.Signal(syscall.SIGCONT))
}
