package store

import (
	"cmp"
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
		if _, is := known[a.Person.ContactID]; !is && a.Click != nil {
			a.Click.Target, a.Click.Data = "", ""
		}
	}
	return nil
}

// A profile is what is known of a contact that is not deleted.
type profile struct{ externalCustomerID, phone, email, language string }

// know fills in the identifiers of persons and, where the sender asked for none, their
// languages. It returns the contacts that are known.
func (s *pools) know(ctx context.Context, people []*activity.Person) (map[int64]profile, error) {
	ids := make([]int64, len(people))
	for i, p := range people {
		ids[i] = p.ContactID
	}
	slices.Sort(ids)
	known, err := s.profiles(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		is := known[p.ContactID]
		p.ExternalCustomerID, p.Phone, p.Email = is.externalCustomerID, is.phone, is.email
		p.Language = cmp.Or(p.Language, is.language)
	}
	return known, nil
}

func (s *pools) profiles(ctx context.Context, ids []int64) (map[int64]profile, error) {
	known := make(map[int64]profile, len(ids))
	if len(ids) == 0 {
		return known, nil
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, COALESCE(external_customer_id, ''), COALESCE(phone, ''), COALESCE(email, ''), language_code
		FROM contacts WHERE deleted_at + 0 = 0 AND id`+s.d.among(s.intsIn("$1")), ints(ids))
	if err != nil {
		return nil, s.d.classify(err)
	}
	return known, each(rows, func(r *sql.Rows) error {
		var (
			id int64
			is profile
		)
		err := r.Scan(&id, &is.externalCustomerID, &is.phone, &is.email, &is.language)
		known[id] = is
		return err
	})
}
