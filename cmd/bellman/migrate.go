package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"bellman/internal/store"
)

type migrateCommand struct {
	database
	Citus bool `help:"Print the SQL that divides the tables among the servers of a Citus cluster, and do nothing else."`
}

// Run brings the schema of the database up to date, or prints how its tables are
// divided.
func (c *migrateCommand) Run() (err error) {
	if c.Citus {
		_, err := fmt.Print(store.ClusterSQL())
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	if !store.IsPostgres(c.DB) {
		if _, err := os.Stat(c.file()); errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("there is no database %s: bellman serve makes one", c.file())
		}
	}
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	db, err := c.open(context.Background())
	if err != nil {
		return err
	}
	fmt.Printf("the schema of %s is that of this version\n", c.shown())
	return db.Close()
}
