package e2e_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/linetest"
	"bellman/internal/pgtest"
	"bellman/internal/sandbox"
)

// mendedWithin is how soon messages leave again when the database, or the way to it, is mended.
const mendedWithin = 15 * time.Second

// ready returns the status and the sentence of /readyz.
func (b installation) ready(t *testing.T) (status int, says string) {
	t.Helper()
	r, err := http.Get("http://" + b.Address + "/readyz")
	require.NoError(t, err)
	defer func() { _ = r.Body.Close() }() // it was only read
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, string(text)
}

// survives breaks something under a broadcast, until the process is not ready, and mends it.
func (b installation) survives(t *testing.T, telegram *sandbox.Sandbox, lose, mend func()) {
	t.Helper()
	const people = 450
	bot, err := b.ConnectBot(t.Context(), botToken)
	require.NoError(t, err)
	require.NoError(t, b.AddChats(t.Context(), bot.AppUUID, 501, people))
	made, err := b.Broadcast(t.Context(), bot.ID, "hello")
	require.NoError(t, err)
	eventually(t, "the broadcast is under way", func() bool { return telegram.Stats().Messages > 30 })

	lose()
	eventually(t, "it is not ready", func() bool { status, _ := b.ready(t); return status == http.StatusServiceUnavailable })
	eventually(t, "nothing leaves any more", func() bool {
		sent := telegram.Stats().Messages
		time.Sleep(time.Second)
		return telegram.Stats().Messages == sent
	})
	sent := telegram.Stats().Messages
	require.Less(t, sent, int64(people), "the broadcast was over before")

	mend()
	mended := time.Now()
	eventually(t, "messages leave again", func() bool { return telegram.Stats().Messages > sent })
	again := time.Since(mended)
	require.Less(t, again, mendedWithin)
	eventually(t, "it is ready", func() bool { status, _ := b.ready(t); return status == http.StatusOK })
	require.Less(t, time.Since(mended), mendedWithin)
	eventually(t, "the broadcast ends", func() bool {
		now, err := b.Campaign(t.Context(), made.ID)
		return err == nil && now.State == "finished"
	})
	now, err := b.Campaign(t.Context(), made.ID)
	require.NoError(t, err)
	require.EqualValues(t, people, now.Counts.Sent+now.Counts.Unknown, now)
	stats := telegram.Stats()
	require.Zero(t, stats.Duplicates)
	require.GreaterOrEqual(t, stats.Messages, now.Counts.Sent)
	t.Logf("sent again after %s; %d unknown", again.Round(100*time.Millisecond), now.Counts.Unknown)
	require.NoError(t, b.server.Stop())
}

// TestASilentDatabase is TestTheWayToTheDatabase where no network namespaces are to be had: what stands in between
// takes what is sent, and neither answers nor closes anything.
func TestASilentDatabase(t *testing.T) {
	t.Parallel()
	telegram := sandbox.Start(t, sandbox.Options{})
	line, address := linetest.Start(t, pgtest.Schema(t))
	startBellman(t, address, telegram.URL()).survives(t, telegram, line.Lose, line.Find)
}

// TestADatabaseIsTakenAway moves the SQLite file away under a broadcast, and back.
func TestADatabaseIsTakenAway(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bellman.db")
	telegram := sandbox.Start(t, sandbox.Options{})
	b := startBellman(t, path, telegram.URL())
	b.survives(t, telegram, func() { require.NoError(t, os.Rename(path, path+".away")) }, func() {
		_, says := b.ready(t)
		require.Contains(t, says, "the database is gone")
		err := b.Call(t.Context(), http.MethodGet, "/manage/v1/bots", nil, nil)
		require.ErrorContains(t, err, "503")
		require.ErrorContains(t, err, "database_missing")
		require.Regexp(t, `the database did not take a step.*no such file or directory`, b.server.Log())
		require.NoFileExists(t, path)
		require.NoError(t, os.Rename(path+".away", path))
	})
}
