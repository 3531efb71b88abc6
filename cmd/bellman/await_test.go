package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
)

// atWarning runs do at the first warning, in the goroutine that logs it.
type atWarning struct {
	slog.Handler
	once *sync.Once
	do   func()
}

func (atWarning) Enabled(context.Context, slog.Level) bool { return true }

func (h atWarning) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		h.once.Do(h.do)
	}
	return h.Handler.Handle(ctx, r)
}

// relay carries connections of the listener to an address until it is closed.
func relay(listener net.Listener, to string) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer from.Close()
			server, err := net.Dial("tcp", to)
			if err != nil {
				return
			}
			defer server.Close()
			go func() { _, _ = io.Copy(server, from) }()
			_, _ = io.Copy(from, server)
		}()
	}
}

func TestAStartWaitsForPostgreSQL(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(pgtest.Schema(t))
	require.NoError(t, err)
	direct := u.Host
	password, _ := u.User.Password()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	u.Host = closed.Addr().String()
	require.NoError(t, closed.Close())

	var text bytes.Buffer
	var listener net.Listener
	log := slog.New(atWarning{slog.NewTextHandler(&text, nil), new(sync.Once), func() {
		var err error
		listener, err = net.Listen("tcp", u.Host)
		if err == nil {
			go relay(listener, direct)
		}
	}})
	db, err := database{DB: u.String()}.await(t.Context(), time.Minute, log)
	require.NoError(t, err)
	require.NoError(t, errors.Join(db.Close(), listener.Close()))
	require.Contains(t, text.String(), "the start waits for it")
	require.NotContains(t, text.String(), password)
}

func TestAStartDoesNotWaitForWhatWillNotCome(t *testing.T) {
	t.Parallel()
	log := slog.New(atWarning{slog.DiscardHandler, new(sync.Once), func() { t.Error("it waits") }})
	u, err := url.Parse(pgtest.Schema(t))
	require.NoError(t, err)
	wrong := *u
	wrong.User = url.UserPassword(u.User.Username(), "wrong")
	_, err = database{DB: wrong.String()}.await(t.Context(), time.Hour, log)
	require.Contains(t, explain(err), "password")
	wrong = *u
	wrong.Path = "/there_is_none"
	_, err = database{DB: wrong.String()}.await(t.Context(), time.Hour, log)
	require.Contains(t, explain(err), "does not exist")
	_, err = database{DB: "postgres://127.0.0.1:1/x"}.await(t.Context(), 0, log)
	require.Error(t, err)

	stopped, stop := context.WithCancel(t.Context())
	log = slog.New(atWarning{slog.DiscardHandler, new(sync.Once), stop})
	_, err = database{DB: "postgres://127.0.0.1:1/x"}.await(stopped, time.Hour, log)
	require.Error(t, err, "a stop ends the wait")
}
