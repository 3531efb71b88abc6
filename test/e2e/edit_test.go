package e2e_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/sandbox"
	"bellman/test/harness"
)

// TestEditsOutliveAKill puts another picture and text in the place of what a broadcast has sent, and kills the process
// in the middle: in the end every chat shows the new ones, in the message that was sent, or its delivery says why not.
// Then all of it is deleted.
func TestEditsOutliveAKill(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			const people, first, blocked = 90, 501, 520
			db := filepath.Join(t.TempDir(), "bellman.db")
			if engine == "postgres" {
				db = pgtest.Schema(t)
			}
			telegram := sandbox.Start(t, sandbox.Options{})
			b := startBellman(t, db, telegram.URL())
			bot, err := b.ConnectBot(t.Context(), botToken)
			require.NoError(t, err)
			require.NoError(t, b.AddChats(t.Context(), bot.AppUUID, first, people))
			var wrong, right struct{ ID int64 }
			b.post(t, "/manage/v1/messages", map[string]any{
				"name": "wrong", "text": "10 for all", "media": []any{map[string]any{"kind": "photo", "url": "https://shop.example/wrong.jpg"}},
			}, &wrong)
			b.post(t, "/manage/v1/messages", map[string]any{
				"name": "right", "text": "9 for all", "media": []any{map[string]any{"kind": "photo", "id": b.upload(t)}},
			}, &right)
			var sent, change harness.Campaign
			b.post(t, "/manage/v1/campaigns",
				map[string]any{"name": "c", "botId": bot.ID, "messageId": wrong.ID, "audience": map[string]any{"all": true}}, &sent)
			b.post(t, fmt.Sprintf("/manage/v1/campaigns/%d/launch", sent.ID), nil, nil)
			ended := func(c *harness.Campaign) func() bool {
				return func() bool {
					now, err := b.Campaign(t.Context(), c.ID)
					require.NoError(t, err)
					*c = now
					return now.State == "finished"
				}
			}
			eventually(t, "the broadcast ends", ended(&sent))
			require.EqualValues(t, people, sent.Counts.Sent)
			telegram.Block(bot.TelegramID, blocked)

			b.post(t, fmt.Sprintf("/manage/v1/campaigns/%d/edit", sent.ID), map[string]any{"messageId": right.ID}, &change)
			edited := func() (n int) {
				for _, m := range telegram.Messages(bot.TelegramID, 0, 0, people) {
					if m.Edited {
						n++
					}
				}
				return n
			}
			eventually(t, "the edit is under way", func() bool { return edited() >= 5 })
			require.NoError(t, b.server.Kill())
			require.Less(t, edited(), people-1, "it is killed in the middle")
			b.server, err = b.program.Start(t.Context(), "again", b.Address, "serve", "--db", db, "--telegram-url", telegram.URL())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, b.server.Kill()) })
			eventually(t, "the edit ends", ended(&change))
			require.Equal(t, harness.Counts{Recipients: people, Sent: people - 1, Failed: 1}, change.Counts)

			rows, err := b.Deliveries(t.Context(), change.ID)
			require.NoError(t, err)
			reasons := map[int64]string{}
			for _, r := range rows {
				if r.Status != "sent" {
					reasons[r.ChatID] = r.Reason
				}
			}
			require.Equal(t, map[int64]string{blocked: "bot_blocked"}, reasons)
			messages := telegram.Messages(bot.TelegramID, 0, 0, 2*people)
			require.Len(t, messages, people, "nobody got a second message")
			for _, m := range messages {
				if m.Chat == blocked {
					require.Equal(t, "10 for all", m.Text)
					continue
				}
				require.Equal(t, "9 for all", m.Text)
				require.NotEmpty(t, m.Media.SHA256, "it is the file that was uploaded")
			}

			b.post(t, fmt.Sprintf("/manage/v1/campaigns/%d/delete", sent.ID), nil, &change)
			eventually(t, "the deletion ends", ended(&change))
			require.EqualValues(t, people-1, change.Counts.Sent)
			for _, m := range telegram.Messages(bot.TelegramID, 0, 0, 2*people) {
				require.Equal(t, m.Chat != blocked, m.Deleted, m.Chat)
			}
		})
	}
}
