package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"bellman/internal/store"
)

// This file is how one process has a SQLite database alone.

// lock reserves the SQLite file, which has to be there, for this process until unlock
// is called. The database is closed before: closing the file that is locked would end
// what SQLite has locked of it. PostgreSQL may have any number of processes.
//
// Two locks are held. That of the file itself holds whatever name it is opened by; not
// every system has it. That of a file beside it tells other commands that this is the
// name, by which SQLite's log is found.
func (d database) lock() (unlock func() error, err error) {
	if store.IsPostgres(d.DB) {
		return func() error { return nil }, nil
	}
	name, err := filepath.EvalSymlinks(d.file())
	if errors.Is(err, os.ErrNotExist) {
		return nil, d.absent()
	}
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	beside := flock.New(name+".lock", flock.SetPermissions(0o600))
	unlock = func() error { return errors.Join(beside.Close(), file.Close()) }
	locked, err := beside.TryLock()
	if err == nil && locked {
		locked, err = lockFile(file)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the database: %w", err), unlock())
	}
	if !locked {
		return nil, errors.Join(fmt.Errorf("another bellman serves %s: stop it first, or give this one another --db", d.shown()), unlock())
	}
	return unlock, nil
}

// servedElsewhere returns an error when a process serves the SQLite file under another
// name, such as a hard link: SQLite would not find that process's log beside this one,
// and damage the database.
func (d database) servedElsewhere() (err error) {
	name, err := filepath.EvalSymlinks(d.file())
	if err != nil {
		return err
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if served, err := isLocked(file); err != nil || !served {
		return err
	}
	beside := flock.New(name + ".lock")
	free, err := beside.TryLock()
	if err != nil || !free {
		return errors.Join(err, beside.Close())
	}
	return errors.Join(fmt.Errorf("a bellman serves the file %s under another name: name it as that one does", d.file()), beside.Close())
}

// make creates the SQLite file, readable by its owner only. It refuses to begin with an
// empty one where traces of another are: a database that was lost is not to be taken
// for one that never was.
func (d database) make() error {
	if store.IsPostgres(d.DB) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(d.file()), 0o700); err != nil {
		return fmt.Errorf("make the folder of the database: %w", err)
	}
	found, err := os.Stat(d.file())
	if err == nil && found.Size() > 0 {
		return nil
	}
	for _, ending := range []string{".key", "-wal"} {
		trace := d.file() + ending
		if _, err := os.Stat(trace); err == nil {
			return fmt.Errorf("the database %s is missing or empty, and %s is left of one: put the database back, or a backup of it and run "+
				"bellman restored; to begin with an empty one, move %s away", d.file(), trace, trace)
		}
	}
	f, err := os.OpenFile(d.file(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	return f.Close()
}
