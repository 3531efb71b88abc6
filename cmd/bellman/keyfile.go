package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"bellman/internal/durable"
	"bellman/internal/seal"
	"bellman/internal/store"
)

// This file is where the installation's secret key is kept: with the operator, or in a file
// beside the SQLite one.

// ring returns the keys of the installation, and makes sure that the secret key is that of
// the database: with another one no bot token could be unsealed, and it is better to learn
// that at the start.
func (d database) ring(ctx context.Context, db *store.DB) (*seal.Ring, error) {
	stored, err := db.Secrets.Ring(ctx)
	if err != nil {
		return nil, err
	}
	pinned := stored.Pin != ""
	ring, err := seal.Open(ctx, db.Secrets, func() (seal.Secret, error) {
		secret, err := d.secret(pinned)
		pinned = true // when it is asked again, no key is made any more
		return secret, err
	})
	if !errors.Is(err, seal.ErrOtherSecret) {
		return ring, err
	}
	if store.IsPostgres(d.DB) {
		// Its address has a password.
		return nil, fmt.Errorf("%w: give the right one as BELLMAN_SECRET_KEY", err)
	}
	if _, absent := os.Stat(d.keyFileOf(stored.Pin)); absent == nil {
		return nil, fmt.Errorf("%w: give the right one as BELLMAN_SECRET_KEY or in %s; it is in %s", err, d.keyFile(), d.keyFileOf(stored.Pin))
	}
	return nil, fmt.Errorf("%w: give the right one as BELLMAN_SECRET_KEY or in %s", err, d.keyFile())
}

// hasKeyFile reports whether the secret key is in a file of Bellman's own.
func (d database) hasKeyFile() bool { return d.SecretKey == "" && !store.IsPostgres(d.DB) }

// keyFile returns the file with the secret key, beside the SQLite one; newKeyFile that with
// the one to which it is being changed, and keyFileOf that with an earlier one, which opens
// earlier backups.
func (d database) keyFile() string    { return d.file() + ".key" }
func (d database) newKeyFile() string { return d.keyFile() + ".new" }
func (d database) keyFileOf(fingerprint seal.Fingerprint) string {
	return d.keyFile() + "." + fingerprint.Short()
}

// secret returns the key that was given, else the one beside the SQLite file. A missing
// one is created, unless the database was made with a key.
func (d database) secret(pinned bool) (seal.Secret, error) {
	if d.SecretKey != "" {
		return readSecret(d.SecretKey, "BELLMAN_SECRET_KEY")
	}
	if store.IsPostgres(d.DB) {
		return seal.Secret{}, fmt.Errorf("with PostgreSQL, set BELLMAN_SECRET_KEY to 32 random bytes in base64 " +
			"(such as from: openssl rand -base64 32) and keep it safe: without it no bot token can be read")
	}
	text, err := os.ReadFile(d.keyFile())
	if errors.Is(err, os.ErrNotExist) && pinned {
		return seal.Secret{}, fmt.Errorf("the secret key of this database is missing: put %s back, or give it as BELLMAN_SECRET_KEY", d.keyFile())
	}
	if errors.Is(err, os.ErrNotExist) {
		return makeSecret(d.keyFile())
	}
	if err != nil {
		return seal.Secret{}, fmt.Errorf("read the secret key: %w", err)
	}
	return readSecret(string(text), d.keyFile())
}

// makeSecret writes a fresh key into a file, durably: what it seals outlives a power cut,
// and so must the key. It never replaces a key: two processes that start together end with
// the same one.
func makeSecret(path string) (seal.Secret, error) {
	fresh := seal.RandomSecret()
	err := durable.NewFile(path, []byte(fresh.Text()+"\n"))
	if errors.Is(err, os.ErrExist) {
		text, err := os.ReadFile(path)
		if err != nil {
			return fresh, fmt.Errorf("read the secret key: %w", err)
		}
		return readSecret(string(text), path)
	}
	if err != nil {
		return fresh, fmt.Errorf("write the secret key: %w", err)
	}
	return fresh, nil
}

func readSecret(text, where string) (seal.Secret, error) {
	s, err := seal.ReadSecret(text)
	if err != nil {
		return s, fmt.Errorf("%s does not hold %d bytes in base64", where, seal.KeySize)
	}
	return s, nil
}

// turnKeyFile puts the new key in the place of the old one, which stays beside it under its
// fingerprint: backups that were made before open with that one.
func (d database) turnKeyFile(old seal.Secret) error {
	err := durable.NewFile(d.keyFileOf(old.Fingerprint()), []byte(old.Text()+"\n"))
	if err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("keep the old secret key: %w", err)
	}
	if err := durable.Rename(d.newKeyFile(), d.keyFile()); err != nil {
		return fmt.Errorf("replace the secret key: %w", err)
	}
	return nil
}
