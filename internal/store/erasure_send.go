package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"

	"bellman/internal/activity"
	"bellman/internal/erasure"
)

// This file erases what was sent to people, and what is to be. The rows stay: numbers of
// recipients are counted without looking at them, and a campaign under way goes on over
// them. A recipient without a chat and a contact gets no message.

// scanChunk is how many recipients of broadcasts a piece looks at.
const scanChunk = 20000

// sends erases triggered messages, which are found by their requests.
func (e *eraser) sends(ctx context.Context) error {
	rows, err := e.s.read.QueryContext(ctx, `
		SELECT campaign_id, seq FROM requests WHERE contact_id`+e.s.d.among(e.s.intsIn("$1"))+` LIMIT $2`, ints(e.ids), eraseChunk)
	if err != nil {
		return e.s.d.classify(err)
	}
	places, err := scanPlaces(rows)
	if err != nil {
		return err
	}
	at := e.next(len(places) == eraseChunk)
	return e.write(ctx, func(tx *sql.Tx) (erasure.Place, error) {
		if err := e.blank(ctx, tx, places); err != nil || len(places) == 0 {
			return at, err
		}
		_, err := tx.ExecContext(ctx, `
			DELETE FROM requests WHERE contact_id IN `+e.s.intsIn("$1")+` AND (campaign_id, seq) IN (
				SELECT campaign_id, seq FROM `+e.s.d.rows("$2", placeColumns)+` AS gone)`, ints(e.ids), placeRows(places))
		return at, err
	})
}

// broadcasts erases the people among the recipients of broadcasts. No index leads to them,
// which would cost the layout more than all else, and a search by their chats would miss
// those that they do not have any more: all recipients are looked at.
func (e *eraser) broadcasts(ctx context.Context) error {
	at, places, err := e.s.scan(ctx, e.WorkspaceID, e.People, e.Place)
	if err != nil {
		return err
	}
	// What was blanked before the last of these is left as it is when that is tried again.
	if len(places) > eraseChunk {
		places = places[:eraseChunk]
		last := places[eraseChunk-1]
		at = erasure.Place{Stage: e.Stage, Low: last.CampaignID, High: last.Seq}
	}
	return e.write(ctx, func(tx *sql.Tx) (erasure.Place, error) { return at, e.blank(ctx, tx, places) })
}

// scan looks at the next recipients of broadcasts, and returns those who are one of the
// people, and the place behind all of them. Campaigns that were over before there was any
// of the people are passed over.
func (s Erasures) scan(
	ctx context.Context, workspaceID int64, people []erasure.Person, from erasure.Place,
) (at erasure.Place, found []activity.Place, err error) {
	since, ids := people[0].CreatedAt, make([]int64, len(people))
	for i, p := range people {
		if ids[i] = p.ContactID; p.CreatedAt.Before(since) {
			since = p.CreatedAt
		}
	}
	at = from
	for room := int64(scanChunk); room > 0; {
		var campaignID, laid int64
		err := s.read.QueryRowContext(ctx, `
			SELECT id, laid_seq FROM campaigns
			WHERE workspace_id = $1 AND kind = 'broadcast' AND NOT swept AND laid_seq > 0 AND (id > $2 OR id = $2 AND laid_seq > $3)
				AND (finished_at IS NULL OR finished_at >= $4) ORDER BY id LIMIT 1`, workspaceID, at.Low, at.High, since.UnixMilli()).
			Scan(&campaignID, &laid)
		if errors.Is(err, sql.ErrNoRows) {
			return from.Then(), found, nil
		}
		if err != nil {
			return from, nil, s.d.classify(err)
		}
		if campaignID != at.Low {
			at.Low, at.High = campaignID, 0
		}
		last := min(at.High+room, laid)
		rows, err := s.read.QueryContext(ctx, `
			SELECT campaign_id, seq FROM recipients
			WHERE campaign_id = $1 AND seq > $2 AND seq <= $3 AND contact_id`+s.d.among(s.intsIn("$4"))+` ORDER BY seq`,
			campaignID, at.High, last, ints(ids))
		if err != nil {
			return from, nil, s.d.classify(err)
		}
		places, err := scanPlaces(rows)
		if err != nil {
			return from, nil, err
		}
		found = append(found, places...)
		room, at.High = room-(last-at.High), last
	}
	return at, found, nil
}

// blank makes recipients nobody.
func (e *eraser) blank(ctx context.Context, tx *sql.Tx, places []activity.Place) error {
	if len(places) == 0 {
		return nil
	}
	bots, err := e.holdLedgers(ctx, tx, places)
	if err != nil {
		return err
	}
	if err := e.leaveLayouts(ctx, tx, places); err != nil {
		return err
	}
	chats, err := e.chatsAt(ctx, tx, places, bots)
	if err != nil {
		return err
	}
	rows := placeRows(places)
	in := ` WHERE (campaign_id, seq) IN (SELECT campaign_id, seq FROM ` + e.s.d.rows("$1", placeColumns) + ` AS gone)`
	for _, statement := range []string{
		`UPDATE recipients SET chat_id = 0, contact_id = 0, data = NULL, language = NULL, target_message_id = NULL` + in,
		`UPDATE outcomes SET detail = NULL, telegram_message_id = NULL` + in,
		`UPDATE deferred SET detail = ''` + in,
	} {
		if _, err := tx.ExecContext(ctx, statement, rows); err != nil {
			return err
		}
	}
	var of rowWriter
	for _, c := range chats {
		of.row().int(c.BotID).int(c.ChatID)
	}
	_, err = tx.ExecContext(ctx, `
		DELETE FROM pressable WHERE (bot_id, chat_id) IN (SELECT bot_id, chat_id FROM `+e.s.d.rows("$1", chatKeyColumns)+` AS gone)
			AND (campaign_id, seq) IN (SELECT campaign_id, seq FROM `+e.s.d.rows("$2", placeColumns)+` AS gone)`, of.String(), rows)
	return err
}

// holdLedgers keeps steps of the campaigns from claiming meanwhile, and returns the
// campaigns' bots. It fails when one of the recipients is claimed: what becomes of it
// will say where it went.
func (e *eraser) holdLedgers(ctx context.Context, tx *sql.Tx, places []activity.Place) (bots map[int64]int64, err error) {
	var ids []int64
	for _, p := range places {
		ids = append(ids, p.CampaignID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	rows, err := tx.QueryContext(ctx,
		`SELECT campaign_id, bot_id FROM ledgers WHERE campaign_id IN `+e.s.intsIn("$1")+` ORDER BY campaign_id`+e.s.d.forUpdate, ints(ids))
	if err != nil {
		return nil, err
	}
	bots = map[int64]int64{}
	err = each(rows, func(r *sql.Rows) error {
		var id, bot int64
		err := r.Scan(&id, &bot)
		bots[id] = bot
		return err
	})
	if err != nil || !slices.ContainsFunc(e.People, func(p erasure.Person) bool { return p.AskedAt.After(e.waiting) }) {
		return bots, err
	}
	var flying bool
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (
		SELECT 1 FROM `+e.s.d.rows("$1", placeColumns)+` AS v
		JOIN recipients r ON r.campaign_id = v.campaign_id AND r.seq = v.seq`+joinDelivery+`
		WHERE r.seq <= l.claimed_seq AND o.seq IS NULL AND COALESCE(d.claimed_step, 1) <> 0)`, placeRows(places)).Scan(&flying)
	if err == nil && flying {
		err = erasure.ErrInFlight
	}
	return bots, err
}

// leaveLayouts moves the cursor of layouts that have stopped at one of the recipients: it
// goes on behind the number before.
func (e *eraser) leaveLayouts(ctx context.Context, tx *sql.Tx, places []activity.Place) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE campaigns SET laid_cursor = laid_cursor - 1
		WHERE kind = 'broadcast' AND NOT laid AND resend_of IS NULL AND laid_cursor > $2 AND (id, laid_seq) IN (
			SELECT campaign_id, seq FROM `+e.s.d.rows("$1", placeColumns)+` AS gone)`, placeRows(places), int64(math.MinInt64))
	return err
}

// chatsAt returns the chats of recipients, under their present ids too, and remembers those
// that nobody else has.
func (e *eraser) chatsAt(ctx context.Context, tx *sql.Tx, places []activity.Place, bots map[int64]int64) ([]erasure.Chat, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT r.campaign_id, r.chat_id, r.contact_id FROM `+e.s.d.rows("$1", placeColumns)+` AS v
		CROSS JOIN recipients r WHERE r.campaign_id = v.campaign_id AND r.seq = v.seq`, placeRows(places))
	if err != nil {
		return nil, err
	}
	var chats []erasure.Chat
	owners := map[erasure.Chat]int64{}
	err = each(rows, func(r *sql.Rows) error {
		var campaignID, chatID, contactID int64
		if err := r.Scan(&campaignID, &chatID, &contactID); err != nil {
			return err
		}
		c := erasure.Chat{BotID: bots[campaignID], ChatID: chatID}
		if _, known := owners[c]; chatID != 0 && !known {
			owners[c] = contactID
			chats = append(chats, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	moved, err := e.moved(ctx, tx, chats)
	if err != nil {
		return nil, err
	}
	return append(chats, moved...), e.addChats(ctx, tx, owners)
}

// moved returns the ids that groups have now.
func (e *eraser) moved(ctx context.Context, tx *sql.Tx, chats []erasure.Chat) (now []erasure.Chat, err error) {
	var of rowWriter
	for _, c := range chats {
		if c.ChatID < 0 {
			of.row().int(c.BotID).int(c.ChatID)
		}
	}
	if of.empty() {
		return nil, nil
	}
	rows, err := tx.QueryContext(ctx, `
		SELECT m.bot_id, m.new_id FROM `+e.s.d.rows("$1", chatKeyColumns)+` AS v
		CROSS JOIN group_moves m WHERE m.bot_id = v.bot_id AND m.old_id = v.chat_id`, of.String())
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (c erasure.Chat, err error) { return c, r.Scan(&c.BotID, &c.ChatID) })
}

// addChats adds chats that nobody else has now to the people who had them.
func (e *eraser) addChats(ctx context.Context, tx *sql.Tx, owners map[erasure.Chat]int64) error {
	var of rowWriter
	for c := range owners {
		of.row().int(c.BotID).int(c.ChatID)
	}
	if of.empty() {
		return nil
	}
	rows, err := tx.QueryContext(ctx, `
		SELECT bot_id, chat_id FROM chats WHERE (bot_id, chat_id) IN (
			SELECT bot_id, chat_id FROM `+e.s.d.rows("$1", chatKeyColumns)+` AS v)`, of.String())
	if err != nil {
		return err
	}
	err = each(rows, func(r *sql.Rows) error {
		var c erasure.Chat
		err := r.Scan(&c.BotID, &c.ChatID)
		delete(owners, c)
		return err
	})
	if err != nil {
		return err
	}
	// The transaction may be run again: the people stay as they are.
	people, added := slices.Clone(e.People), false
	for c, owner := range owners {
		for i := range people {
			if people[i].ContactID == owner {
				added = people[i].AddChat(c) || added
			}
		}
	}
	if !added {
		return nil
	}
	return e.remember(ctx, tx, people)
}
