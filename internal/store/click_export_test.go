package store

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

// ClickedForTest returns how many recipients of a campaign clicked, by the counter,
// and how many are marked as having clicked.
func ClickedForTest(t *testing.T, s *DB, campaignID int64) (count, marked int64) {
	t.Helper()
	require.NoError(t, s.read.QueryRowContext(t.Context(), `
		SELECT COALESCE((SELECT clicked FROM click_counts WHERE campaign_id = $1), 0),
			(SELECT COUNT(*) FROM clicked WHERE campaign_id = $1)`, campaignID).Scan(&count, &marked))
	return count, marked
}

// PressableForTest records that a recipient's message has buttons that send data.
func PressableForTest(t *testing.T, s *DB, botID, chatID, messageID, campaignID, seq int64) {
	t.Helper()
	require.NoError(t, s.tx(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `
			INSERT INTO pressable (bot_id, chat_id, telegram_message_id, campaign_id, seq)
			VALUES ($1, $2, $3, $4, $5)`, botID, chatID, messageID, campaignID, seq)
		return err
	}))
}

// SkipIDsForTest makes a sequence continue after an id.
func SkipIDsForTest(t *testing.T, s *DB, sequence string, last int64) {
	t.Helper()
	statement := `SELECT setval($1::text::regclass, $2)`
	if s.d.notify == "" {
		statement = `UPDATE counters SET last = $2 WHERE name = $1`
	}
	_, err := s.write.ExecContext(t.Context(), statement, sequence, last)
	require.NoError(t, err)
}
