package e2e_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"bellman/internal/sandbox"
	"bellman/test/harness"
)

// TestABackupRepeatsNothing takes a backup in the middle of a broadcast, lets it go on to its end, and starts on the
// backup: nobody gets the broadcast twice, and a new message goes out at once.
func TestABackupRepeatsNothing(t *testing.T) {
	t.Parallel()
	const people = 60
	folder := t.TempDir()
	live, backup := filepath.Join(folder, "bellman.db"), filepath.Join(folder, "backup.db")
	telegram := sandbox.Start(t, sandbox.Options{})
	b := startBellman(t, live, telegram.URL())
	bot, err := b.ConnectBot(t.Context(), botToken)
	require.NoError(t, err)
	require.NoError(t, b.AddChats(t.Context(), bot.AppUUID, 501, people))
	made, err := b.Broadcast(t.Context(), bot.ID, "hello")
	require.NoError(t, err)
	campaignIn := func(state string, sent int64) func() bool {
		return func() bool {
			now, err := b.Campaign(t.Context(), made.ID)
			require.NoError(t, err)
			return now.State == state && now.Counts.Sent >= sent
		}
	}
	eventually(t, "the broadcast is under way", campaignIn("sending", 5))
	db, err := sql.Open("sqlite", live)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), `VACUUM INTO '`+backup+`'`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	eventually(t, "the broadcast ends", campaignIn("finished", people))
	require.NoError(t, b.server.Stop())

	said, err := b.program.Output(t.Context(), "restored", "--db", backup)
	require.NoError(t, err)
	require.Contains(t, said, fmt.Sprintf("broadcast %d", made.ID))
	b.Address, err = harness.FreeAddress()
	require.NoError(t, err)
	b.server, err = b.program.Start(t.Context(), "restored", b.Address, "serve", "--db", backup, "--telegram-url", telegram.URL())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.server.Kill()) })
	now, err := b.Campaign(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, "paused", now.State)
	require.Less(t, now.Counts.Sent, int64(people), "the backup was made in the middle")

	var message struct{ ID int64 }
	b.post(t, "/manage/v1/messages", map[string]any{"name": "new", "text": "a new one"}, &message)
	b.post(t, fmt.Sprintf("/manage/v1/messages/%d/send", message.ID),
		map[string]any{"botId": bot.ID, "recipients": []map[string]any{{"token": "501"}}}, nil)
	eventually(t, "the new message arrives", func() bool { return telegram.Stats().Messages == people+1 })
	require.Zero(t, telegram.Stats().Duplicates)
	now, err = b.Campaign(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, "paused", now.State)
}
