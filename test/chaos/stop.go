package main

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"sync"
)

// stop ends the servers as an operator does, all at once, and then the sandbox.
func (j *injury) stop() error {
	errs := make([]error, len(j.servers))
	var wait sync.WaitGroup
	for i, s := range j.servers {
		wait.Go(func() { errs[i] = j.stopServer(s) })
	}
	wait.Wait()
	return errors.Join(append(errs, j.sandbox.Stop())...)
}

// stopServer ends a server as an operator does, which is nothing that it logs as an error.
func (j *injury) stopServer(s *server) error {
	before := len(s.process.Log())
	err := s.process.Stop()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stops = append(j.stops, complaints(s.name, s.process.Log()[before:])...)
	return err
}

var errorLine = regexp.MustCompile(`(?m)^.*\blevel=ERROR\b.*$`)

// complaints are sentences about the errors in the log of an orderly stop.
func complaints(name, log string) (all []string) {
	for _, line := range errorLine.FindAllString(log, -1) {
		all = append(all, fmt.Sprintf("%s has an error in its orderly stop: %s", name, line))
	}
	return all
}

// mostMemory is the most memory that a server has had that runs now; 0 where the system does not tell.
func (j *injury) mostMemory() (most int64, err error) {
	for _, s := range j.servers {
		_, peak, err := s.process.Memory()
		if errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		most = max(most, peak)
	}
	return most, nil
}
