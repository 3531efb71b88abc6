package main

import (
	"fmt"

	"bellman/internal/store"
)

// role is the part of the work that a process does. Processes that share a
// PostgreSQL may divide it: some answer the APIs, others send.
type role string

// The roles.
const (
	roleAll    role = "all"
	roleAPI    role = "api"
	roleSender role = "sender"
)

// serves reports whether the process answers the APIs.
func (r role) serves() bool { return r != roleSender }

// sends reports whether the process lays out and sends.
func (r role) sends() bool { return r != roleAPI }

// check refuses to divide the work on a database that only one process may use.
func (r role) check(db string) error {
	if r == roleAll || store.IsPostgres(db) {
		return nil
	}
	return fmt.Errorf("the role %s needs PostgreSQL: %s is SQLite, which one process has alone, with the role all", r, db)
}
