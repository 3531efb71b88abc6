package pgtest_test

import (
	"fmt"
	"runtime"
	"testing"
)

// spy is a test that notes how it was ended, to be run in a goroutine of its own.
type spy struct {
	testing.TB
	ended, said string
}

func (s *spy) Fatal(args ...any) { s.end("fatal", args) }

func (s *spy) Skip(args ...any) { s.end("skip", args) }

func (s *spy) end(how string, args []any) {
	s.ended, s.said = how, fmt.Sprint(args...)
	runtime.Goexit()
}
