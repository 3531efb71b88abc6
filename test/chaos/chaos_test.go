package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/test/harness"
)

// bellman is the program under test, built once.
var bellman string

func TestMain(m *testing.M) {
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (code int, err error) {
	folder, err := os.MkdirTemp("", "bellman-chaos-test-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if bellman, err = harness.Build(context.Background(), folder); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// TestRun is a short run on each engine. The seeds are such that something dies in the middle of it, but hardly ever an
// import or a webhook at work: its lease would run for half a minute.
func TestRun(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		engine string
		seed   uint64
		with   []kind
	}{
		{sqlite, 6595, []kind{kill, away}},
		{postgres, 16193, []kind{silentDatabase, kill, postgresImmediate}},
	} {
		t.Run(tt.engine, func(t *testing.T) {
			t.Parallel()
			p := draw(tt.seed, tt.engine, short)
			for _, want := range tt.with {
				require.True(t, p.has(want), "the seed draws no %s: %+v", want, p.faults)
			}
			var server *pgtest.Server
			if tt.engine == postgres {
				server = startPostgres(t)
			}
			r, err := carryOut(t.Context(), bellman, t.TempDir(), p, server)
			require.NoError(t, err)
			t.Log(r)
			require.Positive(t, r.imports)
			require.Positive(t, r.sends)
			require.Positive(t, r.activities)
			require.Empty(t, r.broken, "faults:\n%s", strings.Join(r.log, "\n"))
			for _, want := range tt.with {
				require.Positive(t, r.faults[string(want)], "%s was not carried out", want)
			}
		})
	}
}

func (p plan) has(k kind) bool {
	for _, f := range p.faults {
		if f.kind == k {
			return true
		}
	}
	return false
}

// startPostgres starts a server for this test only: the one that tests share must not be
// crashed.
func startPostgres(t *testing.T) *pgtest.Server {
	t.Helper()
	server, err := pgtest.Start(t.Context(), pgtest.Config{Durable: true})
	if errors.Is(err, pgtest.ErrNoBinaries) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}
