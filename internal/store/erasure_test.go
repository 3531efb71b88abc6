package store_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/erasure"
	"bellman/internal/imports"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
	"bellman/internal/workspace"
)

// erasures returns a service at so long after the start.
func erasures(s *store.DB, after time.Duration) *erasure.Service {
	at := func() time.Time { return start.Add(after) }
	return erasure.New(s.Erasures, contact.New(s.Contacts, now), at, slog.New(slog.DiscardHandler))
}

// erase erases contacts, to the end.
func erase(t *testing.T, s *store.DB, ids ...int64) {
	t.Helper()
	e := erasures(s, erasure.Settle)
	for _, id := range ids {
		_, err := e.Erase(t.Context(), 1, id)
		require.NoError(t, err)
	}
	require.NoError(t, e.Turn(t.Context()))
	for _, id := range ids {
		got, err := e.Erasure(t.Context(), 1, id)
		require.NoError(t, err)
		require.True(t, got.Done())
	}
}

// export reads all of an export.
func export(t *testing.T, s *store.DB, id int64) {
	t.Helper()
	x, err := erasure.NewExporter(s.Erasures).Open(t.Context(), 1, id, "")
	require.NoError(t, err)
	drain(t, "Deliveries", x.Deliveries(t.Context()))
	drain(t, "Events", x.Events(t.Context()))
	drain(t, "Clicks", x.Clicks(t.Context()))
	drain(t, "Waiting", x.Waiting(t.Context()))
	drain(t, "Imports", x.Imports(t.Context()))
	drain(t, "Answers", x.Answers(t.Context()))
}

func drain[T any](t *testing.T, what string, all func(func(T, error) bool)) {
	t.Helper()
	n := 0
	all(func(_ T, err error) bool {
		require.NoError(t, err)
		n++
		return true
	})
	require.Positive(t, n, what)
}

// untold takes what the webhook is to be told when the recipient is nobody any more.
func untold(t *testing.T, s *store.DB) {
	t.Helper()
	leases, err := s.Webhooks.TakeWebhooks(t.Context(), "untold", start, time.Minute, 100)
	require.NoError(t, err)
	for _, l := range leases {
		if l.WebhookID == 999 {
			b, err := s.Webhooks.Batch(t.Context(), l, 10)
			require.NoError(t, err)
			require.Equal(t, "h", b.Webhook.Name)
			require.Empty(t, b.Entries)
			return
		}
	}
	t.Error("nothing waits for the webhook")
}

// A wholePerson has rows in every table that may have something of a person.
type wholePerson struct{ id, botID int64 }

// whole makes one, with a group that has a new id.
func whole(t *testing.T, s *store.DB) wholePerson {
	t.Helper()
	w := wholePerson{botID: connect(t, s, 991)}
	contacts := contact.New(s.Contacts, now)
	saved, err := contacts.Save(t.Context(), 1, "", contact.Profile{
		ExternalCustomerID: new("whole"), Phone: new("+380509998877"), Email: new("whole@x.ua"),
		Devices: []contact.Device{{Type: contact.WebPush, Token: "whole-token"}},
	})
	require.NoError(t, err)
	w.id = saved.ID
	_, err = contacts.AddTokens(t.Context(), workspace.Workspace{ID: 1}, w.botID,
		[]contact.Token{{ChatID: 9_001, ExternalCustomerID: "whole"}})
	require.NoError(t, err)
	for _, text := range []string{
		`INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name, kind, state, audience, content, laid_seq, laid_cursor,
			created_at, updated_at, launched_at) SELECT 1999998, 1, {bot}, MIN(id), 'b', 'broadcast', 'paused', '{"all":true}', '{"text":"hi"}',
			2, 9001, 1, 1, 1 FROM messages`,
		`INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name, kind, state, audience, content, laid_seq, created_at, updated_at,
			launched_at) SELECT 1999999, 1, {bot}, MIN(id), 't', 'triggered', 'sending', '{}', '{"text":"hi"}', 1, 1, 1, 1 FROM messages`,
		`INSERT INTO ledgers (campaign_id, bot_id) VALUES (1999998, {bot}), (1999999, {bot})`,
		`INSERT INTO recipients (campaign_id, seq, chat_id, contact_id) VALUES (1999998, 1, -77, {id}), (1999998, 2, 9001, {id})`,
		`INSERT INTO recipients (campaign_id, seq, chat_id, contact_id, data) VALUES (1999999, 1, 9001, {id}, '{}')`,
		`INSERT INTO requests (request_id, campaign_id, seq, contact_id, label) VALUES ('whole', 1999999, 1, {id}, 'l')`,
		`INSERT INTO group_moves (bot_id, old_id, new_id) VALUES ({bot}, -77, -100077)`,
		`INSERT INTO clicks (campaign_id, id, seq, contact_id, link, clicked_at) VALUES (1999998, 'w', 2, {id}, 0, 1)`,
		`INSERT INTO event_types (id, workspace_id, key, created_at) VALUES (999, 1, 'whole', 1)`,
		`INSERT INTO events (workspace_id, id, type_id, contact_id, key, params, past, occurred_at, created_at)
			VALUES (1, 900000001, 999, {id}, 'k', '{}', FALSE, 1, 1), (1, 900000002, 999, NULL, 'whole', '{}', FALSE, 1, 1),
				(1, 900000003, 999, NULL, 'k', '{"customer":{"email":"Whole@x.ua"}}', FALSE, 1, 1)`,
		`INSERT INTO webhooks (id, workspace_id, name, url, login, statuses, active, created_at, updated_at)
			VALUES (999, 1, 'h', 'https://x.ua', '', 'UNSUBSCRIBED', TRUE, 1, 1)`,
		`INSERT INTO webhook_attempts (webhook_id, id, message_id, at, took, activities, status, error, content)
			VALUES (999, 1, 'm', 1, 1, 1, 200, '', '[{"s":"UNSUBSCRIBED","c":1,"n":1,"p":{id},"t":9001,"a":1}]')`,
		`INSERT INTO activities (webhook_id, id, status, campaign_id, seq, contact_id, chat_id, at)
			VALUES (999, 1, 'UNSUBSCRIBED', 1999998, 2, {id}, 9001, 1), (999, 2, 'SENT', 1999998, 2, NULL, NULL, 1)`,
		`INSERT INTO accepted (workspace_id, key, request_id, chat_id, created_at) VALUES (1, 'whole', 'whole', 9001, 1)`,
		`INSERT INTO idempotency (workspace_id, key, fingerprint, answer, created_at)
			VALUES (1, 'w1', 'f', '{"contactId":{id}}', 1), (1, 'for whole@x.ua', 'f', '{}', 1)`,
		`INSERT INTO imports (id, workspace_id, session, state, task, link, created_at, changed_at)
			VALUES (999999, 1, 'whole', 'importing', '{}', '', 1, 1)`,
		`INSERT INTO import_parts (import_id, part, contacts, results)
			VALUES (999999, 1, NULL, '{"mapping":[{"value":"whole","contactId":{id}}]}'), (999999, 2, '[{"ExternalCustomerID":"whole"}]', '')`,
	} {
		store.ExecForTest(t, s, filled(text, w))
	}
	store.PressableForTest(t, s, w.botID, 9001, 5, 1999998, 2)
	return w
}

func filled(text string, w wholePerson) string {
	text = regexp.MustCompile(`\{bot\}`).ReplaceAllString(text, fmt.Sprint(w.botID))
	return regexp.MustCompile(`\{id\}`).ReplaceAllString(text, fmt.Sprint(w.id))
}

// The decision has a row for each table, also a new one: whoever makes a table says there
// what of a person is in it.
func TestEachTableIsInTheListOfErasures(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/adr/0040-a-person-can-be-erased.md")
	require.NoError(t, err)
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(string(text), -1) {
		listed = append(listed, m[1])
	}
	var tables []string
	for table := range store.ColumnsForTest(t, storetest.Open(t, storetest.SQLite(t))) {
		tables = append(tables, table)
	}
	require.ElementsMatch(t, tables, listed)
}

// A cutter lets a transaction do all that it does, and not commit.
type cutter struct{ cuts bool }

func (*cutter) Statement(string, []any) error { return nil }
func (*cutter) Row(string, []any) error       { return nil }
func (c *cutter) Commit(commit func() error) error {
	if c.cuts {
		return errors.New("the process dies")
	}
	return commit()
}

// An erasure that is cut anywhere goes on where it was, by another process: each piece and
// how far it came are written together.
func TestErasureIsResumed(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		c := &cutter{}
		s := store.OpenTapped(t, address, c)
		note(t, s)
		people(t, s, connect(t, s, 5), 30)
		p := whole(t, s)
		_, err := erasures(s, 0).Erase(t.Context(), 1, p.id)
		require.NoError(t, err)
		seen := map[erasure.Stage]bool{}
		for turns := 0; ; turns++ {
			b, ok, err := s.Erasures.NextErasures(t.Context(), start.Add(time.Hour), 10)
			require.NoError(t, err)
			if !ok {
				break
			}
			require.Less(t, turns, 100)
			seen[b.Stage] = true
			// A process dies before its piece is committed, and another one does it.
			c.cuts = true
			require.ErrorContains(t, s.Erasures.EraseSome(t.Context(), b, start, start), "dies")
			c.cuts = false
			require.NoError(t, s.Erasures.EraseSome(t.Context(), b, start, start))
			// One that is late changes nothing.
			require.NoError(t, s.Erasures.EraseSome(t.Context(), b, start, start))
		}
		require.Len(t, seen, int(erasure.Finished)+1)
		untold(t, s)
		left := storetest.Traces(t, address, []string{"whole", "380509998877"}, []int64{9001, -77, -100077})
		left = slices.DeleteFunc(left, func(trace string) bool {
			// These are no person's: the type of an event, the session of an import.
			return regexp.MustCompile(`^(event_types\.key|imports\.session)`).MatchString(trace)
		})
		require.Empty(t, left)
	})
}

// A message on the wire is waited for, so that what became of it is erased with the rest;
// for an hour, as its sender may be gone for good. Other recipients get nothing.
func TestErasureWaitsForTheWire(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		s := storetest.Open(t, address)
		botID := connect(t, s, 5)
		id := broadcast(t, s, botID, 6)
		lease := hold(t, s, "p")
		_, err := s.Ledgers.Adopt(t.Context(), botID, lease.Epoch, start)
		require.NoError(t, err)
		steps := int64(0)
		step := func(c dispatch.CampaignStep) []dispatch.Recipient {
			t.Helper()
			steps++
			c.CampaignID, c.BotID, c.Epoch, c.Pressable = id, botID, lease.Epoch, true
			got, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: steps, Now: start, Campaigns: []dispatch.CampaignStep{c}})
			require.NoError(t, err)
			require.False(t, got[0].Fenced || got[0].Stopped)
			return got[0].Recipients
		}
		claimed := step(dispatch.CampaignStep{ClaimTo: 2})
		first, later := claimed[0].ContactID, store.CountForTest(t, s, `SELECT contact_id FROM recipients WHERE seq = 4`)
		for _, gone := range []int64{first, later} {
			_, err := erasures(s, 0).Erase(t.Context(), 1, gone)
			require.NoError(t, err)
		}
		soon := erasures(s, erasure.Settle)
		require.NoError(t, soon.Turn(t.Context()))
		e, err := soon.Erasure(t.Context(), 1, first)
		require.NoError(t, err)
		require.False(t, e.Done(), "its message is on the wire")

		o := dispatch.CampaignStep{ClaimFrom: 2, ClaimTo: 6, SettledSeq: 1, Outcomes: []dispatch.Outcome{
			{Recipient: claimed[0], Status: outcome.Sent, Detail: "words", TelegramMessageID: 8, SettledAt: start}}}
		for _, r := range step(o) {
			require.Equal(t, r.ContactID == later, r.Barred == dispatch.ChatRemoved, "nothing is sent to who has gone")
		}
		require.EqualValues(t, 1, store.CountForTest(t, s, `SELECT COUNT(*) FROM pressable`))
		require.NoError(t, soon.Turn(t.Context()))
		e, err = soon.Erasure(t.Context(), 1, first)
		require.NoError(t, err)
		require.False(t, e.Done(), "another one is claimed now, and skipped soon")
		require.NoError(t, erasures(s, erasure.Patience+time.Second).Turn(t.Context()))
		e, err = soon.Erasure(t.Context(), 1, first)
		require.NoError(t, err)
		require.True(t, e.Done())
		for query, want := range map[string]int64{
			`SELECT COUNT(*) FROM pressable`: 0, `SELECT COUNT(*) FROM recipients WHERE contact_id = 0 AND chat_id = 0`: 2,
			`SELECT COUNT(*) FROM outcomes WHERE detail IS NULL AND telegram_message_id IS NULL`: 1, `SELECT sent FROM ledgers`: 1,
		} {
			require.Equal(t, want, store.CountForTest(t, s, query), query)
		}
	})
}

// Beside an import that has the person in it: the process that runs it loses it, its part
// is imported without the person by the next one, and nobody takes it before that.
func TestErasureBesideImport(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		contacts := contact.New(s.Contacts, now)
		gone, err := contacts.Save(t.Context(), 1, "UA", contact.Profile{Phone: new("+380509998877")})
		require.NoError(t, err)
		service := imports.New(imports.Config{Store: s.Imports, Workspaces: workspace.New(s.Workspaces, now), Contacts: contacts, Now: now,
			NewID: func() string { return "session" }})
		profile := func(phone string) contact.Profile { return contact.Profile{Phone: &phone} }
		_, err = service.Accept(t.Context(), 1, []contact.Profile{profile("+380 (50) 999-88-77"), profile("+380501112233")},
			imports.Task{ImportOptions: contact.ImportOptions{DedupeOn: contact.OnSMS}})
		require.NoError(t, err)
		i, err := service.Find(t.Context(), 1, "session")
		require.NoError(t, err)
		running := storetest.TakeImport(t, s, i.ID)
		_, err = erasures(s, 0).Erase(t.Context(), 1, gone.ID)
		require.NoError(t, err)
		require.ErrorIs(t, service.Run(t.Context(), running), imports.ErrLeaseLost)
		require.Equal(t, "nobody", storetest.TakeImport(t, s, i.ID).Owner, "it waits for the erasure")
		require.NoError(t, erasures(s, 0).Turn(t.Context()))
		require.NoError(t, service.Run(t.Context(), storetest.TakeImport(t, s, i.ID)))
		i, _, err = service.Get(t.Context(), 1, "session")
		require.NoError(t, err)
		require.Equal(t, imports.Finished, i.State)
		require.Equal(t, imports.Count{Created: 1, Skipped: 1}, i.Count)
		require.EqualValues(t, 1, store.CountForTest(t, s, `SELECT COUNT(*) FROM contacts`))
		require.EqualValues(t, 1, store.CountForTest(t, s, `SELECT attempts FROM imports`))
	})
}

// A click of somebody who was erased counts, and is nobody's.
func TestClickAfterErasure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		id := broadcast(t, s, connect(t, s, 5), 2)
		gone := store.CountForTest(t, s, `SELECT contact_id FROM recipients WHERE seq = 1`)
		erase(t, s, gone)
		clicks := []track.Click{
			{ID: "1", CampaignID: id, Seq: 1, ContactID: gone, Agent: "Chrome", Target: "https://x.ua/me", At: start},
			{ID: "2", CampaignID: id, Seq: 1, ContactID: gone, Press: "q", Data: "me", At: start},
			{ID: "3", CampaignID: id, Seq: 2, ContactID: gone + 1, Agent: "Chrome", Target: "https://x.ua/other", At: start},
		}
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), clicks))
		got, err := s.Clicks.Clicks(t.Context(), id, "", 10)
		require.NoError(t, err)
		slices.Reverse(got)
		for i := range got {
			got[i].At = got[i].At.UTC()
		}
		require.Equal(t, []track.Click{
			{ID: "1", CampaignID: id, Seq: 1, At: start}, {ID: "2", CampaignID: id, Seq: 1, Press: "erased-2", At: start}, clicks[2],
		}, got)
		require.EqualValues(t, 2, store.CountForTest(t, s, `SELECT clicked FROM click_counts`))
	})
}
