package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/activity"
	"bellman/internal/audience"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/event"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// rowsBefore holds rows for the tables that each migration made and for the columns
// that it added, as a program of that time wrote them.
var rowsBefore = map[int][]string{
	1: {
		`INSERT INTO installation (name, value) VALUES ('key', '12345678')`,
		`INSERT INTO api_keys (id, workspace_id, name, hash, created_at) VALUES (1001, 1, 'k', 'hash', 1)`,
		`INSERT INTO bots (id, workspace_id, app_uuid, telegram_id, username, name, token, api_url, state, state_reason, subscribers,
		created_at, updated_at)
			VALUES (1001, 1, 'uuid', 5, 'u', 'n', 'sealed', '', 'active', '', 3, 1, 1)`,
		`INSERT INTO leases (bot_id, owner, epoch, expires_at) VALUES (1001, 'old', 4, 1)`,
		`INSERT INTO senders (owner, step, expires_at) VALUES ('old', 9, 1)`,
		`INSERT INTO contacts (id, workspace_id, external_customer_id, phone, email, email_key, first_name, last_name, created_at, updated_at)
			VALUES (1001, 1, 'e1', '+380501234567', 'Ann@example.com', 'ann@example.com', 'АННА', 'Lee', 1, 1)
		, (1002, 1, NULL, NULL, NULL, NULL, '', '', 1, 1),
			(1003, 1, 'e3', NULL, NULL, NULL, 'Bob', '', 1, 1)`,
		`INSERT INTO chats (bot_id, chat_id, contact_id, created_at) VALUES (1001, 11, 1001, 1), (1001, 12, 1002, 1), (1001, 13, 1003, 1)`,
		`INSERT INTO messages (id, workspace_id, name, content, created_at, updated_at) VALUES (1001, 1, 'm', '{"text":"hi"}', 1, 1)`,
		`INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name, kind, state, audience, content, laid_seq, laid,
		created_at, updated_at, launched_at)
			VALUES (1001, 1, 1001, 1001, 'c', 'broadcast', 'sending', '{"all":true}', '{"text":"hi"}', 3, TRUE, 1, 1, 1)`,
		`INSERT INTO ledgers (campaign_id, bot_id, epoch, claimed_seq, settled_seq, waiting, sent) VALUES (1001, 1001, 4, 2, 2, 1, 1)`,
		`INSERT INTO recipients (campaign_id, seq, chat_id, contact_id) VALUES (1001, 1, 11, 1001), (1001, 2, 12, 1002), (1001, 3, 13, 1003)`,
		`INSERT INTO outcomes (campaign_id, seq, status, reason, detail, telegram_message_id, settled_at)
		VALUES (1001, 1, 'sent', NULL, NULL, 77, 5)`,
		`INSERT INTO deferred (campaign_id, seq, due_at, attempts, reason, detail) VALUES (1001, 2, 5, 1, 'too_many_requests', '')`,
	},
	2: {
		`INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name, kind, state, audience, content, laid_seq, period, idle,
		created_at, updated_at, launched_at)
			VALUES (1002, 1, 1001, 1001, 't', 'triggered', 'sending', '{}', '{"text":"hi"}', 1, '2026-01', TRUE, 1, 1, 1)`,
		`INSERT INTO ledgers (campaign_id, bot_id, epoch, claimed_seq, settled_seq, sent) VALUES (1002, 1001, 4, 1, 1, 1)`,
		`INSERT INTO recipients (campaign_id, seq, chat_id, contact_id, data) VALUES (1002, 1, 13, 1003, '{"a":1}')`,
		`INSERT INTO outcomes (campaign_id, seq, status, settled_at) VALUES (1002, 1, 'sent', 6)`,
		`INSERT INTO requests (request_id, campaign_id, seq) VALUES ('r1', 1002, 1)`,
		`INSERT INTO idempotency (workspace_id, key, fingerprint, answer, created_at) VALUES (1, 'key', 'f', '[]', 6)`,
	},
	3: {`INSERT INTO pressable (bot_id, chat_id, telegram_message_id, campaign_id, seq) VALUES (1001, 11, 77, 1001, 1)`},
	4: {
		`INSERT INTO clicks (campaign_id, id, seq, contact_id, link, clicked_at)
		VALUES (1001, '0198f2a4-5e1c-7c3f-9f63-000000000001', 1, 1001, 0, 7)`,
		`INSERT INTO clicked (campaign_id, seq, clicked_at) VALUES (1001, 1, 7)`,
		`INSERT INTO click_counts (campaign_id, clicked) VALUES (1001, 1)`,
	},
	5: {
		`INSERT INTO media (id, workspace_id, name, type, size, width, height, duration, kinds, sha256, key, created_at)
			VALUES (1001, 1, 'p', 'image/png', 1, 1, 1, 0, 'photo', 'sha', 'k', 1)`,
		`INSERT INTO media_files (bot_id, source, kind, sent_as, file_id, updated_at) VALUES (1001, 'id:1001', 'photo', 'photo', 'F', 1)`,
	},
	6: {
		`UPDATE contacts SET first_key = 'анна', last_key = 'lee' WHERE id = 1001`,
		`UPDATE contacts SET first_key = 'bob' WHERE id = 1003`,
		`INSERT INTO fields (id, workspace_id, name, name_key, type, created_at) VALUES (1001, 1, 'F', 'f', 'text', 1)`,
		`INSERT INTO contact_fields (contact_id, field_id, value, value_key) VALUES (1001, 1001, 'v', 'v')`,
		`INSERT INTO contact_devices (contact_id, device_key, workspace_id, device) VALUES (1001, 'd', 1, '{}')`,
		`INSERT INTO contact_blocks (workspace_id, block, living) VALUES (1, 0, 3) ON CONFLICT DO NOTHING`,
	},
	8: {
		`INSERT INTO groups (id, workspace_id, name, name_key, created_at) VALUES (1001, 1, 'G', 'g', 1)`,
		`INSERT INTO members (group_id, contact_id) VALUES (1001, 1001), (1001, 1003)`,
		`INSERT INTO member_blocks (group_id, block, members) VALUES (1001, 0, 2)`,
	},
	9: {
		`INSERT INTO event_types (id, workspace_id, key, created_at) VALUES (1001, 1, 'bought', 1)`,
		`INSERT INTO events (workspace_id, id, type_id, contact_id, key, params, past, occurred_at, created_at)
		VALUES (1, 1001, 1001, 1001, 'k', '{}', FALSE, 1, 1)`,
	},
	10: {`UPDATE api_keys SET scope = 'full'`},
	11: {
		`INSERT INTO imports (id, workspace_id, session, state, task, link, created_at, changed_at)
		VALUES (1001, 1, 's', 'finished', '{}', '', 1, 1)`,
		`INSERT INTO import_parts (import_id, part, results) VALUES (1001, 1, '[]')`,
	},
	12: {
		`UPDATE requests SET contact_id = 1003`,
		`INSERT INTO accepted (workspace_id, key, request_id, chat_id, created_at) VALUES (1, 'a', 'r1', 13, 6)`,
	},
	13: {
		`INSERT INTO webhooks (id, workspace_id, name, url, login, statuses, active, created_at, updated_at)
			VALUES (1001, 1, 'w', 'https://example.com', '', 'DELIVERED,UNKNOWN', TRUE, 1, 1)`,
		`INSERT INTO activities (webhook_id, id, status, campaign_id, seq, at)
		VALUES (1001, 1001, 'DELIVERED', 1001, 1, 5), (1001, 1002, 'UNKNOWN', 1001, 2, 5)`,
	},
	15: {
		`UPDATE webhooks SET statuses = 'DELIVERED,SENT'`,
		`UPDATE activities SET status = 'SENT' WHERE id = 1002`,
	},
	20: {`UPDATE members SET added_at = 5`},
	21: {
		`INSERT INTO kept_chats (contact_id, bot_id, chat_id, muted_until, inactive, created_at) VALUES (1002, 1001, 14, 5, TRUE, 1)`,
		`INSERT INTO kept_members (contact_id, group_id, added_at) VALUES (1002, 1001, 5)`,
	},
	16: {
		`UPDATE requests SET label = 'order-4711'`,
		`INSERT INTO idempotency (workspace_id, key, fingerprint, answer, result, created_at) VALUES (1, 'made', 'f', '', '7', 6)`,
	},
	17: {
		`INSERT INTO webhook_attempts (webhook_id, id, message_id, at, took, activities, status, error, content)
			VALUES (1001, 1, 'msg_1', 5, 20, 2, 200, '', '[]')`,
		`INSERT INTO webhook_replays (webhook_id, since, until, due_at) VALUES (1001, 1, 4, 9000000000000)`,
	},
	18: {`UPDATE campaigns SET utm = '{"source":"x"}', message_name = 'Sale'`},
	14: {`UPDATE imports SET owner = 'old', epoch = 2, expires_at = 1, attempts = 1, due_at = 1`},
	22: {`INSERT INTO group_moves (bot_id, old_id, new_id) VALUES (1001, -5, -100005)`},
	28: {
		`INSERT INTO users (id, email, name, password, installer, created_at) VALUES (1001, 'o@example.com', 'O', '', TRUE, 1)`,
		`INSERT INTO roles (workspace_id, user_id, role, given_at) VALUES (1, 1001, 'owner', 1)`,
		`INSERT INTO sessions (id, hash, user_id, workspace_id, created_at, seen_at, confirmed_at, address, agent)
			VALUES (1001, 'h', 1001, 1, 1, 1, 1, '', '')`,
		`INSERT INTO links (id, hash, kind, workspace_id, user_id, email, role, made_by, created_at, expires_at)
			VALUES (1001, 'l', 'invitation', 1, NULL, 'p@example.com', 'writer', 1001, 1, 2)`,
		`INSERT INTO attempts (name, failures, last_at) VALUES ('account x', 2, 1)`,
		`UPDATE api_keys SET note = 'n', made_by = 1001, expires_at = 9000000000000, used_at = 5, retiring_hash = 'old', retires_at = 6`,
	},
	30: {
		`INSERT INTO audit (id, workspace_id, at, actor_kind, actor_id, actor, address, act, subject, outcome, before_it, after_it,
			previous, hash)
			VALUES (1, 1, 5, 'user', 1001, 'o@example.com', '192.0.2.1', 'create-key', 'keys/1001', 'done', '', '{"name":"k"}', '', 'h')`,
		`UPDATE audit_head SET last_id = 1, last_hash = 'h'`,
		`UPDATE workspaces SET keep_audit = 12`,
	},
	32: {
		`INSERT INTO passkeys (id, user_id, credential, name, content, created_at, used_at) VALUES (1001, 1001, 'c', 'p', '{}', 1, 2)`,
		`INSERT INTO answered (hash, expires_at) VALUES ('h', 5)`,
	},
	34: {
		`INSERT INTO providers (id, name, issuer, client_id, secret, workspace_id, domains, enabled, created_at)
			VALUES (1001, 'P', 'https://p.example.com', 'bellman', 'sealed', 1, '[{"domain":"example.com","role":"writer"}]', TRUE, 1)`,
		`INSERT INTO accounts (provider_id, subject, user_id, email, created_at, used_at) VALUES (1001, 's', 1001, 'o@example.com', 1, 2)`,
	},
	33: {`INSERT INTO secrets (id, under, sealed, created_at) VALUES (1, 'f', '12345678', 5)`},
	31: {
		`UPDATE users SET totp = 'sealed', totp_step = 5`,
		`INSERT INTO recovery_codes (user_id, hash) VALUES (1001, 'h')`,
	},
	25: {`INSERT INTO stats (workspace_id, quarter, bot_id, kind, message_id, what, reason, n) VALUES
		(1, 0, 1001, 'broadcast', 1001, 'sent', '', 1), (1, 0, 1001, 'triggered', 1001, 'sent', '', 1),
		(1, 0, 1001, 'broadcast', 1001, 'clicked', '', 1), (1, 0, 1001, '', 0, 'subscribed', '', 3)`},
	27: {`INSERT INTO identities (workspace_id, kind, value, sharer, contact_id) VALUES
		(1, 1, 'e1', 0, 1001), (1, 2, '+380501234567', 0, 1001), (1, 3, 'ann@example.com', 0, 1001), (1, 1, 'e3', 0, 1003)`},
	24: {
		`UPDATE fields SET key = 'f' WHERE id = 1001`,
		`INSERT INTO fields (id, workspace_id, key, name, name_key, type, created_at) VALUES (1002, 1, 'n', 'N', 'n', 'number', 1)`,
		`INSERT INTO contact_fields (contact_id, field_id, value, value_key, num) VALUES (1001, 1002, '12.5', '12.5', 12.5)`,
	},
	26: {
		`UPDATE workspaces SET keep_recipients = 5, keep_events = 6`,
		`INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name, kind, state, audience, content, laid_seq, laid,
		created_at, updated_at, launched_at, finished_at, forgotten_at, swept)
			VALUES (1003, 1, 1001, 1001, 'f', 'broadcast', 'finished', '{"all":true}', '{"text":"hi"}', 1, TRUE, 1, 1, 1, 2, 3, TRUE)`,
		`INSERT INTO ledgers (campaign_id, bot_id, epoch, claimed_seq, settled_seq, sent) VALUES (1003, 1001, 4, 1, 1, 1)`,
	},
	29: {
		`INSERT INTO erasures (contact_id, workspace_id, asked_at, done_at, progress, person) VALUES (1009, 1, 1, 2, '{"s":10}', '')`,
		`UPDATE imports SET held = FALSE`,
	},
	41: {`UPDATE workspaces SET time_zone = 'Europe/Kyiv'`},
	38: {
		`UPDATE bots SET disconnected_at = 0`,
		`UPDATE imports SET author = '{"user":1001,"name":"O","at":"2026-11-29T05:00:00Z"}', file_name = 'a.csv', size = 10, bytes_read = 9,
			rows_read = 1, undo = '{"done":true,"part":1}', undoing = FALSE`,
		`UPDATE import_parts SET lines = 'a,b', made = '{"at":1,"new":[1001,1]}'`,
	},
	35: {
		`UPDATE messages SET author = '{"user":1001,"name":"O","at":"2026-11-29T05:00:00Z"}'`,
		`UPDATE campaigns SET author = '{"key":1001,"name":"k","at":"2026-11-29T05:00:00Z"}',
			writer = '{"user":1001,"name":"O","at":"2026-11-29T05:00:00Z"}', approver = '{"user":1001,"name":"O","at":"2026-11-29T05:00:00Z"}'`,
		`UPDATE workspaces SET approval_above = 1000`,
	},
	36: {
		`UPDATE campaigns SET name_key = name`,
		`UPDATE messages SET draft = TRUE, revision = 2, revised_at = 5`,
		`INSERT INTO revisions (message_id, number, name, content, draft, author, begun_at, saved_at)
			VALUES (1001, 2, 'm', '{"text":"hi"}', TRUE, '', 5, 6)`,
	},
	39: {
		`INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name, name_key, kind, state, audience, content, action, resend_of,
		laid_seq, laid, created_at, updated_at, launched_at, finished_at)
			VALUES (1005, 1, 1001, 1001, 'e', 'e', 'broadcast', 'finished', '{"statuses":["sent"]}', '{"text":"hi"}', 'edit', 1001,
			1, TRUE, 1, 1, 1, 9)`,
		`INSERT INTO ledgers (campaign_id, bot_id, epoch, claimed_seq, settled_seq, sent) VALUES (1005, 1001, 4, 1, 1, 1)`,
		`INSERT INTO recipients (campaign_id, seq, chat_id, contact_id, from_seq, target_message_id) VALUES (1005, 1, 11, 1001, 1, 77)`,
	},
	23: {`UPDATE leases SET clock = 5`, `UPDATE webhooks SET next_from = 5`, `UPDATE webhook_replays SET due_from = 5`},
	40: {
		`INSERT INTO clicks (campaign_id, id, seq, contact_id, link, clicked_at)
			VALUES (1001, '0198f2a4-5e1c-7c3f-9f63-000000000002', 1, 1001, 1, 8)`,
	},
}

// Jobs that waited in the queue of earlier programs, or were running, are due, and
// the queue is gone.
func TestUpgradeTakesJobsOver(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		statements := []string{
			`INSERT INTO imports (id, workspace_id, session, state, task, link, created_at, changed_at) VALUES
				(1, 1, 'a', 'started', '{}', '', 1, 1), (2, 1, 'b', 'importing', '{}', '', 1, 1), (3, 1, 'c', 'finished', '{}', '', 1, 1),
				(4, 1, 'd', 'failed', '{}', '', 1, 1), (5, 1, 'e', 'started', '{}', 'https://x.ua', 1, 1), (6, 1, 'f', 'importing', '{}', '', 1, 1)`,
			`INSERT INTO import_parts (import_id, part) VALUES (1, 1), (2, 1), (6, 1), (6, 2)`,
		}
		state := "TEXT"
		if store.IsPostgres(address) {
			state = "river_job_state"
			statements = append(statements, `CREATE TYPE river_job_state AS ENUM ('available', 'running')`,
				`CREATE FUNCTION river_job_state_in_bitmask(bitmask BIT(8), state river_job_state) RETURNS boolean `+
					`LANGUAGE SQL IMMUTABLE AS 'SELECT TRUE'`)
		}
		statements = append(statements, `CREATE TABLE river_job (id BIGINT PRIMARY KEY, state `+state+`)`,
			`CREATE TABLE river_client (id TEXT PRIMARY KEY)`, `CREATE TABLE river_client_queue (id TEXT REFERENCES river_client (id))`,
			`CREATE TABLE river_leader (name TEXT)`, `CREATE TABLE river_queue (name TEXT)`, `CREATE TABLE river_migration (version BIGINT)`)
		store.MigrateForTest(t, address, 13, statements...)
		db := storetest.Open(t, address)
		rows, _ := store.DumpForTest(t, address, nil)
		for table := range rows {
			require.NotContains(t, table, "river")
		}
		for file, want := range map[bool][]int64{false: {1, 2}, true: {5, 6}} {
			taken, err := db.Imports.TakeImports(t.Context(), "new", file, start, time.Hour, 10)
			require.NoError(t, err)
			var ids []int64
			for _, l := range taken {
				ids = append(ids, l.ImportID)
				require.Equal(t, 1, l.Attempt)
			}
			require.ElementsMatch(t, want, ids)
		}
	})
}

// A recipient whose group had a new id keeps waiting for its turn under that.
func TestUpgradeTakesMovesOver(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		statements := append(slices.Clone(rowsBefore[1]), `UPDATE chats SET chat_id = -100012 WHERE chat_id = 12`,
			`UPDATE deferred SET chat_id = -100012, reason = 'group_migrated'`)
		store.MigrateForTest(t, address, 16, statements...)
		db := storetest.Open(t, address)
		require.NoError(t, db.Ledgers.ForgetSenders(t.Context()))
		lease := hold(t, db, "new")
		_, err := db.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
		require.NoError(t, err)
		got, err := db.Ledgers.Step(t.Context(), dispatch.Step{Owner: "new", Number: 1, Now: start, Campaigns: []dispatch.CampaignStep{{
			CampaignID: 1001, BotID: 1001, Epoch: lease.Epoch, ClaimFrom: 2, ClaimTo: 2, ClaimDue: 5, SettledSeq: 2}}})
		require.NoError(t, err)
		require.Len(t, got[0].Recipients, 1)
		require.EqualValues(t, -100012, got[0].Recipients[0].ChatID)
		require.Empty(t, got[0].Recipients[0].Barred)
	})
}

// dropped holds the columns that a later program has no use for, by table.
var dropped = map[string]string{"deferred": "chat_id"}

// renamed replaces stored values as the migrations did.
var renamed = strings.NewReplacer("UNKNOWN", "SENT")

// A database of any earlier program opens with all its rows and continues to work.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	versions := store.VersionsForTest(t)
	for _, from := range versions {
		require.NotEmpty(t, rowsBefore[from], "migration %d has no rows here: add some in the tables that it makes", from)
		t.Run(fmt.Sprint(from), func(t *testing.T) {
			t.Parallel()
			storetest.EachAddress(t, func(t *testing.T, address string) {
				var statements []string
				for _, v := range versions {
					if v <= from {
						statements = append(statements, rowsBefore[v]...)
					}
				}
				store.MigrateForTest(t, address, from, statements...)
				_, columns := store.DumpForTest(t, address, nil)
				for table, column := range dropped {
					columns[table] = slices.DeleteFunc(columns[table], func(name string) bool { return name == column })
				}
				before, _ := store.DumpForTest(t, address, columns)
				db := storetest.Open(t, address)
				after, _ := store.DumpForTest(t, address, columns)
				for table, rows := range before {
					require.NotEmpty(t, rows, "nothing is put into %s", table)
					if table == "counters" || table == "schema_versions" || table == "installation" {
						require.Subset(t, after[table], rows, table)
						continue
					}
					for i := range rows {
						rows[i] = renamed.Replace(rows[i])
					}
					require.Equal(t, rows, after[table], table)
				}
				goesOn(t, db, from)
			})
		})
	}
}

// goesOn reads the old rows with today's features, and sends what was left.
func goesOn(t *testing.T, db *store.DB, from int) {
	t.Helper()
	ctx := t.Context()
	_, err := openRing(ctx, db, seal.RandomSecret())
	require.ErrorIs(t, err, seal.ErrOtherSecret)
	key, err := db.Keys.KeyByHash(ctx, "hash")
	require.NoError(t, err)
	require.Equal(t, access.ScopeFull, key.Scope)
	people, err := contact.New(db.Contacts, now).List(ctx, workspace.Workspace{ID: 1}, contact.Filter{FirstName: "анна"},
		contact.Span{Limit: 10})
	require.NoError(t, err)
	require.Len(t, people.Contacts, 1)
	people, err = contact.New(db.Contacts, now).List(ctx, workspace.Workspace{ID: 1}, contact.Filter{}, contact.Span{Limit: 10})
	require.NoError(t, err)
	require.EqualValues(t, 3, people.Total)
	m, err := db.Messages.Message(ctx, 1, 1001)
	require.NoError(t, err)
	require.Equal(t, message.Text("hi"), m.Content)
	revisions, err := db.Messages.Revisions(ctx, 1, 1001, 1<<53, 10)
	require.NoError(t, err)
	require.NotEmpty(t, revisions)
	require.Equal(t, m.Revision, revisions[0].Number)
	read(t, db, from)

	require.NoError(t, db.Ledgers.ForgetSenders(ctx))
	lease := hold(t, db, "new")
	unknown, err := db.Ledgers.Adopt(ctx, lease.BotID, lease.Epoch, start)
	require.NoError(t, err)
	require.Zero(t, unknown, "nothing was on the wire")
	work, err := db.Ledgers.Work(ctx, "new")
	require.NoError(t, err)
	require.Len(t, work, 1)
	got, err := db.Ledgers.Step(ctx, dispatch.Step{Owner: "new", Number: 1, Now: start, Campaigns: []dispatch.CampaignStep{{
		CampaignID: 1001, BotID: 1001, Epoch: lease.Epoch, ClaimFrom: 2, ClaimTo: 3, ClaimDue: 5, SettledSeq: 2, Personal: true}}})
	require.NoError(t, err)
	require.Len(t, got[0].Recipients, 2)
	require.EqualValues(t, 12, got[0].Recipients[0].ChatID)
	require.EqualValues(t, 13, got[0].Recipients[1].ChatID)
	require.Empty(t, got[0].Recipients[1].Barred)
	require.Equal(t, "Bob", got[0].Recipients[1].Person.FirstName)
}

// read reads everything that a program of that time could have written.
func read(t *testing.T, db *store.DB, from int) {
	t.Helper()
	ctx := t.Context()
	c, l, err := db.Campaigns.Find(ctx, 1, 1001)
	require.NoError(t, err)
	require.Equal(t, campaign.Counts{Recipients: 3, Queued: 2, Sent: 1, Clicked: l.Clicked}, campaign.CountsOf(c, l))
	if from >= 2 {
		requests, err := db.Triggers.Requests(ctx, 1, []string{"r1"})
		require.NoError(t, err)
		require.Len(t, requests, 1)
		require.EqualValues(t, 13, requests[0].Deliveries[0].ChatID)
		places, err := db.Activity.Places(ctx, 1, []int64{1003})
		require.NoError(t, err)
		require.Equal(t, []activity.Place{{CampaignID: 1001, Seq: 3}, {CampaignID: 1002, Seq: 1}}, places, "requests were given their contacts")
	}
	if from >= 4 {
		require.EqualValues(t, 1, l.Clicked)
	}
	if from >= 40 {
		followers, err := db.Campaigns.Clickers(ctx, 1001, []int{1}, 0, 10)
		require.NoError(t, err)
		require.Len(t, followers, 1)
	}
	if from >= 8 {
		members, total, err := db.Groups.Members(ctx, 1, 1001, audience.Page{Limit: 10})
		require.NoError(t, err)
		require.EqualValues(t, 2, total)
		require.Equal(t, []int64{1001, 1003}, []int64{members[0].ContactID, members[1].ContactID})
	}
	if from >= 9 {
		events, err := db.Events.Events(ctx, 1, event.Filter{Type: "bought", Before: 1 << 53, Limit: 5})
		require.NoError(t, err)
		require.Len(t, events, 1)
	}
	if from >= 13 {
		taken, err := db.Webhooks.TakeWebhooks(ctx, "w", start, time.Minute, 5)
		require.NoError(t, err)
		require.Len(t, taken, 1)
		b, err := db.Webhooks.Batch(ctx, taken[0], 5)
		require.NoError(t, err)
		require.Equal(t, []outcome.Activity{outcome.Delivered, outcome.Lost}, b.Webhook.Statuses)
		require.Equal(t, outcome.Lost, b.Entries[1].Status)
	}
}
