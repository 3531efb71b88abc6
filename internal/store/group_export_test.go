package store

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// WalkOutForTest is LayOut by a walk over the bot's chats, whatever the number of
// members of the groups.
func (s Campaigns) WalkOutForTest(ctx context.Context, id int64, limit int, now time.Time) (bool, error) {
	return s.layOut(ctx, layout{campaignID: id, limit: limit, lookUp: -1}, now)
}

// LeaveGroupsForTest does to groups what a deletion of contacts does.
func (s Groups) LeaveGroupsForTest(t require.TestingT, ctx context.Context, contactIDs ...int64) {
	require.NoError(t, s.tx(ctx, func(tx *sql.Tx) error { return s.leaveGroups(ctx, tx, contactIDs, lost) }))
}

// GroupRowsForTest returns how many rows there are in the tables of groups.
func GroupRowsForTest(t *testing.T, s *DB) (groups, members, blocks int) {
	t.Helper()
	require.NoError(t, s.read.QueryRowContext(t.Context(),
		`SELECT (SELECT COUNT(*) FROM groups), (SELECT COUNT(*) FROM members), (SELECT COUNT(*) FROM member_blocks)`).
		Scan(&groups, &members, &blocks))
	return groups, members, blocks
}
