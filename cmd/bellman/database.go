package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"bellman/internal/store"
)

// database are the flags of every command that opens the database.
type database struct {
	DB        string `help:"Where everything is kept: the path of a SQLite file, or a postgres:// URL." default:"data/bellman.db" env:"BELLMAN_DB" secret:"" placeholder:"URL"`
	SecretKey string `help:"The key under which the keys are that seal bot tokens and other secrets: 32 bytes in base64. With SQLite it is made on the first start, beside the file." env:"BELLMAN_SECRET_KEY" secret:"" placeholder:"KEY"`
}

// schemed matches an address that begins as a URL does. Windows' drives have one letter.
var schemed = regexp.MustCompile(`^\s*[A-Za-z][A-Za-z0-9+.-]+:`)

// check refuses addresses of which it is not clear what they are: as the path of a
// SQLite file, one would end up on the disk with its password. The errors repeat
// nothing of them.
func (d database) check() error {
	if store.IsPostgres(d.DB) {
		u, err := url.Parse(d.DB)
		if err == nil && u.User == nil && strings.Contains(d.DB, "@") {
			return errors.New("the address of the database cannot be read: in a password, write %2F for /, %3F for ?, %23 for # and %40 for @")
		}
		return nil // who opens it refuses what is malformed
	}
	path := d.file()
	if schemed.MatchString(path) || strings.Contains(path, "://") || strings.Contains(path, "@") || strings.Contains(path, "password=") {
		return errors.New("the database is the path of a SQLite file, or a URL that begins with postgres:// in small letters; " +
			"what --db or BELLMAN_DB says is neither")
	}
	return nil
}

// open connects to the database and brings its schema up to date. A SQLite file has
// to be there; see make.
func (d database) open(ctx context.Context) (*store.DB, error) { return store.Open(ctx, d.DB) }

// openExisting connects to the database of an installation for a command beside its
// server, and makes none.
func (d database) openExisting(ctx context.Context) (*store.DB, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if !store.IsPostgres(d.DB) {
		if err := d.servedElsewhere(); err != nil {
			if errors.Is(err, os.ErrNotExist) {
				return nil, d.absent()
			}
			return nil, err
		}
	}
	db, err := store.OpenExisting(ctx, d.DB)
	if errors.Is(err, store.ErrNoInstallation) {
		return nil, d.absent()
	}
	return db, err
}

// with runs do with the database of an installation, for a command beside its server.
func (d database) with(do func(ctx context.Context, db *store.DB) error) (err error) {
	ctx := context.Background()
	db, err := d.openExisting(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return do(ctx, db)
}

func (d database) absent() error {
	return fmt.Errorf("there is no installation in %s: start bellman serve with it first, "+
		"or name the database of the one that runs (--db, BELLMAN_DB)", d.shown())
}

// shown returns the address of the database for people, without a password.
func (d database) shown() string {
	if !store.IsPostgres(d.DB) {
		return d.file()
	}
	u, err := url.Parse(d.DB)
	if err != nil {
		return "the PostgreSQL database"
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// file returns the path of the SQLite file.
func (d database) file() string { return strings.TrimPrefix(d.DB, "sqlite://") }

// beside returns where a folder of the installation is: beside the SQLite file, and
// with PostgreSQL in ./data.
func (d database) beside(folder string) string {
	if store.IsPostgres(d.DB) {
		return filepath.Join("data", folder)
	}
	return filepath.Join(filepath.Dir(d.file()), folder)
}
