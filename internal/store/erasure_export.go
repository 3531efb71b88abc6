package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"bellman/internal/activity"
	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/erasure"
	"bellman/internal/event"
	"bellman/internal/track"
)

var _ erasure.ExportStore = Erasures{}

// This file reads what is kept of one contact, in the stages in which it would be erased.

// exportPage is how many rows of an export are read at once.
const exportPage = 500

// Record implements [erasure.ExportStore].
func (s Erasures) Record(ctx context.Context, workspaceID, contactID int64) (r erasure.Record, err error) {
	found, err := Contacts(s).contacts(ctx,
		`SELECT `+contactColumns+` FROM contacts WHERE workspace_id = $1 AND id = $2`, workspaceID, contactID)
	if err != nil {
		return r, err
	}
	if len(found) == 0 {
		return r, contact.ErrNotFound
	}
	r.Contact = found[0]
	if r.Fields, err = Contacts(s).Fields(ctx, workspaceID); err != nil {
		return r, err
	}
	if r.Chats, err = Contacts(s).Chats(ctx, []int64{contactID}); err != nil {
		return r, err
	}
	if r.Kept, err = s.keptChats(ctx, contactID); err != nil {
		return r, err
	}
	r.Groups, err = s.groups(ctx, contactID)
	return r, err
}

func (s Erasures) keptChats(ctx context.Context, contactID int64) ([]contact.Chat, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+strings.ReplaceAll(chatColumns, "chats.", "k.")+` FROM kept_chats k JOIN bots ON bots.id = k.bot_id
		WHERE k.contact_id = $1 ORDER BY k.bot_id, k.chat_id`, contactID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (contact.Chat, error) { return scanChat(r) })
}

func (s Erasures) groups(ctx context.Context, contactID int64) ([]audience.Group, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT g.id, g.name, g.created_at FROM members m JOIN groups g ON g.id = m.group_id WHERE m.contact_id = $1 AND NOT g.deleted
		UNION SELECT g.id, g.name, g.created_at FROM kept_members m JOIN groups g ON g.id = m.group_id
		WHERE m.contact_id = $1 AND NOT g.deleted ORDER BY 1`, contactID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (g audience.Group, err error) {
		var created int64
		err = r.Scan(&g.ID, &g.Name, &created)
		g.CreatedAt = fromMillis(created)
		return g, err
	})
}

// pageOf returns the place behind a page: the next stage when the page is not full.
func pageOf(b erasure.Batch, at erasure.Place, rows int) erasure.Place {
	if rows < exportPage {
		return b.Then()
	}
	return at
}

// Deliveries implements [erasure.ExportStore].
func (s Erasures) Deliveries(ctx context.Context, b erasure.Batch) (all []erasure.Delivery, next erasure.Place, err error) {
	var places []activity.Place
	if b.Stage == erasure.Broadcasts {
		next, places, err = s.scan(ctx, b.WorkspaceID, b.People, b.Place)
	} else {
		places, err = s.sendsOf(ctx, b)
		next = b.Place
		if n := len(places); n > 0 {
			next.Low, next.High = places[n-1].CampaignID, places[n-1].Seq
		}
		next = pageOf(b, next, len(places))
	}
	if err != nil {
		return nil, next, err
	}
	for page := range slices.Chunk(places, exportPage) {
		some, err := s.deliveriesAt(ctx, page)
		if err != nil {
			return nil, next, err
		}
		all = append(all, some...)
	}
	return all, next, nil
}

func (s Erasures) sendsOf(ctx context.Context, b erasure.Batch) ([]activity.Place, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT campaign_id, seq FROM requests WHERE contact_id = $1 AND (campaign_id, seq) > ($2, $3) ORDER BY campaign_id, seq LIMIT $4`,
		b.People[0].ContactID, b.Low, b.High, exportPage)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanPlaces(rows)
}

// deliveriesAt reads the deliveries at the places, in their order.
func (s Erasures) deliveriesAt(ctx context.Context, places []activity.Place) (all []erasure.Delivery, err error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT c.id, c.name, c.kind, c.action, c.message_id, c.message_name, c.state, COALESCE(q.request_id, ''), COALESCE(q.label, ''),
			COALESCE(r.data, ''), `+deliveryColumns+`
		FROM `+s.d.rows("$1", placeColumns)+` AS v
		JOIN recipients r ON r.campaign_id = v.campaign_id AND r.seq = v.seq`+joinCampaign+joinDelivery+`
		LEFT JOIN requests q ON q.contact_id = r.contact_id AND q.campaign_id = r.campaign_id AND q.seq = r.seq
		ORDER BY r.campaign_id, r.seq`, placeRows(places))
	if err != nil {
		return nil, s.d.classify(err)
	}
	err = each(rows, func(r *sql.Rows) error {
		var d erasure.Delivery
		got, err := scanDelivery(r, &d.CampaignID, &d.CampaignName, &d.Kind, &d.Action, &d.MessageID, &d.MessageName, &d.State,
			&d.RequestID, &d.Label, &d.Data)
		d.Delivery = got.In(d.State)
		all = append(all, d)
		return err
	})
	return all, s.d.classify(err)
}

// Happened implements [erasure.ExportStore].
func (s Erasures) Happened(ctx context.Context, b erasure.Batch) (all []event.Event, next erasure.Place, err error) {
	query, args := selectEvents+`AND e.contact_id = $4 AND e.id > $2 ORDER BY e.id LIMIT $3`,
		[]any{b.WorkspaceID, b.Low, exportPage, b.People[0].ContactID}
	if b.Stage == erasure.Loose {
		query, args = selectEvents+`AND e.contact_id IS NULL AND e.id > $2 ORDER BY e.id LIMIT $3`, args[:3]
	}
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, next, s.d.classify(err)
	}
	next = b.Place
	seen := 0
	err = each(rows, func(r *sql.Rows) error {
		e, err := scanEvent(r)
		seen, next.Low = seen+1, e.ID
		if b.Stage == erasure.Events || b.IsAbout(e.Key, e.Params) {
			all = append(all, e)
		}
		return err
	})
	return all, pageOf(b, next, seen), s.d.classify(err)
}

// Clicked implements [erasure.ExportStore].
func (s Erasures) Clicked(ctx context.Context, b erasure.Batch) (all []track.Click, next erasure.Place, err error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT campaign_id, id, seq, link, COALESCE(agent, ''), COALESCE(target, ''), COALESCE(press, ''), COALESCE(data, ''), clicked_at
		FROM clicks WHERE contact_id <> 0 AND contact_id = $1 AND (campaign_id, id) > ($2, $3) ORDER BY campaign_id, id LIMIT $4`,
		b.People[0].ContactID, b.Low, b.Key, exportPage)
	if err != nil {
		return nil, next, s.d.classify(err)
	}
	next = b.Place
	err = each(rows, func(r *sql.Rows) error {
		c := track.Click{ContactID: b.People[0].ContactID}
		var at int64
		err := r.Scan(&c.CampaignID, &c.ID, &c.Seq, &c.Link, &c.Agent, &c.Target, &c.Press, &c.Data, &at)
		c.At = fromMillis(at)
		next.Low, next.Key, all = c.CampaignID, c.ID, append(all, c)
		return err
	})
	return all, pageOf(b, next, len(all)), s.d.classify(err)
}

// Waiting implements [erasure.ExportStore]. A page of what waits for anybody is read, and
// then who the recipients are.
func (s Erasures) Waiting(ctx context.Context, b erasure.Batch) (all []erasure.Waiting, next erasure.Place, err error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT a.webhook_id, a.id, a.status, a.campaign_id, a.seq, COALESCE(a.contact_id, 0), a.at
		FROM activities a JOIN webhooks w ON w.id = a.webhook_id
		WHERE w.workspace_id = $1 AND (a.webhook_id, a.id) > ($2, $3) ORDER BY a.webhook_id, a.id LIMIT $4`,
		b.WorkspaceID, b.Low, b.High, exportPage)
	if err != nil {
		return nil, next, s.d.classify(err)
	}
	var (
		page   []erasure.Waiting
		places []activity.Place
		whose  []int64
	)
	next = b.Place
	err = each(rows, func(r *sql.Rows) error {
		var (
			w         erasure.Waiting
			p         activity.Place
			owner, at int64
		)
		err := r.Scan(&w.WebhookID, &next.High, &w.Status, &w.CampaignID, &p.Seq, &owner, &at)
		w.At, next.Low, p.CampaignID = fromMillis(at), w.WebhookID, w.CampaignID
		page, places, whose = append(page, w), append(places, p), append(whose, owner)
		return err
	})
	if err != nil || len(page) == 0 {
		return nil, b.Then(), s.d.classify(err)
	}
	theirs, err := s.theirs(ctx, b, places)
	if err != nil {
		return nil, next, err
	}
	for i, w := range page {
		if b.IsContact(whose[i]) || theirs[places[i]] {
			all = append(all, w)
		}
	}
	return all, pageOf(b, next, len(page)), nil
}

// theirs returns which of the recipients are one of the people.
func (s Erasures) theirs(ctx context.Context, b erasure.Batch, places []activity.Place) (map[activity.Place]bool, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT r.campaign_id, r.seq FROM `+s.d.rows("$1", placeColumns)+` AS v
		CROSS JOIN recipients r WHERE r.campaign_id = v.campaign_id AND r.seq = v.seq AND r.contact_id = $2`,
		placeRows(places), b.People[0].ContactID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	found, err := scanPlaces(rows)
	theirs := map[activity.Place]bool{}
	for _, p := range found {
		theirs[p] = true
	}
	return theirs, err
}

// Imported implements [erasure.ExportStore].
func (s Erasures) Imported(ctx context.Context, b erasure.Batch) (all []erasure.Imported, next erasure.Place, err error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT p.import_id, p.part, i.session, `+remainsColumns+` FROM import_parts p JOIN imports i ON i.id = p.import_id
		WHERE (p.import_id, p.part) > ($1, $2) AND i.workspace_id = $3
		ORDER BY p.import_id, p.part LIMIT $4`, b.Low, b.High, b.WorkspaceID, eraseParts)
	if err != nil {
		return nil, next, s.d.classify(err)
	}
	next = b.Place
	seen := 0
	err = each(rows, func(r *sql.Rows) error {
		var session string
		of, err := scanRemains(r, &next.Low, &next.High, &session)
		if err != nil {
			return err
		}
		seen++
		waiting, imported, err := of.Find(b)
		for i := range waiting {
			all = append(all, erasure.Imported{Session: session, Waits: &waiting[i]})
		}
		for _, m := range imported {
			all = append(all, erasure.Imported{Session: session, Mapped: m})
		}
		return err
	})
	if seen < eraseParts {
		next = b.Then()
	}
	return all, next, s.d.classify(err)
}

// Answered implements [erasure.ExportStore].
func (s Erasures) Answered(ctx context.Context, b erasure.Batch) (all []erasure.Answered, next erasure.Place, err error) {
	next = b.Place
	seen, err := s.eachAnswer(ctx, b, func(k answerRow) {
		next.Key = k.key
		if k.names(b) || k.tells(b) {
			all = append(all, erasure.Answered{Key: k.key, At: fromMillis(k.at)})
		}
	})
	if seen < eraseAnswers {
		next = b.Then()
	}
	return all, next, err
}
