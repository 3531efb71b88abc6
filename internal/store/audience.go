package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bellman/internal/audience"
	"bellman/internal/campaign"
	"bellman/internal/fault"
)

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// maxLookedUp is how many members the groups of an audience may have for their
// chats to be looked up one by one, again in each chunk. With more members the
// bot's chats are walked over.
const maxLookedUp = 10_000

// fewMembers reports whether an audience has groups, with few members altogether.
func fewMembers(ctx context.Context, q querier, a campaign.Audience, most int64) (bool, error) {
	if len(a.Groups) == 0 {
		return false, nil
	}
	var members int64
	err := q.QueryRowContext(ctx,
		`SELECT CAST(COALESCE(SUM(members), 0) AS BIGINT) FROM member_blocks WHERE group_id IN (`+numbers(a.Groups)+`)`).Scan(&members)
	return members <= most, err
}

// reached renders the chats c of an audience, among those of the bot that the
// parameter names: what to select from, and the condition. With fromMembers the
// groups are read first and their chats looked up by contact.
//
// The plus keeps the planner from an index: without statistics it takes the index
// on the bot to be selective, and reads every chat of the bot for each member.
func reached(a campaign.Audience, fromMembers bool, bot string) (from, condition string) {
	if fromMembers && len(a.Groups) > 0 {
		from = `(SELECT DISTINCT contact_id FROM members WHERE group_id IN (` + numbers(a.Groups) + `)) AS m CROSS JOIN chats c`
		condition = `c.contact_id = m.contact_id AND +c.bot_id = ` + bot
	} else {
		from, condition = `chats c`, `c.bot_id = `+bot
		if len(a.Groups) > 0 {
			condition += ` AND ` + isMember(a.Groups)
		}
	}
	if len(a.ExcludedGroups) > 0 {
		condition += ` AND NOT ` + isMember(a.ExcludedGroups)
	}
	return from, condition
}

func isMember(groups []int64) string {
	return `EXISTS (SELECT 1 FROM members x WHERE x.contact_id = c.contact_id AND x.group_id IN (` + numbers(groups) + `))`
}

// checkGroups returns NotFound for a group of the campaign's audience that does not
// exist. With dialect.forUpdate as the lock, the groups cannot be deleted until the
// transaction ends.
func (s Campaigns) checkGroups(ctx context.Context, q querier, c campaign.Campaign, lock string) error {
	named := slices.Concat(c.Audience.Groups, c.Audience.ExcludedGroups)
	if len(named) == 0 {
		return nil
	}
	missing, err := Groups(s).missingGroups(ctx, q, c.WorkspaceID, named, lock)
	if err != nil || len(missing) == 0 {
		return err
	}
	field := fmt.Sprintf("audience.groups[%d]", slices.Index(named, missing[0]))
	if i := slices.Index(named, missing[0]) - len(c.Audience.Groups); i >= 0 {
		field = fmt.Sprintf("audience.excludedGroups[%d]", i)
	}
	return fault.New(fault.NotFound, audience.ErrNotFound.Code,
		"there is no group with the id %d, it may have been deleted: make the campaign for other groups", missing[0]).In(field)
}

// numbers renders ids as literals, which a planner can count. An empty list
// contains none.
func numbers(ids []int64) string {
	if len(ids) == 0 {
		return "NULL"
	}
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(all, ", ")
}
