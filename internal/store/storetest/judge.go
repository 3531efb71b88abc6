package storetest

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	_ "github.com/jackc/pgx/v5/stdlib" // opens PostgreSQL
	_ "modernc.org/sqlite"             // opens SQLite

	"bellman/internal/store"
)

// outcomesAndClicks are the sums of messages as their rows have them.
const outcomesAndClicks = `
	SELECT c.workspace_id, o.settled_at - o.settled_at % 900000 AS quarter, c.bot_id, c.kind, c.message_id, o.status AS what,
		COALESCE(o.reason, '') AS reason, CAST(COUNT(*) AS BIGINT) AS n
	FROM outcomes o JOIN campaigns c ON c.id = o.campaign_id WHERE NOT c.test AND c.action = 'send' GROUP BY 1, 2, 3, 4, 5, 6, 7
	UNION ALL
	SELECT c.workspace_id, k.clicked_at - k.clicked_at % 900000, c.bot_id, c.kind, c.message_id, 'clicked', '', CAST(COUNT(*) AS BIGINT)
	FROM clicked k JOIN campaigns c ON c.id = k.campaign_id WHERE NOT c.test GROUP BY 1, 2, 3, 4, 5`

// forgottenOf selects the campaigns behind a sum whose rows are not kept any more.
func forgottenOf(sum string) string {
	return `SELECT 1 FROM campaigns c WHERE c.message_id = ` + sum + `.message_id AND c.forgotten_at IS NOT NULL`
}

// identitiesOfContacts are those that contacts have in their own rows.
const identitiesOfContacts = `
	SELECT workspace_id, 1 AS kind, external_customer_id AS value, id FROM contacts WHERE external_customer_id IS NOT NULL
	UNION ALL SELECT workspace_id, 2, phone, id FROM contacts WHERE phone IS NOT NULL
	UNION ALL SELECT workspace_id, 3, email_key, id FROM contacts WHERE email_key IS NOT NULL`

// judged are queries that return what is wrong in a database, and nothing in a right one.
var judged = map[string]string{
	"sums that their rows do not have": `SELECT * FROM (
		SELECT workspace_id, quarter, bot_id, kind, message_id, what, reason, n FROM stats WHERE what NOT IN ('subscribed', 'left')
			AND NOT EXISTS (` + forgottenOf("stats") + `)
		EXCEPT SELECT * FROM (` + outcomesAndClicks + `) AS kept) AS odd`,
	"rows that no sum has": `SELECT * FROM (
		SELECT * FROM (` + outcomesAndClicks + `) AS kept
		WHERE NOT EXISTS (` + forgottenOf("kept") + `)
		EXCEPT SELECT workspace_id, quarter, bot_id, kind, message_id, what, reason, n FROM stats) AS odd`,
	"messages to be changed that are not those that were sent": `
		SELECT r.campaign_id, r.seq, r.target_message_id, o.status, o.telegram_message_id FROM recipients r
		JOIN campaigns c ON c.id = r.campaign_id AND c.action <> 'send' AND c.forgotten_at IS NULL
		JOIN campaigns f ON f.id = c.resend_of AND f.forgotten_at IS NULL
		LEFT JOIN outcomes o ON o.campaign_id = f.id AND o.seq = r.from_seq
		WHERE r.contact_id <> 0 AND (r.target_message_id IS NULL OR COALESCE(o.status, '') <> 'sent'
			OR o.telegram_message_id IS NOT NULL AND o.telegram_message_id <> r.target_message_id)`,
	"recipients of a send that have a message to be changed": `
		SELECT r.campaign_id, r.seq, r.target_message_id FROM recipients r JOIN campaigns c ON c.id = r.campaign_id
		WHERE c.action = 'send' AND r.target_message_id IS NOT NULL`,
	"messages that are changed twice by one campaign": `
		SELECT campaign_id, chat_id, target_message_id FROM recipients
		WHERE target_message_id IS NOT NULL GROUP BY 1, 2, 3 HAVING COUNT(*) > 1`,
	"identities that their contacts do not have": `SELECT * FROM (
		SELECT workspace_id, kind, value, contact_id FROM identities EXCEPT SELECT * FROM (` + identitiesOfContacts + `) AS kept) AS odd`,
	"contacts that are not found by their identities": `SELECT * FROM (
		SELECT * FROM (` + identitiesOfContacts + `) AS kept EXCEPT SELECT workspace_id, kind, value, contact_id FROM identities) AS odd`,
	"identities whose sharers are wrong": `SELECT * FROM identities WHERE sharer NOT IN (0, contact_id)`,
	"bots whose sums do not make their subscribers": `
		SELECT id, subscribers, (SELECT COALESCE(SUM(CASE what WHEN 'left' THEN -n ELSE n END), 0) FROM stats
			WHERE stats.bot_id = bots.id AND what IN ('subscribed', 'left')) AS n FROM bots
		WHERE subscribers <> (SELECT COALESCE(SUM(CASE what WHEN 'left' THEN -n ELSE n END), 0) FROM stats
			WHERE stats.bot_id = bots.id AND what IN ('subscribed', 'left'))`,
}

// Judge fails the test when the sums in the database are not those of its rows.
func Judge(t testing.TB, address string) {
	t.Helper()
	driver := "sqlite"
	if store.IsPostgres(address) {
		driver = "pgx"
	}
	db, err := sql.Open(driver, address)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for what, query := range judged {
		for _, row := range found(t, db, query) {
			t.Errorf("%s: %s", what, row)
		}
	}
}

// found returns the rows of a query as texts.
func found(t testing.TB, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.Query(query)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	columns, err := rows.Columns()
	require.NoError(t, err)
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(t, rows.Scan(into...))
		all = append(all, fmt.Sprintln(values...))
	}
	require.NoError(t, rows.Err())
	return all
}
