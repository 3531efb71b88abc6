package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"bellman/internal/activity"
)

// Places implements [activity.Store]. Triggered messages are found by their
// requests. The recipients of broadcasts are in the order of their chats, and those
// of resends in the order of the first campaign, so both are found by binary
// search: an index of recipients by contact would cost the layout more than
// everything else that it does.
func (s Activity) Places(ctx context.Context, workspaceID int64, contactIDs []int64) ([]activity.Place, error) {
	list := ints(contactIDs)
	triggered, err := s.places(ctx, `
		SELECT q.campaign_id, q.seq FROM requests q JOIN campaigns c ON c.id = q.campaign_id
		WHERE q.contact_id`+s.d.among(s.intsIn("$1"))+` AND c.workspace_id = $2`, list, workspaceID)
	if err != nil {
		return nil, err
	}
	found, err := s.places(ctx, halves("r.chat_id", `
		SELECT c.id, h.chat_id, CAST(1 AS BIGINT), c.laid_seq
		FROM chats h JOIN campaigns c ON c.bot_id = h.bot_id
		WHERE h.contact_id`+s.d.among(s.intsIn("$1"))+` AND c.workspace_id = $2 AND c.kind = 'broadcast'
			AND c.resend_of IS NULL AND c.laid_seq > 0`,
		`r.contact_id`+s.d.among(s.intsIn("$1"))), list, workspaceID)
	if err != nil {
		return nil, err
	}
	found = append(found, triggered...)
	for again := found; len(again) > 0; {
		if again, err = s.resent(ctx, again); err != nil {
			return nil, err
		}
		found = append(found, again...)
	}
	slices.SortFunc(found, func(a, b activity.Place) int {
		return cmp.Or(cmp.Compare(a.CampaignID, b.CampaignID), cmp.Compare(a.Seq, b.Seq))
	})
	return found, nil
}

var placeColumns = []column{{"campaign_id", "bigint"}, {"seq", "bigint"}}

func placeRows(places []activity.Place) string {
	var w rowWriter
	for _, p := range places {
		w.row().int(p.CampaignID).int(p.Seq)
	}
	return w.String()
}

// resent returns the places of recipients in resends.
func (s Activity) resent(ctx context.Context, places []activity.Place) ([]activity.Place, error) {
	return s.places(ctx, halves("r.from_seq", `
		SELECT c.id, v.seq, CAST(1 AS BIGINT), c.laid_seq
		FROM `+s.d.rows("$1", placeColumns)+` AS v JOIN campaigns c ON c.resend_of = v.campaign_id
		WHERE c.laid_seq > 0`, `TRUE`), placeRows(places))
}

// halves renders a binary search for recipients by a column that grows with their
// number. first selects the campaign, the value and the range of numbers to search;
// condition filters the recipients that are found.
func halves(column, first, condition string) string {
	return strings.NewReplacer("{column}", column, "{first}", first, "{condition}", condition).Replace(`
		WITH RECURSIVE probe (campaign_id, wanted, low, high) AS (
			{first}
			UNION ALL
			SELECT p.campaign_id, p.wanted,
				CASE WHEN {column} < p.wanted THEN r.seq + 1 ELSE p.low END, CASE WHEN {column} < p.wanted THEN p.high ELSE r.seq END
			FROM probe p JOIN recipients r ON r.campaign_id = p.campaign_id AND r.seq = (p.low + p.high) / 2
			WHERE p.low < p.high
		)
		SELECT p.campaign_id, p.low FROM probe p JOIN recipients r ON r.campaign_id = p.campaign_id AND r.seq = p.low
		WHERE p.low = p.high AND {column} = p.wanted AND {condition}`)
}

func (s Activity) places(ctx context.Context, query string, args ...any) ([]activity.Place, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.d.classify(err)
	}
	found, err := scanAll(rows, func(r *sql.Rows) (p activity.Place, err error) { return p, r.Scan(&p.CampaignID, &p.Seq) })
	return found, s.d.classify(err)
}

// PlacesWithin implements [activity.Store], in the order of campaigns and recipients.
func (s Activity) PlacesWithin(ctx context.Context, places []activity.Place, w activity.Window, now time.Time) ([]activity.Place, error) {
	return s.places(ctx, `
		SELECT v.campaign_id, v.seq FROM `+s.d.rows("$1", placeColumns)+` AS v
		JOIN campaigns c ON c.id = v.campaign_id
		LEFT JOIN outcomes o ON o.campaign_id = v.campaign_id AND o.seq = v.seq
		WHERE COALESCE(o.settled_at, c.finished_at, $2) >= $3 AND COALESCE(o.settled_at, c.finished_at, $2) < $4
		ORDER BY v.campaign_id, v.seq`, placeRows(places), now.UnixMilli(), w.From.UnixMilli(), w.To.UnixMilli())
}

// PlacedDeliveries implements [activity.Store], in the order of the places.
func (s Activity) PlacedDeliveries(ctx context.Context, workspaceID int64, places []activity.Place) ([]activity.Sent, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT c.id, c.kind, c.state, c.message_id, m.name, `+wantedLanguage+`, `+deliveryColumns+`
		FROM `+s.d.rows("$1", placeColumns)+` AS v
		JOIN campaigns c ON c.id = v.campaign_id
		JOIN messages m ON m.id = c.message_id
		JOIN recipients r ON r.campaign_id = v.campaign_id AND r.seq = v.seq`+joinDelivery+joinReached+`
		WHERE c.workspace_id = $2`, placeRows(places), workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	found := map[activity.Place]activity.Sent{}
	err = each(rows, func(r *sql.Rows) (err error) {
		var m activity.Sent
		c := &m.Campaign
		m.Delivery, err = scanDelivery(r, &c.ID, &c.Kind, &m.State, &c.MessageID, &c.MessageName, &m.Wanted)
		m.Place = activity.Place{CampaignID: c.ID, Seq: m.Delivery.Seq}
		found[m.Place] = m
		return err
	})
	if err != nil {
		return nil, s.d.classify(err)
	}
	sent := make([]activity.Sent, 0, len(places))
	for _, p := range places {
		if m, ok := found[p]; ok {
			sent = append(sent, m)
		}
	}
	return sent, nil
}
