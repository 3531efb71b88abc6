package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"bellman/internal/audit"
	"bellman/internal/contact"
	"bellman/internal/event"
)

// Events keeps events that happened to people.
type Events struct{ *pools }

var _ event.Store = Events{}

// Holders implements [event.Store]. Among contacts that share a phone or an email
// it has the same preference as the tokens call. The sum keeps the planner from
// walking over the index of all living contacts instead of reading the few that are
// named.
func (s Events) Holders(ctx context.Context, workspaceID int64, look event.Lookup) ([]event.Holder, error) {
	const (
		contacts = `FROM contacts c`
		devices  = `FROM contact_devices d JOIN contacts c ON c.id = d.contact_id`
	)
	named := contact.Lookup{
		WorkspaceID: workspaceID, ContactIDs: look.ContactIDs, ExternalIDs: look.ExternalIDs, Phones: look.Phones, EmailKeys: look.EmailKeys,
	}
	held, err := s.holders(ctx, s.read, named)
	if err != nil {
		return nil, s.d.classify(err)
	}
	ids := leadsTo(named, held)
	var all []event.Holder
	for _, by := range []struct {
		wanted                 int
		device, from, in, list string
	}{
		{len(ids), `''`, contacts, `c.id` + s.d.among(s.intsIn("$2")), ints(ids)},
		{len(look.DeviceKeys), `d.device_key`, devices,
			`d.workspace_id = $1 AND d.device_key` + s.d.among(s.textsIn("$2")), texts(look.DeviceKeys)},
	} {
		if by.wanted == 0 {
			continue
		}
		rows, err := s.read.QueryContext(ctx, `
			SELECT c.id, COALESCE(c.external_customer_id, ''), COALESCE(c.email_key, ''), COALESCE(c.phone, ''), `+by.device+` `+by.from+`
			WHERE c.workspace_id = $1 AND `+by.in+` AND c.deleted_at + 0 = 0
			ORDER BY c.external_customer_id IS NOT NULL, c.updated_at DESC, c.id`, workspaceID, by.list)
		if err != nil {
			return nil, s.d.classify(err)
		}
		found, err := scanAll(rows, func(r *sql.Rows) (h event.Holder, err error) {
			return h, r.Scan(&h.ContactID, &h.ExternalCustomerID, &h.EmailKey, &h.Phone, &h.DeviceKey)
		})
		if err != nil {
			return nil, s.d.classify(err)
		}
		all = append(all, found...)
	}
	return all, nil
}

var newEventColumns = []column{
	{"id", "bigint"}, {"type_id", "bigint"}, {"contact_id", "bigint"}, {"key", "text"}, {"params", "text"},
	{"past", "bigint"}, {"occurred_at", "bigint"}, {"created_at", "bigint"},
}

// AppendEvents implements [event.Store].
func (s Events) AppendEvents(ctx context.Context, workspaceID int64, events []event.Event, now time.Time) (ids []int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		ids, err = s.appendEvents(ctx, tx, workspaceID, events, now)
		return err
	})
	return ids, err
}

func (s Events) appendEvents(ctx context.Context, tx *sql.Tx, workspaceID int64, events []event.Event, now time.Time) ([]int64, error) {
	types, err := s.ensureEventTypes(ctx, tx, workspaceID, events, now)
	if err != nil {
		return nil, err
	}
	ids, err := s.d.takeIDs(ctx, tx, "event_id", len(events))
	if err != nil {
		return nil, err
	}
	var w rowWriter
	for i, e := range events {
		w.row().int(ids[i]).int(types[e.Type]).int(e.ContactID).verbatim(e.Key).verbatim(string(e.Params)).
			int(number(e.Past)).int(e.OccurredAt.UnixMilli()).int(e.CreatedAt.UnixMilli())
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO events (workspace_id, id, type_id, contact_id, key, params, past, occurred_at, created_at)
		SELECT CAST($1 AS BIGINT), id, type_id, NULLIF(contact_id, 0), key, params, past <> 0, occurred_at, created_at
		FROM `+s.d.rows("$2", newEventColumns)+` AS fresh`, workspaceID, w.String())
	return ids, err
}

var newEventTypeColumns = []column{{"id", "bigint"}, {"key", "text"}}

// ensureEventTypes returns the ids of the events' types by their keys. New types
// are written in the order of their keys, so that two writers of the same types
// wait for each other instead of deadlocking.
func (s Events) ensureEventTypes(
	ctx context.Context, tx *sql.Tx, workspaceID int64, events []event.Event, now time.Time,
) (map[string]int64, error) {
	var keys []string
	for _, e := range events {
		if !slices.Contains(keys, e.Type) {
			keys = append(keys, e.Type)
		}
	}
	types, err := s.eventTypeIDs(ctx, tx, workspaceID, keys)
	if err != nil || len(types) == len(keys) {
		return types, err
	}
	missing := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return types[key] != 0 })
	ids, err := s.d.takeIDs(ctx, tx, "event_type_id", len(missing))
	if err != nil {
		return nil, err
	}
	var w rowWriter
	for i, key := range missing {
		w.row().int(ids[i]).verbatim(key)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO event_types (id, workspace_id, key, created_at)
		SELECT id, CAST($1 AS BIGINT), key, CAST($2 AS BIGINT) FROM `+s.d.rows("$3", newEventTypeColumns)+` AS fresh
		WHERE TRUE ORDER BY key ON CONFLICT (workspace_id, key) DO NOTHING`, workspaceID, now.UnixMilli(), w.String())
	if err != nil {
		return nil, err
	}
	return s.eventTypeIDs(ctx, tx, workspaceID, keys)
}

func (s Events) eventTypeIDs(ctx context.Context, tx *sql.Tx, workspaceID int64, keys []string) (map[string]int64, error) {
	rows, err := tx.QueryContext(ctx,
		`SELECT key, id FROM event_types WHERE workspace_id = $1 AND key IN `+s.textsIn("$2"), workspaceID, texts(keys))
	if err != nil {
		return nil, err
	}
	return scanIDs(rows)
}

const selectEvents = `
	SELECT e.id, e.workspace_id, t.key, COALESCE(e.contact_id, 0), e.key, e.params, e.past, e.occurred_at, e.created_at
	FROM events e JOIN event_types t ON t.id = e.type_id WHERE e.workspace_id = $1 `

func scanEvent(row scanner) (e event.Event, err error) {
	var (
		params            string
		occurred, created int64
	)
	err = row.Scan(&e.ID, &e.WorkspaceID, &e.Type, &e.ContactID, &e.Key, &params, &e.Past, &occurred, &created)
	e.Params, e.OccurredAt, e.CreatedAt = json.RawMessage(params), fromMillis(occurred), fromMillis(created)
	return e, err
}

// Event implements [event.Store].
func (s Events) Event(ctx context.Context, workspaceID, id int64) (event.Event, error) {
	e, err := scanEvent(s.read.QueryRowContext(ctx, selectEvents+`AND e.id = $2`, workspaceID, id))
	return e, s.found(err, event.ErrNotFound)
}

// Events implements [event.Store].
func (s Events) Events(ctx context.Context, workspaceID int64, f event.Filter) ([]event.Event, error) {
	condition, args := ``, []any{workspaceID, f.Before, f.Limit}
	if f.Type != "" {
		id, err := s.eventType(ctx, workspaceID, f.Type)
		if err != nil || id == 0 {
			return nil, err
		}
		args = append(args, id)
		condition += fmt.Sprintf(` AND e.type_id = $%d`, len(args))
	}
	if f.ContactID != 0 {
		args = append(args, f.ContactID)
		condition += fmt.Sprintf(` AND e.contact_id = $%d`, len(args))
	}
	rows, err := s.read.QueryContext(ctx, selectEvents+`AND e.id < $2`+condition+` ORDER BY e.id DESC LIMIT $3`, args...)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (event.Event, error) { return scanEvent(r) })
}

// eventType returns the id of a type; zero when there is none.
func (s Events) eventType(ctx context.Context, workspaceID int64, key string) (id int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT id FROM event_types WHERE workspace_id = $1 AND key = $2`, workspaceID, key).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, s.d.classify(err)
}

// EventTypes implements [event.Store].
func (s Events) EventTypes(ctx context.Context, workspaceID, after int64, limit int) ([]event.Type, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT id, key, created_at FROM event_types WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3`, workspaceID, after, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (t event.Type, err error) {
		var created int64
		err = r.Scan(&t.ID, &t.Key, &created)
		t.CreatedAt = fromMillis(created)
		return t, err
	})
}

// DeletePast implements [event.Store].
func (s Events) DeletePast(ctx context.Context, workspaceID int64, r event.Range, limit int) (deleted int, err error) {
	condition, args := ``, []any{workspaceID, r.From.UnixMilli(), r.To.UnixMilli(), limit}
	if r.From.IsZero() {
		args[1] = int64(math.MinInt64)
	}
	if r.To.IsZero() {
		args[2] = int64(math.MaxInt64)
	}
	if r.Type != "" {
		id, err := s.eventType(ctx, workspaceID, r.Type)
		if err != nil || id == 0 {
			return 0, err
		}
		args = append(args, id)
		condition = ` AND type_id = $5`
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			DELETE FROM events WHERE workspace_id = $1 AND id IN (
				SELECT id FROM events
				WHERE workspace_id = $1 AND past AND occurred_at >= $2 AND occurred_at < $3`+condition+`
				ORDER BY occurred_at LIMIT $4
			)`, args...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		switch deleted = int(n); deleted {
		case limit:
			audit.More(ctx)
		case 0:
			audit.Idle(ctx)
		}
		return err
	})
	return deleted, err
}
