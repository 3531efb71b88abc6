package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"bellman/internal/bot"
	"bellman/internal/durable"
	"bellman/internal/store"
)

// database are the flags of every command that opens the database.
type database struct {
	DB        string `help:"Where everything is kept: the path of a SQLite file, or a postgres:// URL." default:"data/bellman.db" env:"BELLMAN_DB" secret:"" placeholder:"URL"`
	SecretKey string `help:"The key that seals bot tokens: 32 bytes in base64. With SQLite it is made on the first start, beside the file." env:"BELLMAN_SECRET_KEY" secret:"" placeholder:"KEY"`
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

// key returns the installation's secret key, and makes sure that it is the one
// that the database was made with.
func (d database) key(ctx context.Context, s *store.DB) ([]byte, error) {
	pinned, err := s.Installation.HasKey(ctx)
	if err != nil {
		return nil, err
	}
	key, err := d.secretKey(pinned)
	if err != nil {
		return nil, err
	}
	fingerprint := sha256.Sum256(append([]byte("bellman key "), key...))
	if err := s.Installation.PinKey(ctx, fingerprint[:]); err != nil {
		switch {
		case !errors.Is(err, store.ErrOtherKey):
			return nil, err
		case store.IsPostgres(d.DB):
			// Its address has a password.
			return nil, fmt.Errorf("%w: give the right one as BELLMAN_SECRET_KEY", err)
		}
		return nil, fmt.Errorf("%w: give the right one as BELLMAN_SECRET_KEY or in %s.key", err, d.file())
	}
	return key, nil
}

// beside returns where a folder of the installation is: beside the SQLite file, and
// with PostgreSQL in ./data.
func (d database) beside(folder string) string {
	if store.IsPostgres(d.DB) {
		return filepath.Join("data", folder)
	}
	return filepath.Join(filepath.Dir(d.file()), folder)
}

// secretKey returns the key that was given, else the one beside the SQLite file. A
// missing one is created, unless the database was made with a key.
func (d database) secretKey(pinned bool) ([]byte, error) {
	if d.SecretKey != "" {
		return decodeKey(d.SecretKey, "BELLMAN_SECRET_KEY")
	}
	if store.IsPostgres(d.DB) {
		return nil, fmt.Errorf("with PostgreSQL, set BELLMAN_SECRET_KEY to 32 random bytes in base64 " +
			"(such as from: openssl rand -base64 32) and keep it safe: without it no bot token can be read")
	}
	path := d.file() + ".key"
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && pinned {
		return nil, fmt.Errorf("the secret key of this database is missing: put %s back, or give it as BELLMAN_SECRET_KEY", path)
	}
	if errors.Is(err, os.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret key: %w", err)
	}
	return decodeKey(string(text), path)
}

// makeKey writes a fresh key, durably: the tokens that it seals outlive a power
// cut, and so must the key. It never replaces a key: two processes that start
// together end with the same one.
func makeKey(path string) ([]byte, error) {
	key := bot.NewKey()
	err := durable.NewFile(path, []byte(base64.StdEncoding.EncodeToString(key)+"\n"))
	if errors.Is(err, os.ErrExist) {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the secret key: %w", err)
		}
		return decodeKey(string(text), path)
	}
	if err != nil {
		return nil, fmt.Errorf("write the secret key: %w", err)
	}
	return key, nil
}

func decodeKey(text, where string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != bot.KeySize {
		return nil, fmt.Errorf("%s does not hold %d bytes in base64", where, bot.KeySize)
	}
	return key, nil
}
