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
) (total int64, missing map[campaign.Value]int64, err error) {
	selected, joined, into, counts := "", "", []any{&total}, map[campaign.Value]*int64{}
	for _, v := range values {
		column, known := contactFields[v.Name]
		switch {
		case v.FieldID != 0:
			column = fmt.Sprintf("f%d.value", v.FieldID)
			joined += fmt.Sprintf(` LEFT JOIN contact_fields f%d ON f%[1]d.contact_id = c.contact_id AND f%[1]d.field_id = %[1]d`, v.FieldID)
		case known:
			column = "p." + column
		default:
			continue
		}
		counts[v] = new(int64)
		selected += `, COUNT(*) - COUNT(NULLIF(` + column + `, ''))`
		into = append(into, counts[v])
	}
	if err := s.checkGroups(ctx, s.read, c, ""); err != nil {
		return 0, nil, s.d.classify(err)
	}
	// Reading by groups keeps chats and contacts in the same order.
	from, condition := reached(c.Audience, true, "$1")
	err = s.read.QueryRowContext(ctx, `
		SELECT COUNT(*)`+selected+` FROM `+from+` LEFT JOIN contacts p ON p.id = c.contact_id`+joined+` WHERE `+condition, c.BotID).Scan(into...)
	missing = map[campaign.Value]int64{}
	for v, n := range counts {
		missing[v] = *n
	}
	return total, missing, s.d.classify(err)
}
