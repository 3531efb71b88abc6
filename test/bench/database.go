package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"bellman/internal/bot"
	"bellman/internal/pgtest"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/workspace"
)

// database sets the address of a fresh, empty database; drop removes it.
func (b *bench) database(ctx context.Context) (drop func() error, err error) {
	if b.engine == "sqlite" {
		b.address = filepath.Join(b.folder, "bellman.db")
		return func() error { return nil }, nil
	}
	server := os.Getenv(pgtest.URLEnv)
	if server == "" {
		return nil, errors.New(pgtest.URLEnv + " is not set: run make bench")
	}
	u, err := url.Parse(server)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("bench_%d", time.Now().UnixNano())
	if err := execute(ctx, server, "CREATE DATABASE "+name); err != nil {
		return nil, err
	}
	u.Path = "/" + name
	b.address = u.String()
	return func() error {
		return execute(context.WithoutCancel(ctx), server, "DROP DATABASE "+name+" WITH (FORCE)")
	}, nil
}

func execute(ctx context.Context, address, statement string) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// raw opens the database without the store in between.
func (b *bench) raw() (*sql.DB, error) {
	if b.engine == "sqlite" {
		db, err := sql.Open("sqlite", "file:"+b.address+"?_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)&_txlock=immediate")
		if err == nil {
			db.SetMaxOpenConns(1)
		}
		return db, err
	}
	return sql.Open("pgx", b.address)
}

// fill writes n contacts with one chat each at the bot, straight into the
// tables. Chat ids, contact ids and external ids count from 1.
func (b *bench) fill(ctx context.Context, botID, n int64) error {
	db, err := b.raw()
	if err != nil {
		return err
	}
	count := `WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1) `
	take := `SELECT setval('contact_id', $1)`
	if b.engine == "sqlite" {
		take = `UPDATE counters SET last = $1 WHERE name = 'contact_id'`
	}
	for _, s := range []struct {
		text string
		args []any
	}{
		{`INSERT INTO contacts (id, workspace_id, external_customer_id, phone, email, email_key, created_at, updated_at)
			` + count + `SELECT i, 1, 'old-' || CAST(i AS TEXT), '+38050' || CAST(1000000 + i AS TEXT), NULL, NULL, 1, 1 FROM n`, []any{n}},
		{identities, nil},
		{`INSERT INTO chats (bot_id, chat_id, contact_id, created_at) ` + count + `SELECT CAST($2 AS BIGINT), i, i, 1 FROM n`, []any{n, botID}},
		{`UPDATE bots SET subscribers = $1 WHERE id = $2`, []any{n, botID}},
		{take, []any{n}},
		{`ANALYZE`, nil},
	} {
		if _, err := db.ExecContext(ctx, s.text, s.args...); err != nil {
			return errors.Join(fmt.Errorf("fill: %w", err), db.Close())
		}
	}
	return db.Close()
}

// identities writes by what contacts are found, who have external ids and phones that
// nobody shares.
const identities = `
	INSERT INTO identities (workspace_id, kind, value, sharer, contact_id)
	SELECT workspace_id, 1, external_customer_id, 0, id FROM contacts WHERE external_customer_id IS NOT NULL
	UNION ALL SELECT workspace_id, 2, phone, 0, id FROM contacts WHERE phone IS NOT NULL`

// fillChats writes n chats whose contacts are never read.
func (b *bench) fillChats(ctx context.Context, botID, n int64) error {
	db, err := b.raw()
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `
		INSERT INTO chats (bot_id, chat_id, contact_id, created_at)
		WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		SELECT CAST($2 AS BIGINT), 1000 + i, i, 1 FROM n`, n, botID)
	return errors.Join(err, db.Close())
}

// openRing returns the keys of an installation with the secret key.
func openRing(ctx context.Context, s *store.DB, secret []byte) (*seal.Ring, error) {
	return seal.Open(ctx, s.Secrets, func() (seal.Secret, error) { return seal.NewSecret(secret) })
}

// addBot stores a bot whose Bot API server is the given one.
func addBot(ctx context.Context, s *store.DB, ring *seal.Ring, telegramID int64, apiURL string) (bot.Bot, error) {
	return s.Bots.Save(ctx, bot.Bot{
		WorkspaceID: workspace.Default,
		AppUUID:     fmt.Sprintf("00000000-0000-4000-8000-%012d", telegramID),
		TelegramID:  telegramID,
		Username:    "bench_bot",
		Name:        "bench",
		SealedToken: ring.Seal(fmt.Sprintf("%d:bench", telegramID), telegramID),
		APIURL:      apiURL,
		State:       bot.Active,
		CreatedAt:   time.Now(),
		UpdatedAt:   time.Now(),
	})
}
