package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// DB is an open database, on either engine, with a store for each feature. The
// stores implement the Store interfaces that the features declare. All of them
// are safe for concurrent use.
type DB struct {
	*pools

	Activity     Activity
	Audit        Audit
	Bots         Bots
	Campaigns    Campaigns
	Clicks       Clicks
	Contacts     Contacts
	Erasures     Erasures
	Events       Events
	Groups       Groups
	Idempotency  Idempotency
	Imports      Imports
	Installation Installation
	Ledgers      Ledgers
	Live         Live
	Media        Media
	Messages     Messages
	People       People
	Reports      Reports
	Retention    Retention
	Secrets      Secrets
	SentFiles    SentFiles
	Summaries    Summaries
	Triggers     Triggers
	Webhooks     Webhooks
	Workspaces   Workspaces
	Keys         Keys
}

// Open connects to the database at the address (a postgres:// URL or the path
// of a SQLite file, created when missing) and brings its schema up to date. It
// refuses a schema that is newer than this program.
func Open(ctx context.Context, address string) (*DB, error) {
	return opened(ctx, address, true, func(db *DB) error { return db.prepare(ctx) })
}

// prepare brings the schema up to date, and what depends on it.
func (s *DB) prepare(ctx context.Context) error {
	for _, part := range []func(context.Context) error{
		s.migrate, s.partitionsAtStart, s.Contacts.keyFields, s.Contacts.foldNames, s.Campaigns.foldNames,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// ErrNoInstallation is returned by [OpenExisting] for a database that no bellman
// serve has made its own yet.
var ErrNoInstallation = errors.New("store: there is no installation in this database yet")

// OpenExisting is [Open] for commands beside a server. The schema must be the one of
// this program: it is neither made, which is [ErrNoInstallation], nor changed.
func OpenExisting(ctx context.Context, address string) (*DB, error) {
	db, err := opened(ctx, address, false, func(db *DB) error { return db.current(ctx) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoInstallation
	}
	return db, err
}

// opened connects to the database and prepares it.
func opened(ctx context.Context, address string, create bool, prepare func(*DB) error) (*DB, error) {
	p, err := open(address, create)
	if err != nil {
		return nil, fmt.Errorf("store: open database: %w", err)
	}
	if p.d.fit != nil {
		if p.d, err = p.d.fit(ctx, p.write, p.d); err != nil {
			return nil, errors.Join(p.d.classify(err), p.close())
		}
	}
	db := newDB(p)
	if err := prepare(db); err != nil {
		return nil, errors.Join(err, p.close())
	}
	// What prepares may take as long as it takes.
	p.limit.most = callLimit
	return db, nil
}

func newDB(p *pools) *DB {
	return &DB{
		pools:        p,
		Activity:     Activity{p},
		Audit:        Audit{p},
		Bots:         Bots{p},
		Campaigns:    Campaigns{p},
		Clicks:       Clicks{p},
		Contacts:     Contacts{p},
		Erasures:     Erasures{p},
		Events:       Events{p},
		Groups:       Groups{p},
		Idempotency:  Idempotency{p},
		Imports:      Imports{p},
		Installation: Installation{p},
		Ledgers:      Ledgers{p.forDispatch()},
		Live:         Live{p},
		Media:        Media{p},
		Messages:     Messages{p},
		People:       People{p},
		Reports:      Reports{p},
		Retention:    Retention{p},
		Secrets:      Secrets{p},
		SentFiles:    SentFiles{p},
		Summaries:    Summaries{p},
		Triggers:     Triggers{p},
		Webhooks:     Webhooks{p},
		Workspaces:   Workspaces{p},
		Keys:         Keys{p},
	}
}

// Unlimited lets a call take as long as it takes, for a command that does one large
// thing. It is called before any other call.
func (s *DB) Unlimited() { s.limit.most = 0 }

// Close releases every connection.
func (s *DB) Close() error { return s.close() }
