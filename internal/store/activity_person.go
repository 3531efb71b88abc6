package store

import (
	"context"
	"database/sql"
	"slices"

	"bellman/internal/activity"
)

// This file is how activities get the persons whom they are about. Recipients tell
// chats and contacts; what is known of the contacts is read by itself.

// A recipient r, as reachedInto scans it.
const reachedColumns = `r.chat_id, r.contact_id, COALESCE(r.language, '')`

func reachedInto(p *activity.Person) []any { return []any{&p.ChatID, &p.ContactID, &p.Language} }

func pointers(activities []activity.Activity) []*activity.Activity {
	all := make([]*activity.Activity, len(activities))
	for i := range activities {
		all[i] = &activities[i]
	}
	return all
}

// introduce completes the persons of activities. The target and the data of a click
// may be personal: they are dropped when the contact is gone.
func (s *pools) introduce(ctx context.Context, activities []*activity.Activity) error {
	people := make([]*activity.Person, len(activities))
	for i, a := range activities {
		people[i] = &a.Person
	}
	known, err := s.know(ctx, people)
	if err != nil {
		return err
	}
	for _, a := range activities {
		if a.Click != nil && !known[a.Person.ContactID] {
			a.Click.Target, a.Click.Data = "", ""
		}
	}
	return nil
}

// know fills in the identifiers of persons and, where the sender asked for none, their
// languages. It reports which of the contacts are known: one that is deleted is not.
func (s *pools) know(ctx context.Context, people []*activity.Person) (known map[int64]bool, err error) {
	known = map[int64]bool{}
	of := make(map[int64][]*activity.Person, len(people))
	ids := make([]int64, 0, len(people))
	for _, p := range people {
		of[p.ContactID] = append(of[p.ContactID], p)
		ids = append(ids, p.ContactID)
	}
	if len(ids) == 0 {
		return known, nil
	}
	slices.Sort(ids)
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, COALESCE(external_customer_id, ''), COALESCE(phone, ''), COALESCE(email, ''), language_code
		FROM contacts WHERE deleted_at + 0 = 0 AND id`+s.d.among(s.intsIn("$1")), ints(slices.Compact(ids)))
	if err != nil {
		return nil, s.d.classify(err)
	}
	return known, each(rows, func(r *sql.Rows) error {
		var (
			id       int64
			is       activity.Person
			language string
		)
		if err := r.Scan(&id, &is.ExternalCustomerID, &is.Phone, &is.Email, &language); err != nil {
			return err
		}
		known[id] = true
		for _, p := range of[id] {
			p.ExternalCustomerID, p.Phone, p.Email = is.ExternalCustomerID, is.Phone, is.Email
			if p.Language == "" {
				p.Language = language
			}
		}
		return nil
	})
}
