package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"bellman/internal/activity"
	"bellman/internal/outcome"
)

// Activity finds what has happened to messages.
type Activity struct{ *pools }

var _ activity.Store = Activity{}

const (
	// settledLate is how long after the end of a campaign the messages on the wire
	// may still be settled.
	settledLate = time.Hour
	// stampedApart is by how much the time in the id of a click may differ from the
	// click's own.
	stampedApart = time.Minute
)

// clickIDs returns the ids between which the clicks of a window lie: an id begins
// with its time.
func clickIDs(w activity.Window) (from, to string) {
	id := func(t time.Time) string {
		ms := max(t.UnixMilli(), 0)
		return fmt.Sprintf("%08x-%04x", ms>>16, ms&0xffff)
	}
	return id(w.From.Add(-stampedApart)), id(w.To.Add(stampedApart))
}

// ActiveCampaigns implements [activity.Store].
func (s Activity) ActiveCampaigns(
	ctx context.Context, workspaceID int64, w activity.Window, from int64, limit int,
) ([]activity.Active, error) {
	firstClick, lastClick := clickIDs(w)
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, kind, message_id, name, sending, clicking FROM (
			SELECT c.id, c.kind, c.message_id, m.name, (c.finished_at IS NULL OR c.finished_at >= $3) AS sending,
				EXISTS (SELECT 1 FROM clicks k WHERE k.campaign_id = c.id AND k.id >= $4 AND k.id < $5) AS clicking
			FROM campaigns c JOIN messages m ON m.id = c.message_id
			WHERE c.workspace_id = $1 AND c.id >= $2 AND c.launched_at < $6 AND NOT c.test
		) AS launched
		WHERE sending OR clicking ORDER BY id LIMIT $7`,
		workspaceID, from, w.From.Add(-settledLate).UnixMilli(), firstClick, lastClick, w.To.UnixMilli(), limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (c activity.Active, err error) {
		return c, r.Scan(&c.ID, &c.Kind, &c.MessageID, &c.MessageName, &c.Sending, &c.Clicking)
	})
}

// A recipient r as a person, with what is known of its contact p.
const (
	reachedColumns  = `r.chat_id, r.contact_id, ` + identityColumns
	identityColumns = `COALESCE(p.external_customer_id, ''), COALESCE(p.phone, ''), COALESCE(p.email, ''), ` + wantedLanguage
	wantedLanguage  = `COALESCE(r.language, p.language_code, '')`
	joinReached     = ` LEFT JOIN contacts p ON p.id = r.contact_id AND p.deleted_at = 0`
)

// personInto returns where to scan the columns of a person, which begin with the
// chat and the contact.
func personInto(p *activity.Person) []any {
	return []any{&p.ChatID, &p.ContactID, &p.ExternalCustomerID, &p.Phone, &p.Email, &p.Language}
}

// seqsIn limits a column to the stretch's recipients, whose list is $1.
func (s Activity) seqsIn(column string, seqs []int64) (condition, list string) {
	if seqs == nil {
		return `$1 = '[]'`, ints(nil)
	}
	return column + ` IN ` + s.intsIn("$1"), ints(seqs)
}

// A recipient r of a stretch, with the request behind it where there are any. It is
// found by the contact, after whom requests are indexed.
const (
	requestColumns = `, COALESCE(q.request_id, ''), COALESCE(q.label, '')`
	joinRequest    = ` LEFT JOIN requests q ON q.contact_id = r.contact_id AND q.campaign_id = r.campaign_id AND q.seq = r.seq`
)

// recipientOf renders the columns of the recipients of a stretch, and the joins that
// they need.
func recipientOf(part activity.Stretch) (columns, joins string) {
	if part.Requested {
		return reachedColumns + requestColumns, joinReached + joinRequest
	}
	return reachedColumns, joinReached
}

// recipientInto returns where to scan the columns of [recipientOf].
func recipientInto(part activity.Stretch, a *activity.Activity) []any {
	if part.Requested {
		return append(personInto(&a.Person), &a.RequestID, &a.Label)
	}
	return personInto(&a.Person)
}

// CampaignOutcomes implements [activity.Store].
func (s Activity) CampaignOutcomes(ctx context.Context, part activity.Stretch, statuses []outcome.Status) ([]activity.Activity, error) {
	only, list := s.seqsIn("o.seq", part.Seqs)
	columns, joins := recipientOf(part)
	rows, err := s.read.QueryContext(ctx, `
		SELECT o.seq, o.status, COALESCE(o.reason, ''), COALESCE(o.detail, ''), o.settled_at, `+columns+`
		FROM outcomes o JOIN recipients r ON r.campaign_id = o.campaign_id AND r.seq = o.seq`+joins+`
		WHERE o.campaign_id = $2 AND o.seq > $3 AND o.settled_at >= $4 AND o.settled_at < $5
			AND o.status IN (`+quoted(statuses)+`) AND `+only+`
		ORDER BY o.seq LIMIT $6`,
		list, part.CampaignID, part.AfterSeq, part.From.UnixMilli(), part.To.UnixMilli(), part.Limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	// There may be thousands of rows. Each overwrites all of the one before.
	var (
		a      activity.Activity
		status outcome.Status
		at     int64
	)
	into := append([]any{&a.Offset.Seq, &status, &a.Reason, &a.Detail, &at}, recipientInto(part, &a)...)
	return scanAll(rows, func(r *sql.Rows) (activity.Activity, error) {
		err := r.Scan(into...)
		a.Offset.CampaignID, a.Status, a.At = part.CampaignID, status.Activity(), fromMillis(at)
		return a, err
	})
}

// CampaignClicks implements [activity.Store]. When there are few recipients, it
// first finds those who have clicked at all.
func (s Activity) CampaignClicks(ctx context.Context, part activity.Stretch, most int) ([]activity.Activity, error) {
	firstClick, lastClick := clickIDs(part.Window)
	only, list := s.seqsIn("c.seq", part.Seqs)
	if part.Seqs != nil {
		only += ` AND EXISTS (SELECT 1 FROM clicked WHERE campaign_id = $2 AND seq IN ` + s.intsIn("$1") + `)`
	}
	columns, joins := recipientOf(part)
	rows, err := s.read.QueryContext(ctx, `
		SELECT k.id, k.seq, k.nth, k.link, CASE WHEN p.id IS NULL THEN '' ELSE k.target END, k.pressed, k.clicked_at,
			`+columns+` FROM (
			SELECT c.id, c.seq, c.link, COALESCE(c.target, '') AS target, c.press IS NOT NULL AS pressed, c.clicked_at,
				ROW_NUMBER() OVER (PARTITION BY c.seq ORDER BY c.id) AS nth
			FROM clicks c
			WHERE c.campaign_id = $2 AND c.id >= $3 AND c.id < $4 AND c.clicked_at >= $5 AND c.clicked_at < $6 AND c.seq >= $7 AND `+only+`
		) AS k
		JOIN recipients r ON r.campaign_id = $2 AND r.seq = k.seq`+joins+`
		WHERE k.nth <= $8 AND (k.seq > $7 OR k.nth > $9) ORDER BY k.seq, k.nth LIMIT $10`,
		list, part.CampaignID, firstClick, lastClick, part.From.UnixMilli(), part.To.UnixMilli(), part.AfterSeq, most, part.AfterNth, part.Limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (a activity.Activity, err error) {
		var (
			c  activity.Click
			at int64
		)
		click := []any{&a.ClickID, &a.Offset.Seq, &a.Offset.Nth, &c.Link, &c.Target, &c.Pressed, &at}
		err = r.Scan(append(click, recipientInto(part, &a)...)...)
		a.Offset.CampaignID, a.Status, a.Click, a.At = part.CampaignID, outcome.Clicked, &c, fromMillis(at)
		return a, err
	})
}
