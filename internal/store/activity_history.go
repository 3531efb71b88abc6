package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"bellman/internal/activity"
)

// Places implements [activity.Store]. Triggered messages are found by their
// requests. The recipients of broadcasts are in the order of their chats, and those
// of resends in the order of the first campaign, so both are found by binary
// search: an index of recipients by contact would cost the layout more than
// everything else that it does.
func (s Activity) Places(ctx context.Context, workspaceID int64, contactIDs []int64) ([]activity.Place, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT q.campaign_id, q.seq FROM requests q
		WHERE q.contact_id`+s.d.among(s.intsIn("$1"))+` AND `+rememberedBy("q.campaign_id")+` = $2`, ints(contactIDs), workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	triggered, err := scanPlaces(rows)
	if err != nil {
		return nil, err
	}
	found, err := s.inBroadcasts(ctx, workspaceID, contactIDs)
	if err != nil {
		return nil, err
	}
	found = append(found, triggered...)
	for again := found; len(again) > 0; {
		if again, err = s.through(ctx, again, `= 'send'`); err != nil {
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

// inBroadcasts returns the places of contacts in broadcasts to their chats. The chats
// are found by the contacts alone, whatever a plan believes of how many a bot has.
func (s Activity) inBroadcasts(ctx context.Context, workspaceID int64, contactIDs []int64) ([]activity.Place, error) {
	open, err := s.searches(ctx, `
		SELECT c.id, h.chat_id, c.laid_seq FROM chats h JOIN campaigns c ON c.bot_id = h.bot_id + 0
		WHERE h.contact_id`+s.d.among(s.intsIn("$1"))+` AND c.workspace_id = $2 AND c.kind = 'broadcast'
			AND c.resend_of IS NULL AND c.laid_seq > 0 AND c.forgotten_at IS NULL`, ints(contactIDs), workspaceID)
	if err != nil {
		return nil, err
	}
	hits, err := s.search(ctx, "r.chat_id", open)
	var found []activity.Place
	for _, h := range hits {
		// A chat may have had another owner when the broadcast was laid out.
		if slices.Contains(contactIDs, h.contactID) {
			found = append(found, h.Place)
		}
	}
	return found, err
}

// Changes implements [activity.TimelineStore].
func (s Activity) Changes(ctx context.Context, places []activity.Place) ([]activity.Place, error) {
	if len(places) == 0 {
		return nil, nil
	}
	return s.through(ctx, places, `<> 'send'`)
}

// through returns the places of recipients in campaigns that go to recipients of those
// campaigns, and whose action is as required.
func (s Activity) through(ctx context.Context, places []activity.Place, action string) (found []activity.Place, err error) {
	open, err := s.searches(ctx, `
		SELECT c.id, v.seq, c.laid_seq FROM `+s.d.rows("$1", placeColumns)+` AS v JOIN campaigns c ON c.resend_of = v.campaign_id
		WHERE c.laid_seq > 0 AND c.action `+action, placeRows(places))
	if err != nil {
		return nil, err
	}
	hits, err := s.search(ctx, "r.from_seq", open)
	for _, h := range hits {
		found = append(found, h.Place)
	}
	return found, err
}

// PlacesWithin implements [activity.Store], in the order of campaigns and recipients.
func (s Activity) PlacesWithin(ctx context.Context, places []activity.Place, w activity.Window, now time.Time) ([]activity.Place, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT r.campaign_id, r.seq FROM `+s.d.rows("$1", placeColumns)+` AS v
		JOIN recipients r ON r.campaign_id = v.campaign_id AND r.seq = v.seq`+joinCampaign+`
		LEFT JOIN outcomes o ON o.campaign_id = r.campaign_id AND o.seq = r.seq
		WHERE COALESCE(o.settled_at, c.finished_at, $2) >= $3 AND COALESCE(o.settled_at, c.finished_at, $2) < $4
		ORDER BY r.campaign_id, r.seq`, placeRows(places), now.UnixMilli(), w.From.UnixMilli(), w.To.UnixMilli())
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanPlaces(rows)
}

func scanPlaces(rows *sql.Rows) ([]activity.Place, error) {
	return scanAll(rows, func(r *sql.Rows) (p activity.Place, err error) { return p, r.Scan(&p.CampaignID, &p.Seq) })
}

// PlacedDeliveries implements [activity.Store], in the order of the places.
func (s Activity) PlacedDeliveries(ctx context.Context, workspaceID int64, places []activity.Place) ([]activity.Sent, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT c.id, c.kind, c.action, c.state, c.bot_id, c.name, c.message_id, m.name, `+deliveryColumns+`
		FROM `+s.d.rows("$1", placeColumns)+` AS v
		JOIN recipients r ON r.campaign_id = v.campaign_id AND r.seq = v.seq`+joinCampaign+`
		JOIN messages m ON m.id = c.message_id`+joinDelivery+`
		WHERE c.workspace_id + 0 = $2 AND c.forgotten_at IS NULL`, placeRows(places), workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	found := map[activity.Place]activity.Sent{}
	err = each(rows, func(r *sql.Rows) (err error) {
		var m activity.Sent
		c := &m.Campaign
		m.Delivery, err = scanDelivery(r, &c.ID, &c.Kind, &m.Action, &m.State, &m.BotID, &m.CampaignName, &c.MessageID, &c.MessageName)
		m.Wanted = m.Delivery.Language
		m.Place = activity.Place{CampaignID: c.ID, Seq: m.Delivery.Seq}
		found[m.Place] = m
		return err
	})
	if err != nil {
		return nil, s.d.classify(err)
	}
	sent := make([]activity.Sent, 0, len(places))
	people := make([]*activity.Person, 0, len(places))
	for _, p := range places {
		if m, ok := found[p]; ok {
			sent = append(sent, m)
			people = append(people, &activity.Person{ContactID: m.Delivery.ContactID, Language: m.Wanted})
		}
	}
	if _, err := s.know(ctx, people); err != nil {
		return nil, err
	}
	for i := range sent {
		sent[i].Wanted = people[i].Language
	}
	return sent, nil
}
