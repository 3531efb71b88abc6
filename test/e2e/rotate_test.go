package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/sandbox"
	"bellman/internal/seal"
	"bellman/test/harness"
)

// TestSecretKeyIsRotated changes the secret key twice in the middle of a broadcast, with commands that are killed at
// moments that come later and later, beside the server. Everybody gets the broadcast once, and links in it lead where
// they did, also after a start with the new key. The old one is refused.
func TestSecretKeyIsRotated(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			const people = 500
			telegram := sandbox.Start(t, sandbox.Options{})
			r := newRotated(t, engine, telegram.URL())
			bot, err := r.ConnectBot(t.Context(), botToken)
			require.NoError(t, err)
			require.NoError(t, r.AddChats(t.Context(), bot.AppUUID, 501, people))
			made, err := r.Broadcast(t.Context(), bot.ID, `<a href="https://shop.example/sale">Sale</a>`)
			require.NoError(t, err)
			eventually(t, "the broadcast is under way", func() bool { return telegram.Stats().Messages >= 5 })

			first := r.secret
			r.rotate(t)
			r.rotate(t)
			require.Less(t, telegram.Stats().Messages, int64(people), "the key changes in the middle")
			now, err := r.Campaign(t.Context(), made.ID)
			require.NoError(t, err)
			require.Equal(t, "sending", now.State, "nothing is paused")
			eventually(t, "the broadcast ends", func() bool {
				now, err = r.Campaign(t.Context(), made.ID)
				require.NoError(t, err)
				return now.State == "finished"
			})
			require.EqualValues(t, people, now.Counts.Sent, now)
			require.EqualValues(t, people, telegram.Stats().Messages)
			require.Zero(t, telegram.Stats().Duplicates)

			raw, err := json.Marshal(telegram.Messages(bot.TelegramID, 0, 0, people))
			require.NoError(t, err)
			links := regexp.MustCompile(`https://go\.example/r/[\w-]+`).FindAllString(string(raw), -1)
			require.Len(t, links, people)
			require.NoError(t, r.server.Stop())
			r.start(t)
			for _, link := range []string{links[0], links[people-1]} {
				require.Regexp(t, `^https://shop\.example/sale`, r.follow(t, link, browser))
			}
			found, err := r.Bot(t.Context(), bot.ID)
			require.NoError(t, err)
			require.Equal(t, bot.ID, found.ID)
			_, err = r.Broadcast(t.Context(), bot.ID, "after")
			require.NoError(t, err)
			eventually(t, "the bot sends", func() bool { return telegram.Stats().Messages > people })

			r.program.Env = []string{"BELLMAN_SECRET_KEY=" + first}
			_, err = r.program.Output(t.Context(), "user", "list", "--db", r.db)
			require.ErrorContains(t, err, "not the one that this database was made with")
			leaks, err := r.program.Leaks(map[string]string{"the first key": first, "the key": r.secret})
			require.NoError(t, err)
			require.Empty(t, leaks)
		})
	}
}

// rotated is an installation whose secret key is changed: in the file beside SQLite, and by the operator elsewhere.
type rotated struct {
	installation

	db, telegram string
	// secret is the present key; where it is in a file, the first one.
	secret string
	file   bool
}

func newRotated(t *testing.T, engine, telegram string) *rotated {
	t.Helper()
	r := &rotated{db: filepath.Join(t.TempDir(), "bellman.db"), telegram: telegram, file: engine == "sqlite"}
	r.secret = seal.RandomSecret().Text()
	r.program = harness.Program{Binary: bellman, Folder: t.TempDir()}
	if !r.file {
		r.db = pgtest.Schema(t)
		r.program.Env = []string{"BELLMAN_SECRET_KEY=" + r.secret}
	}
	r.start(t)
	t.Cleanup(func() {
		require.NoError(t, r.server.Kill())
		if t.Failed() {
			t.Logf("bellman printed:\n%s", r.server.Log())
		}
	})
	var err error
	if r.file {
		text, err := os.ReadFile(r.db + ".key")
		require.NoError(t, err)
		r.secret = strings.TrimSpace(string(text))
	}
	r.Key, err = r.program.Output(t.Context(), "key", "create", "--db", r.db, "--name", "e2e")
	require.NoError(t, err)
	return r
}

func (r *rotated) start(t *testing.T) {
	t.Helper()
	var err error
	r.Address, err = harness.FreeAddress()
	require.NoError(t, err)
	r.server, err = r.program.Start(t.Context(), "bellman", r.Address,
		"serve", "--db", r.db, "--telegram-url", r.telegram, "--public-url", "https://go.example")
	require.NoError(t, err)
}

// rotate changes the secret key, with commands that are killed first. Where the operator keeps it, the server starts anew
// with the new one in between.
func (r *rotated) rotate(t *testing.T) {
	t.Helper()
	command := r.program
	fresh := seal.RandomSecret().Text()
	if !r.file {
		command.Env = append([]string{"BELLMAN_NEW_SECRET_KEY=" + fresh}, r.program.Env...)
	}
	for after := 5 * time.Millisecond; after < 200*time.Millisecond; after = after * 3 / 2 {
		cmd := exec.CommandContext(t.Context(), command.Binary, "secret", "rotate", "--db", r.db)
		cmd.Env, cmd.Dir = command.Env, command.Folder
		require.NoError(t, cmd.Start())
		kill := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		if kill.Stop() {
			require.NoError(t, err, "it ended by itself")
		}
	}
	said, err := command.Output(t.Context(), "secret", "rotate", "--db", r.db)
	require.NoError(t, err)
	require.NotContains(t, said, fresh)
	if !r.file {
		require.Contains(t, said, "bellman secret retire")
		r.program.Env, r.secret = []string{"BELLMAN_SECRET_KEY=" + fresh}, fresh
		require.NoError(t, r.server.Stop())
		r.start(t)
		_, err = r.program.Output(t.Context(), "secret", "retire", "--db", r.db)
		require.NoError(t, err)
	}
	said, err = r.program.Output(t.Context(), "secret", "status", "--db", r.db)
	require.NoError(t, err)
	require.NotContains(t, said, "under way")
	require.Regexp(t, `(?m)^\d+ .* bots\.token 1$`, said)
}
