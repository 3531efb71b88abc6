package store

import (
	"context"
	"fmt"

	"bellman/internal/campaign"
)

// contactFields maps the fields of a contact that a message may show to their
// columns.
var contactFields = map[string]string{
	"externalCustomerId": "external_customer_id", "phone": "phone", "email": "email", "firstName": "first_name",
	"lastName": "last_name", "languageCode": "language_code", "timeZone": "time_zone",
}

// CountMissing implements [campaign.Store]. A field that is not listed above,
// such as the id, is never missing.
func (s Campaigns) CountMissing(
	ctx context.Context, c campaign.Campaign, values []campaign.Value,
) (missing map[campaign.Value]int64, err error) {
	if err := s.checkGroups(ctx, s.read, c, ""); err != nil {
		return nil, s.d.classify(err)
	}
	if !c.Audience.All || c.Audience.Everybody() {
		missing, err = s.countMissing(ctx, c, values)
		return missing, s.d.classify(err)
	}
	missing, out, err := apart(c.Audience, func(part campaign.Audience) (map[campaign.Value]int64, error) {
		some := c
		some.Audience = part
		return s.countMissing(ctx, some, values)
	})
	for v, n := range out {
		missing[v] = max(0, missing[v]-n)
	}
	return missing, s.d.classify(err)
}

// apart counts all chats of a bot, and those of the groups that an audience excludes. To
// ask of each chat whether it is in one of these costs several times as much.
func apart[T any](a campaign.Audience, count func(part campaign.Audience) (T, error)) (all, out T, err error) {
	if all, err = count(campaign.Audience{All: true}); err != nil {
		return all, out, err
	}
	out, err = count(campaign.Audience{Groups: a.ExcludedGroups})
	return all, out, err
}

// countMissing counts in one walk over an audience.
func (s Campaigns) countMissing(
	ctx context.Context, c campaign.Campaign, values []campaign.Value,
) (missing map[campaign.Value]int64, err error) {
	var total int64
	selected, fields, into, counts := "", "", []any{&total}, map[campaign.Value]*int64{}
	for _, v := range values {
		column, known := contactFields[v.Name]
		switch {
		case v.FieldID != 0:
			column = fmt.Sprintf("f%d.value", v.FieldID)
			fields += fmt.Sprintf(` LEFT JOIN contact_fields f%d ON f%[1]d.contact_id = c.contact_id AND f%[1]d.field_id = %[1]d`, v.FieldID)
		case known:
			column = "p." + column
		default:
			continue
		}
		counts[v] = new(int64)
		selected += `, COUNT(*) - COUNT(NULLIF(` + column + `, ''))`
		into = append(into, counts[v])
	}
	people, err := s.addressed(ctx, c, fields)
	if err != nil {
		return nil, err
	}
	err = s.widely(ctx, func(q queryer) error {
		return q.QueryRowContext(ctx, `SELECT COUNT(*)`+selected+` FROM `+people, c.BotID).Scan(into...)
	})
	missing = map[campaign.Value]int64{}
	for v, n := range counts {
		missing[v] = *n
	}
	return missing, err
}

// lookUp is how many times what it takes to pass over a contact it takes to look one
// up, out of the order in which they are stored.
const lookUp = 4

// addressed renders the chats c that a campaign would go to, and their contacts p with the
// fields that are joined to them. When the bot knows a good part of the workspace's contacts, those are walked over in their
// order, and their chats are found in the order of an index: a million contacts in the
// order of their chats are a million places to look at. A server plans that better by
// itself: it knows how to sort and to merge.
func (s Campaigns) addressed(ctx context.Context, c campaign.Campaign, fields string) (string, error) {
	// Reading by groups keeps chats and contacts in the same order.
	from, condition := reached(c.Audience, true, "$1")
	if len(c.Audience.Groups) == 0 && !s.d.remote {
		var chats, contacts int64
		err := s.read.QueryRowContext(ctx, `
			SELECT subscribers, CAST(COALESCE((SELECT SUM(living) FROM contact_blocks WHERE workspace_id = $2), 0) AS BIGINT)
			FROM bots WHERE id = $1`, c.BotID, c.WorkspaceID).Scan(&chats, &contacts)
		if err != nil {
			return "", err
		}
		if chats*lookUp > contacts {
			return fmt.Sprintf(`contacts p CROSS JOIN chats c%s WHERE p.workspace_id + 0 = %d AND c.contact_id = p.id AND +%s`,
				fields, c.WorkspaceID, condition), nil
		}
	}
	return from + ` LEFT JOIN contacts p ON p.id = c.contact_id` + fields + ` WHERE ` + condition, nil
}
