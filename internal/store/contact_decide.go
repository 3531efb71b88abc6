package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"bellman/internal/audit"
	"bellman/internal/contact"
	"bellman/internal/erasure"
)

// This file writes contacts. Everything that creates, deletes or restores a contact
// goes through Decide, which keeps contact_blocks correct.

// contactBlockBits gives the number of ids in a block of contact_blocks, as
// migration 0006 does: two to the power of it.
const contactBlockBits = 10

// Decide implements [contact.Store]. Decisions about different people act beside each
// other; see [decision].
func (s Contacts) Decide(
	ctx context.Context, look contact.Lookup, now time.Time, decide func(contact.Snapshot) (contact.Plan, error),
) error {
	d := s.decision(look, now, decide)
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := d.run(ctx, tx)
		return err
	})
}

// contactWriter carries out the plan of a decision.
type contactWriter struct {
	*decision
	// was holds the loaded contacts as they are in the database.
	was map[int64]*contact.Contact
	// held are the identities of the lookup.
	held holders
	// blocks and subscribers are the changes of contact_blocks and of the bots' counts.
	blocks      map[int64]int64
	subscribers map[int64]int64
}

func newContactWriter(d *decision, found snapshot) *contactWriter {
	w := &contactWriter{
		decision: d, held: found.held, was: make(map[int64]*contact.Contact, len(found.Contacts)),
		blocks: map[int64]int64{}, subscribers: map[int64]int64{},
	}
	was := slices.Clone(found.Contacts)
	for i := range was {
		w.was[was[i].ID] = &was[i]
	}
	return w
}

// write carries the plan out. What every plan counts in comes last: transactions that
// act beside each other wait for these rows.
func (w *contactWriter) write(ctx context.Context, tx *sql.Tx, plan contact.Plan) error {
	for _, step := range []func() error{
		func() error { return w.update(ctx, tx, plan.Update) },
		func() error { return w.create(ctx, tx, plan.Create) },
		func() error { return w.moveIdentities(ctx, tx, plan) },
		func() error { return w.putFields(ctx, tx, plan.Fields) },
		func() error { return w.putDevices(ctx, tx, plan.Devices) },
		func() error { return w.delete(ctx, tx, plan.Delete) },
		func() error { return w.erase(ctx, tx, plan.Erase) },
		func() error { return w.remove(ctx, tx, plan.Remove) },
		func() error { return w.giveBack(ctx, tx, w.restored(plan.Update), plan.Chats) },
		func() error { return w.addChats(ctx, tx, plan.Chats) },
		func() error { return w.writeWith(ctx, tx, plan) },
		func() error { return w.countBlocks(ctx, tx) },
		func() error { return w.s.countSubscribers(ctx, tx, w.subscribers, w.now) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (w *contactWriter) writeWith(ctx context.Context, tx *sql.Tx, plan contact.Plan) error {
	if w.with == nil {
		return nil
	}
	return w.with(ctx, tx, plan)
}

func (w *contactWriter) exec(ctx context.Context, tx *sql.Tx, p input, statement string, args ...any) error {
	if p.empty() {
		return nil
	}
	_, err := tx.ExecContext(ctx, statement, append([]any{p.String()}, args...)...)
	return err
}

// create writes new contacts and gives them their ids.
func (w *contactWriter) create(ctx context.Context, tx *sql.Tx, create []*contact.Contact) error {
	if len(create) == 0 {
		return nil
	}
	ids, err := w.s.d.takeIDs(ctx, tx, "contact_id", len(create))
	if err != nil {
		return err
	}
	if len(ids) == 1 {
		audit.About(ctx, "contacts", ids[0])
	}
	for i, c := range create {
		c.ID = ids[i]
		w.blocks[c.ID>>contactBlockBits]++
	}
	var empty contact.Contact
	fresh := newContactRows(create, func(*contact.Contact) *contact.Contact { return &empty })
	return w.exec(ctx, tx, fresh.rows, `
		INSERT INTO contacts (`+names(fresh.columns)+`) SELECT * FROM `+w.s.d.rows("$1", fresh.columns)+` AS fresh`)
}

// update writes contacts that were loaded, including deleted and restored ones.
func (w *contactWriter) update(ctx context.Context, tx *sql.Tx, update []*contact.Contact) error {
	for _, c := range update {
		w.blocks[c.ID>>contactBlockBits] += living(c) - living(w.was[c.ID])
	}
	changed := newContactRows(update, func(c *contact.Contact) *contact.Contact { return w.was[c.ID] })
	if len(changed.columns) == 1 {
		return nil
	}
	return w.exec(ctx, tx, changed.rows, `
		UPDATE contacts SET `+assignments(changed.columns, "f")+` FROM `+w.s.d.rows("$1", changed.columns)+` AS f WHERE contacts.id = f.id`)
}

// living is 1 for a contact that counts in contact_blocks.
func living(c *contact.Contact) int64 { return number(c.DeletedAt.IsZero()) }

var valueColumns = []column{
	{"contact_id", "bigint"}, {"field_id", "bigint"}, {"value", "text"}, {"value_key", "text"}, {"num", "double precision"},
}

// putFields writes values of custom fields. The value of a field that was deleted
// meanwhile is dropped. Only those of numbers and dates can be compared: a text that
// reads like one may be anything.
func (w *contactWriter) putFields(ctx context.Context, tx *sql.Tx, fields []contact.PlannedField) error {
	var put, gone rowWriter
	for _, f := range fields {
		if f.Value == "" {
			gone.row().int(f.Contact.ID).int(f.FieldID)
		} else {
			put.row().int(f.Contact.ID).int(f.FieldID).verbatim(f.Value).verbatim(contact.MatchKey(f.Value)).float(contact.Num(f.Value))
		}
	}
	err := w.exec(ctx, tx, gone, `
		DELETE FROM contact_fields WHERE (contact_id, field_id) IN (
			SELECT contact_id, field_id FROM `+w.s.d.rows("$1", valueColumns[:2])+` AS gone)`)
	if err != nil {
		return err
	}
	return w.exec(ctx, tx, put, `
		INSERT INTO contact_fields (contact_id, field_id, value, value_key, num)
		SELECT v.contact_id, v.field_id, v.value, v.value_key,
			CASE WHEN v.field_id IN (SELECT id FROM fields WHERE workspace_id = $2 AND type IN ('number', 'date')) THEN v.num END
		FROM `+w.s.d.rows("$1", valueColumns)+` AS v
		WHERE v.field_id IN (SELECT id FROM fields WHERE workspace_id = $2)
		ON CONFLICT (contact_id, field_id) DO UPDATE SET value = excluded.value, value_key = excluded.value_key, num = excluded.num`,
		w.look.WorkspaceID)
}

var deviceColumns = []column{{"contact_id", "bigint"}, {"device_key", "text"}, {"workspace_id", "bigint"}, {"device", "text"}}

func (w *contactWriter) putDevices(ctx context.Context, tx *sql.Tx, planned []contact.PlannedDevices) error {
	var (
		of  numberList
		put rowWriter
	)
	for _, p := range planned {
		of = append(of, p.Contact.ID)
		for _, d := range p.Devices {
			text, err := json.Marshal(d)
			if err != nil {
				return err
			}
			put.row().int(p.Contact.ID).verbatim(d.Key()).int(w.look.WorkspaceID).verbatim(string(text))
		}
	}
	if err := w.exec(ctx, tx, of, `DELETE FROM contact_devices WHERE contact_id IN `+w.s.intsIn("$1")); err != nil {
		return err
	}
	return w.exec(ctx, tx, put, `
		INSERT INTO contact_devices (`+names(deviceColumns)+`) SELECT * FROM `+w.s.d.rows("$1", deviceColumns)+` AS fresh`)
}

// delete hides contacts and removes their chats, which are kept aside.
func (w *contactWriter) delete(ctx context.Context, tx *sql.Tx, contacts []*contact.Contact) error {
	if err := w.update(ctx, tx, contacts); err != nil {
		return err
	}
	return w.leave(ctx, tx, contacts, kept)
}

// leave removes contacts from their groups, and their chats, so that the bots count
// fewer subscribers.
func (w *contactWriter) leave(ctx context.Context, tx *sql.Tx, contacts []*contact.Contact, keep keeping) error {
	if len(contacts) == 0 {
		return nil
	}
	ids := idsOf(contacts)
	if err := Groups(w.s).leaveGroups(ctx, tx, ids, keep); err != nil {
		return err
	}
	if keep {
		if _, err := tx.ExecContext(ctx, keepChats+w.s.intsIn("$1"), ints(ids)); err != nil {
			return err
		}
	}
	rows, err := tx.QueryContext(ctx, `DELETE FROM chats WHERE contact_id IN `+w.s.intsIn("$1")+` RETURNING bot_id`, ints(ids))
	if err != nil {
		return err
	}
	return each(rows, func(r *sql.Rows) error {
		var botID int64
		err := r.Scan(&botID)
		w.subscribers[botID]--
		return err
	})
}

// erase removes contacts, and notes who they were: what else there is of them is removed
// by [Erasures]. Imports under way begin their parts anew once that has been done there.
func (w *contactWriter) erase(ctx context.Context, tx *sql.Tx, contacts []*contact.Contact) error {
	if len(contacts) == 0 {
		return nil
	}
	ids := idsOf(contacts)
	chats, err := w.chatsOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	if err := w.remove(ctx, tx, contacts); err != nil {
		return err
	}
	people := make([]erasure.Person, len(contacts))
	for i, c := range contacts {
		people[i] = erasure.PersonOf(*w.was[c.ID], chats[c.ID])
	}
	return Erasures(w.s).begin(ctx, tx, w.look.WorkspaceID, people, w.now)
}

// remove removes contacts, and what lies beside their rows.
func (w *contactWriter) remove(ctx context.Context, tx *sql.Tx, contacts []*contact.Contact) error {
	if len(contacts) == 0 {
		return nil
	}
	if err := w.leave(ctx, tx, contacts, lost); err != nil {
		return err
	}
	for _, c := range contacts {
		w.blocks[c.ID>>contactBlockBits] -= living(w.was[c.ID])
	}
	ids := idsOf(contacts)
	for _, statement := range []string{
		`DELETE FROM contact_fields WHERE contact_id IN `,
		`DELETE FROM contact_devices WHERE contact_id IN `,
		`DELETE FROM kept_chats WHERE contact_id IN `,
		`DELETE FROM kept_members WHERE contact_id IN `,
		`DELETE FROM contacts WHERE id IN `,
	} {
		if _, err := tx.ExecContext(ctx, statement+w.s.intsIn("$1"), ints(ids)); err != nil {
			return err
		}
	}
	return nil
}

// chatsOf returns the chats of contacts, and those that are kept for them.
func (w *contactWriter) chatsOf(ctx context.Context, tx *sql.Tx, ids []int64) (map[int64][]erasure.Chat, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT contact_id, bot_id, chat_id FROM chats WHERE contact_id IN `+w.s.intsIn("$1")+`
		UNION SELECT contact_id, bot_id, chat_id FROM kept_chats WHERE contact_id IN `+w.s.intsIn("$1")+` ORDER BY 1, 2, 3`, ints(ids))
	if err != nil {
		return nil, err
	}
	of := map[int64][]erasure.Chat{}
	return of, each(rows, func(r *sql.Rows) error {
		var (
			id int64
			c  erasure.Chat
		)
		err := r.Scan(&id, &c.BotID, &c.ChatID)
		of[id] = append(of[id], c)
		return err
	})
}

var contactBlockColumns = []column{{"block", "bigint"}, {"living", "bigint"}}

// countBlocks writes by how many contacts the blocks have grown or shrunk.
func (w *contactWriter) countBlocks(ctx context.Context, tx *sql.Tx) error {
	var p rowWriter
	for _, block := range slices.Sorted(maps.Keys(w.blocks)) {
		if n := w.blocks[block]; n != 0 {
			p.row().int(block).int(n)
		}
	}
	return w.exec(ctx, tx, p, `
		INSERT INTO contact_blocks (workspace_id, block, living)
		SELECT CAST($2 AS BIGINT), block, living FROM `+w.s.d.rows("$1", contactBlockColumns)+` AS fresh
		WHERE TRUE ON CONFLICT (workspace_id, block) DO UPDATE SET living = contact_blocks.living + excluded.living`, w.look.WorkspaceID)
}

// addChats records chats.
func (w *contactWriter) addChats(ctx context.Context, tx *sql.Tx, chats []contact.PlannedChat) error {
	if len(chats) == 0 {
		return nil
	}
	// In one order, as identities are.
	chats = slices.SortedFunc(slices.Values(chats), func(a, b contact.PlannedChat) int { return cmp.Compare(a.ChatID, b.ChatID) })
	var p rowWriter
	for _, c := range chats {
		p.row().int(c.ChatID).int(c.Contact.ID)
	}
	result, err := tx.ExecContext(ctx, `
		INSERT INTO chats (bot_id, chat_id, contact_id, created_at)
		SELECT CAST($1 AS BIGINT), chat_id, contact_id, CAST($2 AS BIGINT)
		FROM `+w.s.d.rows("$3", chatOwnerColumns)+` AS fresh
		WHERE TRUE ON CONFLICT (bot_id, chat_id) DO NOTHING`, w.look.BotID, w.now.UnixMilli(), p.String())
	if err != nil {
		return err
	}
	added, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if !w.alone && added < int64(len(chats)) {
		return errContended
	}
	w.subscribers[w.look.BotID] += added
	return nil
}
