package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/dispatch"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/webhook"
)

// A town is a database with so many rows that no statement may read all of a table.
// Its ids begin at townFirst, far from those that sequences give.
type town struct {
	*testing.T
	*store.DB
	botID, messageID, hookID int64
	lease                    dispatch.Lease
	steps                    int64
	// claimed is how far the three broadcasts have been claimed.
	claimed [3]int64
	// clicks is the number of clicks made.
	clicks int
}

const (
	townFirst = 1_000_000
	// townPeople is the number of contacts, each with a chat; townPast the number
	// of campaigns that have ended.
	townPeople, townPast = 20_000, 3_000
	// townSending is the first of three broadcasts that are half sent, townFresh
	// one that is not laid out yet, and townMonth one of triggered messages.
	townSending, townFresh, townMonth = 2_000_000, 2_000_010, 2_000_020
	// townAway is how far the broadcasts have been sent.
	townAway  = townPeople / 2
	townOwner = "town"
)

// identitiesOfAll writes the identities of all contacts, of whom no two share one.
const identitiesOfAll = `
	INSERT INTO identities (workspace_id, kind, value, sharer, contact_id)
	SELECT workspace_id, 1, external_customer_id, 0, id FROM contacts WHERE external_customer_id IS NOT NULL
	UNION ALL SELECT workspace_id, 2, phone, 0, id FROM contacts WHERE phone IS NOT NULL
	UNION ALL SELECT workspace_id, 3, email_key, 0, id FROM contacts WHERE email_key IS NOT NULL`

// townRows fill the tables; {n} stands for a list of numbers from 1.
var townRows = []string{`
	INSERT INTO contacts (id, workspace_id, external_customer_id, phone, email, email_key, first_name, last_name, first_key, last_key,
		created_at, updated_at)
	{people} SELECT {first} + i, 1, 'e' || i, '+38050' || (1000000 + i), 'p' || i || '@example.com', 'p' || i || '@example.com',
		'Ann', 'Lee' || i, 'ann', 'lee' || i, 1, 1 FROM n`, identitiesOfAll, `
	INSERT INTO contact_blocks (workspace_id, block, living) SELECT 1, id >> 10, COUNT(*) FROM contacts GROUP BY id >> 10`, `
	INSERT INTO contact_devices (contact_id, device_key, workspace_id, device) {people} SELECT {first} + i, 'd' || i, 1, '{}' FROM n`, `
	INSERT INTO chats (bot_id, chat_id, contact_id, created_at) {people} SELECT {bot}, i, {first} + i, 1 FROM n`, `
	INSERT INTO chats (bot_id, chat_id, contact_id, created_at) {people} SELECT {bot} + 1, i, {first} + i, 1 FROM n`, `
	INSERT INTO fields (id, workspace_id, name, name_key, type, created_at)
	VALUES (7, 1, 'f', 'f', 'text', 1), (8, 1, 'n', 'n', 'number', 1)`, `
	INSERT INTO contact_fields (contact_id, field_id, value, value_key, num) {people} SELECT {first} + i, 8, '' || i, '' || i, i FROM n`, `
	INSERT INTO contact_fields (contact_id, field_id, value, value_key) {people} SELECT {first} + i, 7, 'v' || i, 'v' || i FROM n`, `
	INSERT INTO groups (id, workspace_id, name, name_key, created_at) VALUES ({first}, 1, 'g', 'g', 1)`, `
	INSERT INTO members (group_id, contact_id) {people} SELECT {first}, {first} + i FROM n`, `
	INSERT INTO member_blocks (group_id, block, members) SELECT {first}, id >> 10, COUNT(*) FROM contacts GROUP BY id >> 10`, `
	INSERT INTO kept_chats (contact_id, bot_id, chat_id, muted_until, inactive, created_at)
	{people} SELECT {first} + {all} + i, {bot}, {all} + i, 0, FALSE, 1 FROM n`, `
	INSERT INTO erasures (contact_id, workspace_id, asked_at, done_at, person) {people} SELECT {first} + 5 * {all} + i, 1, 1, 1, '' FROM n`, `
	INSERT INTO kept_members (contact_id, group_id, added_at) {people} SELECT {first} + {all} + i, {first}, 1 FROM n`, `
	INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name_key, name, kind, state, audience, content, laid_seq, laid,
		created_at, updated_at, launched_at, finished_at)
	{past} SELECT {first} + i, 1, {bot} + 1, {message}, 'c', 'c', 'broadcast', 'finished', '{"all":true}', '{"text":"hi"}', 1, TRUE, 1, 1, 1, 1
		FROM n`, `
	INSERT INTO ledgers (campaign_id, bot_id, claimed_seq, settled_seq, sent) {past} SELECT {first} + i, {bot} + 1, 1, 1, 1 FROM n`, `
	INSERT INTO recipients (campaign_id, seq, chat_id, contact_id) {past} SELECT {first} + i, 1, i, {first} + i FROM n`, `
	INSERT INTO outcomes (campaign_id, seq, status, settled_at) {past} SELECT {first} + i, 1, 'sent', 1 FROM n`, `
	INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name_key, name, kind, state, audience, content, laid_seq, laid,
		created_at, updated_at, launched_at)
	{three} SELECT {sending} + i - 1, 1, {bot}, {message}, 'c', 'c', 'broadcast',
		'sending', '{"all":true}', '{"text":"hi"}', {all}, TRUE, 1, 1, {now} FROM n`, `
	INSERT INTO ledgers (campaign_id, bot_id, claimed_seq, settled_seq, sent, failed, waiting)
	{three} SELECT {sending} + i - 1, {bot}, {away}, {away}, {away} - 1100, 100, 1000 FROM n`, `
	INSERT INTO recipients (campaign_id, seq, chat_id, contact_id)
	SELECT c.id, h.chat_id, h.chat_id, h.contact_id FROM campaigns c JOIN chats h ON h.bot_id = c.bot_id WHERE c.state = 'sending'`, `
	INSERT INTO deferred (campaign_id, seq, due_at, attempts, reason, detail)
	SELECT campaign_id, seq, seq, 1, 'too_many_requests', '' FROM recipients WHERE campaign_id >= {sending} AND seq <= 1000`, `
	INSERT INTO outcomes (campaign_id, seq, status, reason, settled_at)
	SELECT campaign_id, seq, CASE WHEN seq <= 1100 THEN 'failed' ELSE 'sent' END, '', {now}
	FROM recipients WHERE campaign_id >= {sending} AND seq > 1000 AND seq <= {away}`, `
	INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name_key, name, kind, state, audience, content,
		created_at, updated_at, launched_at)
	{three} SELECT {fresh} + i - 1, 1, {bot}, {message}, 'c', 'c', 'broadcast',
		'launching', '{"all":true}', '{"text":"hi"}', 1, 1, 2 FROM n`, `
	INSERT INTO ledgers (campaign_id, bot_id) {three} SELECT {fresh} + i - 1, {bot} FROM n`, `
	UPDATE campaigns SET audience = '{"groups":[{first}]}' WHERE id = {fresh} + 1`, `
	UPDATE campaigns SET resend_of = {sending}, audience = '{"statuses":["failed"]}' WHERE id = {fresh} + 2`, `
	INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name_key, name, kind, state, audience, content, action, resend_of,
		created_at, updated_at, launched_at)
	VALUES ({fresh} + 3, 1, {bot}, {message}, 'c', 'c', 'broadcast', 'launching', '{"statuses":["sent"]}', '{"text":"hi"}', 'edit', {sending},
		1, 1, 2)`, `
	INSERT INTO ledgers (campaign_id, bot_id) VALUES ({fresh} + 3, {bot})`, `
	UPDATE outcomes SET telegram_message_id = seq WHERE campaign_id = {sending} AND status = 'sent'`, `
	INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name_key, name, kind, state, audience, content, laid_seq, period,
		created_at, updated_at,
		launched_at)
	VALUES ({month}, 1, {bot}, {message}, 'm', 'm', 'triggered', 'sending', '{}', '{"text":"hi"}', {all}, '2026-01', 1, 1, {now})`, `
	UPDATE campaigns SET utm = (SELECT utm FROM workspaces WHERE id = 1) WHERE id = {month}`, `
	INSERT INTO ledgers (campaign_id, bot_id, claimed_seq, settled_seq, sent) VALUES ({month}, {bot}, {all}, {all}, {all})`, `
	INSERT INTO recipients (campaign_id, seq, chat_id, contact_id) {people} SELECT {month}, i, i, {first} + i FROM n`, `
	INSERT INTO outcomes (campaign_id, seq, status, settled_at) {people} SELECT {month}, i, 'sent', {now} FROM n`, `
	INSERT INTO requests (request_id, campaign_id, seq, contact_id) {people} SELECT 'r' || i, {month}, i, {first} + i FROM n`, `
	INSERT INTO accepted (workspace_id, key, request_id, chat_id, created_at) {people} SELECT 1, 'a' || i, 'r' || i, i, {now} FROM n`, `
	INSERT INTO idempotency (workspace_id, key, fingerprint, answer, created_at) {people} SELECT 1, 'k' || i, 'f', '[]', {now} FROM n`, `
	INSERT INTO clicks (campaign_id, id, seq, contact_id, link, clicked_at)
	{people} SELECT {sending}, '{uuid}' || (100000000000 + i), i, {first} + i, 0, {now} FROM n`, `
	INSERT INTO clicked (campaign_id, seq, clicked_at) {people} SELECT {sending}, i, {now} FROM n`, `
	INSERT INTO stats (workspace_id, quarter, bot_id, kind, message_id, what, reason, n)
	{people} SELECT 1, {now} - {now} % 900000 - i * 900000, {bot}, 'broadcast', {message}, 'sent', '', 1 FROM n`, `
	INSERT INTO click_counts (campaign_id, clicked) {three} SELECT {sending} + i - 1, {all} FROM n`, `
	INSERT INTO pressable (bot_id, chat_id, telegram_message_id, campaign_id, seq) {people} SELECT {bot}, i, i, {sending}, i FROM n`, `
	INSERT INTO activities (webhook_id, id, status, campaign_id, seq, at)
		{people} SELECT {hook}, {first} + i, 'DELIVERED', {sending}, i, 1 FROM n`, `
	INSERT INTO event_types (id, workspace_id, key, created_at) VALUES ({first}, 1, 'bought', 1)`, `
	INSERT INTO events (workspace_id, id, type_id, contact_id, key, params, past, occurred_at, created_at)
	{people} SELECT 1, {first} + i, {first}, {first} + i, 'k', '{}', i % 2 = 0, i, i FROM n`, `
	INSERT INTO imports (id, workspace_id, session, state, task, link, created_at, changed_at)
	{past} SELECT {first} + i, 1, 's' || i, CASE WHEN i % 50 = 0 THEN 'importing' ELSE 'finished' END, '{}', '', i, i FROM n`, `
	INSERT INTO import_parts (import_id, part, contacts) {past} SELECT {first} + i, 1, NULL FROM n`, `
	INSERT INTO audit (id, workspace_id, at, actor_kind, actor_id, actor, address, act, subject, outcome, before_it, after_it, previous, hash)
	{people} SELECT i, i % 2, i, 'user', 1, 'o@example.com', '192.0.2.1', 'create-key', 'keys/' || i, 'done', '', '', '', 'h' FROM n`, `
	UPDATE audit_head SET last_id = {all}, last_hash = 'h'`,
}

// newTown fills the database at the address; everything afterwards goes through the
// tap.
func newTown(t *testing.T, address string, tap store.Tap) *town {
	t.Helper()
	return fillTown(t, store.OpenTapped(t, address, tap))
}

// makeRoom makes the partitions in which the rows of a town lie, where there are any.
func makeRoom(t *testing.T, s *store.DB) {
	t.Helper()
	store.SkipIDsForTest(t, s, "campaign_id", townFirst+townPast)
	require.NoError(t, s.Retention.MakePartitions(t.Context()))
}

// fillTown fills the database.
func fillTown(t *testing.T, s *store.DB) *town {
	t.Helper()
	w := &town{T: t, DB: s, claimed: [3]int64{townAway, townAway, townAway}}
	makeRoom(t, s)
	w.botID = connect(t, w.DB, 5)
	connect(t, w.DB, 6)
	w.messageID = note(t, w.DB)
	var err error
	w.hookID, err = w.Webhooks.NextWebhookID(t.Context())
	require.NoError(t, err)
	err = w.Webhooks.CreateWebhook(t.Context(), webhook.Webhook{ID: w.hookID, WorkspaceID: 1, Name: "w", URL: "https://example.com",
		Statuses: []outcome.Activity{outcome.Delivered, outcome.Clicked, outcome.Lost, outcome.Unsubscribed}, State: webhook.Active,
		CreatedAt: start, UpdatedAt: start}, func([]webhook.Webhook) error { return nil })
	require.NoError(t, err)
	numbers := func(n int) string {
		return fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d)", n)
	}
	words := strings.NewReplacer("{people}", numbers(townPeople), "{past}", numbers(townPast), "{three}", numbers(3),
		"{first}", fmt.Sprint(townFirst), "{all}", fmt.Sprint(townPeople), "{away}", fmt.Sprint(townAway), "{sending}", fmt.Sprint(townSending),
		"{fresh}", fmt.Sprint(townFresh), "{month}", fmt.Sprint(townMonth), "{now}", fmt.Sprint(start.UnixMilli()),
		"{bot}", fmt.Sprint(w.botID), "{message}", fmt.Sprint(w.messageID), "{hook}", fmt.Sprint(w.hookID), "{uuid}", clickPrefix())
	for _, rows := range townRows {
		store.ExecForTest(t, w.DB, words.Replace(rows))
	}
	w.lead(townOwner)
	return w
}

// clickPrefix returns what the ids of clicks begin with.
func clickPrefix() string {
	ms := start.UnixMilli()
	return fmt.Sprintf("%08x-%04x-7000-8000-", ms>>16, ms&0xffff)
}

// lead gives the bots' leases to the owner.
func (w *town) lead(owner string) {
	w.Helper()
	require.NoError(w, w.Ledgers.ForgetSenders(w.Context()))
	held, _, err := w.Ledgers.HoldLeases(w.Context(), owner, start, time.Hour, true)
	require.NoError(w, err)
	require.Len(w, held, 2)
	w.lease, w.steps = held[0], 0
	_, err = w.Ledgers.Adopt(w.Context(), w.lease.BotID, w.lease.Epoch, start)
	require.NoError(w, err)
}

// step runs the next step of the process, over the three broadcasts.
func (w *town) step(each func(c *dispatch.CampaignStep)) []dispatch.Claimed {
	w.Helper()
	w.steps++
	s := dispatch.Step{Owner: townOwner, Number: w.steps, Now: start}
	for i := range int64(3) {
		c := dispatch.CampaignStep{CampaignID: townSending + i, BotID: w.lease.BotID, Epoch: w.lease.Epoch,
			ClaimFrom: w.claimed[i], ClaimTo: w.claimed[i], SettledSeq: townAway, Personal: i == 0, Pressable: i == 1}
		each(&c)
		w.claimed[i] = c.ClaimTo
		s.Campaigns = append(s.Campaigns, c)
	}
	got, err := w.Ledgers.Step(w.Context(), s)
	require.NoError(w, err)
	for _, c := range got {
		require.False(w, c.Fenced || c.Stopped)
	}
	return got
}
