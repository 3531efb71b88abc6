package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"bellman/internal/contact"
)

// Contacts keeps people, their fields and their chats.
type Contacts struct{ *pools }

var _ contact.Store = Contacts{}

// This file reads contacts; contact_decide.go writes them.

const contactColumns = `id, workspace_id, COALESCE(external_customer_id, ''), COALESCE(phone, ''), COALESCE(email, ''),
	first_name, last_name, language_code, time_zone, region, town, address, postcode, contact_key, orders_last_at, orders_count,
	subscriptions, unsubscribed_at, created_at, updated_at, deleted_at`

func scanContact(row scanner) (c contact.Contact, err error) {
	var (
		ordered, unsubscribed, created, updated, deleted int64
		subscriptions                                    string
	)
	err = row.Scan(&c.ID, &c.WorkspaceID, &c.ExternalCustomerID, &c.Phone, &c.Email,
		&c.FirstName, &c.LastName, &c.LanguageCode, &c.TimeZone,
		&c.Address.Region, &c.Address.Town, &c.Address.Address, &c.Address.Postcode, &c.ContactKey, &ordered, &c.Orders.Count,
		&subscriptions, &unsubscribed, &created, &updated, &deleted)
	if err != nil {
		return c, err
	}
	c.Orders.LastAt, c.UnsubscribedAt = fromMillis(ordered), fromMillis(unsubscribed)
	c.CreatedAt, c.UpdatedAt, c.DeletedAt = fromMillis(created), fromMillis(updated), fromMillis(deleted)
	if subscriptions == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(subscriptions), &c.Subscriptions); err != nil {
		return c, fmt.Errorf("store: subscriptions of contact %d: %w", c.ID, err)
	}
	return c, nil
}

// A queryer is a transaction or the read pool.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// selectIDs returns the ids that the query selects.
func selectIDs(ctx context.Context, q queryer, query string, args ...any) ([]int64, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
}

// contacts returns the contacts that the query selects, with their custom
// fields and devices.
func (s Contacts) contacts(ctx context.Context, query string, args ...any) ([]contact.Contact, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.d.classify(err)
	}
	all, err := scanAll(rows, func(r *sql.Rows) (contact.Contact, error) { return scanContact(r) })
	if err != nil {
		return nil, s.d.classify(err)
	}
	return all, s.d.classify(s.addDetails(ctx, s.read, all))
}

// addDetails reads the custom fields and the devices of the contacts.
func (s Contacts) addDetails(ctx context.Context, q queryer, contacts []contact.Contact) error {
	if len(contacts) == 0 {
		return nil
	}
	ids := make([]int64, len(contacts))
	place := make(map[int64]*contact.Contact, len(contacts))
	for i := range contacts {
		ids[i] = contacts[i].ID
		place[ids[i]] = &contacts[i]
	}
	rows, err := q.QueryContext(ctx,
		`SELECT contact_id, field_id, value FROM contact_fields WHERE contact_id IN `+s.intsIn("$1"), ints(ids))
	if err != nil {
		return err
	}
	err = each(rows, func(r *sql.Rows) error {
		var (
			id, field int64
			value     string
		)
		if err := r.Scan(&id, &field, &value); err != nil {
			return err
		}
		if place[id].Fields == nil {
			place[id].Fields = map[int64]string{}
		}
		place[id].Fields[field] = value
		return nil
	})
	if err != nil {
		return err
	}
	rows, err = q.QueryContext(ctx, `SELECT contact_id, device FROM contact_devices WHERE contact_id IN `+s.intsIn("$1"), ints(ids))
	if err != nil {
		return err
	}
	return each(rows, func(r *sql.Rows) error {
		var (
			id   int64
			text string
			d    contact.Device
		)
		if err := r.Scan(&id, &text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			return fmt.Errorf("store: device of contact %d: %w", id, err)
		}
		place[id].Devices = append(place[id].Devices, d)
		return nil
	})
}

// Contact implements [contact.Store].
func (s Contacts) Contact(ctx context.Context, workspaceID, id int64) (contact.Contact, error) {
	found, err := s.contacts(ctx,
		`SELECT `+contactColumns+` FROM contacts WHERE workspace_id = $1 AND id = $2 AND deleted_at = 0`, workspaceID, id)
	if err != nil {
		return contact.Contact{}, err
	}
	if len(found) == 0 {
		return contact.Contact{}, contact.ErrNotFound
	}
	return found[0], nil
}

// Emails implements [contact.Store].
func (s Contacts) Emails(ctx context.Context, workspaceID int64, ids []int64) ([]contact.Email, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, email FROM contacts
		WHERE workspace_id = $1 AND deleted_at = 0 AND email IS NOT NULL AND id IN `+s.intsIn("$2")+` ORDER BY id`, workspaceID, ints(ids))
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (e contact.Email, err error) { return e, r.Scan(&e.ContactID, &e.Email) })
}
