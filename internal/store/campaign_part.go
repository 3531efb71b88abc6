package store

import (
	"context"
	"database/sql"

	"bellman/internal/campaign"
)

// LanguagesOf implements [campaign.Store].
func (s Campaigns) LanguagesOf(ctx context.Context, workspaceID int64, contactIDs []int64) (map[int64]string, error) {
	languages := map[int64]string{}
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, language_code FROM contacts
		WHERE workspace_id = $1 AND deleted_at + 0 = 0 AND language_code <> '' AND id`+s.d.among(s.intsIn("$2")),
		workspaceID, ints(contactIDs))
	if err != nil {
		return nil, s.d.classify(err)
	}
	err = each(rows, func(r *sql.Rows) error {
		var (
			id       int64
			language string
		)
		err := r.Scan(&id, &language)
		languages[id] = language
		return err
	})
	return languages, s.d.classify(err)
}

// MembersAmong implements [campaign.Store].
func (s Campaigns) MembersAmong(ctx context.Context, workspaceID int64, groupIDs, contactIDs []int64) ([]int64, error) {
	ids, err := selectIDs(ctx, s.read, `
		SELECT m.contact_id FROM members m JOIN groups g ON g.id = m.group_id
		WHERE m.contact_id`+s.d.among(s.intsIn("$1"))+` AND m.group_id + 0 IN `+s.intsIn("$2")+` AND g.workspace_id + 0 = $3 AND NOT g.deleted`,
		ints(contactIDs), ints(groupIDs), workspaceID)
	return ids, s.d.classify(err)
}

var tallyColumns = []column{
	{"contact_id", "bigint"}, {"recipients", "bigint"}, {"sent", "bigint"}, {"failed", "bigint"}, {"skipped", "bigint"},
	{"unknown", "bigint"}, {"clicked", "bigint"},
}

// SumByGroup implements [campaign.Store].
func (s Campaigns) SumByGroup(ctx context.Context, workspaceID int64, tallies []campaign.Tally) ([]campaign.Part, error) {
	w := rowWriter{expected: len(tallies)}
	for _, t := range tallies {
		w.row().int(t.ContactID).int(t.Recipients).int(t.Sent).int(t.Failed).int(t.Skipped).int(t.Unknown).int(t.Clicked)
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT g.id, g.name, n.recipients, n.sent, n.failed, n.skipped, n.unknown, n.clicked FROM (
			SELECT m.group_id, CAST(SUM(v.recipients) AS BIGINT) AS recipients, CAST(SUM(v.sent) AS BIGINT) AS sent,
				CAST(SUM(v.failed) AS BIGINT) AS failed, CAST(SUM(v.skipped) AS BIGINT) AS skipped,
				CAST(SUM(v.unknown) AS BIGINT) AS unknown, CAST(SUM(v.clicked) AS BIGINT) AS clicked
			FROM `+s.d.rows("$1", tallyColumns)+` AS v JOIN members m ON m.contact_id = v.contact_id GROUP BY m.group_id
		) AS n JOIN groups g ON g.id = n.group_id WHERE g.workspace_id = $2 AND NOT g.deleted`, w.String(), workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (p campaign.Part, err error) {
		return p, r.Scan(&p.GroupID, &p.GroupName, &p.Recipients, &p.Sent, &p.Failed, &p.Skipped, &p.Unknown, &p.Clicked)
	})
}
