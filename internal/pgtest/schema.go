package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// URLEnv names the environment variable with the URL of the server that tests share.
const URLEnv = "BELLMAN_TEST_POSTGRES"

const schemaLimit = 30 * time.Second

// Schema returns the URL of a fresh, empty schema for this test alone; connections made with it find and create tables
// there. The schema is dropped when the test ends, so whatever the test connects must be closed by then. Without a
// server in [URLEnv] the test is skipped, or fails when CI=true.
func Schema(tb testing.TB) string {
	tb.Helper()
	server := os.Getenv(URLEnv)
	if server == "" {
		absent(tb)
	}
	name := schemaName(tb.Name())
	if err := execute(server, "CREATE SCHEMA "+name); err != nil {
		tb.Fatalf("create schema for test: %v", err)
	}
	tb.Cleanup(func() {
		if err := execute(server, "DROP SCHEMA "+name+" CASCADE"); err != nil {
			tb.Errorf("drop the test's schema (are its connections closed?): %v", err)
		}
	})
	at, err := withSearchPath(server, name)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

func absent(tb testing.TB) {
	tb.Helper()
	const how = URLEnv + " is not set: run `make test`, which starts a PostgreSQL for the tests"
	if os.Getenv("CI") == "true" {
		tb.Fatal(how)
	}
	tb.Skip(how)
}

// schemaName tells a person at psql whose schema it is, within PostgreSQL's 63 bytes.
func schemaName(test string) string {
	readable := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(test))
	return "t_" + readable[:min(len(readable), 30)] + "_" + strings.ToLower(rand.Text())
}

func withSearchPath(server, schema string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("%s is not a URL", URLEnv)
	}
	query := u.Query()
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	return u.String(), nil
}

func execute(server, statement string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), schemaLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	return err
}
