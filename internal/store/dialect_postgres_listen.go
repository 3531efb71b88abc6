package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// channel is the name under which processes notify each other of work, sayings that under
// which they say to each other what has changed. Both are shared by all schemas of a database:
// the first line of what is said names the schema.
const (
	channel = "bellman_work"
	sayings = "bellman_live"
)

// echoLimit is how long a listener waits to hear itself.
const echoLimit = 3 * time.Second

// listenPostgres listens on a connection of its own. It first makes sure that it hears
// what another connection says: a server may not know the statement, and a pooler in
// between may give the connection that listens to somebody else.
//
// It calls begun once it hears, and heard with what is said behind the name of the schema.
func listenPostgres(
	ctx context.Context, config *pgx.ConnConfig, others *sql.DB, channel string, begun func(), heard func(text string),
) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() {
		// Nothing is lost with the connection, whether it closes well or not.
		_ = conn.Close(context.WithoutCancel(ctx))
	}()
	var schema, echo string
	if err := conn.QueryRow(ctx, `SELECT current_schema(), current_schema() || '/' || pg_backend_pid()`).Scan(&schema, &echo); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `LISTEN `+channel); err != nil {
		return deaf(err)
	}
	if _, err := others.ExecContext(ctx, `SELECT pg_notify($1, $2)`, channel, echo); err != nil {
		return deaf(err)
	}
	if err := hear(ctx, conn, echo); err != nil {
		return err
	}
	begun()
	for {
		notification, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if of, text, _ := strings.Cut(notification.Payload, "\n"); of == schema {
			heard(text)
		}
	}
}

// hear waits for the echo, whatever else is said.
func hear(ctx context.Context, conn *pgx.Conn, echo string) error {
	patient, cancel := context.WithTimeout(ctx, echoLimit)
	defer cancel()
	for {
		notification, err := conn.WaitForNotification(patient)
		switch {
		case err != nil && ctx.Err() == nil && patient.Err() != nil:
			return fmt.Errorf("%w: what one connection says does not reach another", ErrDeaf)
		case err != nil:
			return err
		case notification.Payload == echo:
			return nil
		}
	}
}

// deaf returns the error of a server that refuses to notify as ErrDeaf, and any other
// error as it is.
func deaf(err error) error {
	if notKnown(err) {
		return fmt.Errorf("%w: %w", ErrDeaf, err)
	}
	return err
}
