package main

import (
	"context"
	"errors"
	"time"

	"bellman/test/harness"
)

func (j *injury) freeze(context.Context, *harness.Process, time.Duration) error {
	return errors.New("Windows has no signal that freezes a process: run chaos on Linux or macOS")
}
