package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bellman/internal/contact"
)

// This file finds contacts by the beginnings of what they are called. What many
// contacts match is found among the newest ones, what few match by the indexes: each
// of the two ways is slow where the other one is quick.

// findNamed finds what a search alone selects, newest first.
func (s Contacts) findNamed(
	ctx context.Context, workspaceID int64, t contact.Terms, after *contact.Position, limit int,
) (found []contact.Position, next *contact.Position, err error) {
	before := int64(contact.MaxID) + 1
	if after != nil {
		before = after.ID
	}
	ids, err := s.searchNewest(ctx, workspaceID, t, before, limit+1)
	if err == nil && len(ids) <= limit {
		ids, err = s.searchIndexes(ctx, workspaceID, t, before, limit+1)
	}
	for _, id := range ids {
		found = append(found, contact.Position{ID: id})
	}
	found, next = cut(found, limit)
	return found, next, s.d.classify(err)
}

// The spans of the newest contacts that a search looks through: the long one when the
// short one has shown that what is wanted is common.
const (
	shortSpan = 1_000
	longSpan  = 20_000
)

// searchNewest returns up to limit ids of contacts that match, among the newest ones.
func (s Contacts) searchNewest(ctx context.Context, workspaceID int64, t contact.Terms, before int64, limit int) (ids []int64, err error) {
	for _, span := range []int{shortSpan, longSpan} {
		w := where{args: []any{workspaceID, before}}
		ids, err = selectIDs(ctx, s.read, `
			SELECT id FROM (
				SELECT id, external_customer_id, email_key, phone, first_key, last_key FROM contacts
				WHERE workspace_id = $1 AND deleted_at = 0 AND id < $2 ORDER BY id DESC LIMIT `+w.arg(span)+`) AS newest
			WHERE (`+strings.Join(w.arms(t), `) OR (`)+`) ORDER BY id DESC LIMIT `+w.arg(limit), w.args...)
		if err != nil || len(ids) == limit || len(ids)*longSpan < 2*limit*shortSpan {
			return ids, err
		}
	}
	return ids, nil
}

// searchIndexes returns up to limit ids of contacts that match, newest first: the
// newest of each arm, whose index has all that the arm asks for. The sums keep a
// planner from reading the ids in their order instead, and searching for a contact with
// a rare name among all contacts.
func (s Contacts) searchIndexes(ctx context.Context, workspaceID int64, t contact.Terms, before int64, limit int) ([]int64, error) {
	ids, err := s.searchIdentities(ctx, workspaceID, t, before, limit)
	if err != nil || len(t.Names) == 0 {
		return ids, err
	}
	w := where{args: []any{workspaceID, before, limit}}
	arms := w.names(t)
	for i, arm := range arms {
		arms[i] = fmt.Sprintf(`
			SELECT id FROM (
				SELECT id FROM contacts WHERE workspace_id = $1 AND deleted_at = 0 AND %s AND id + 0 < $2
				ORDER BY id + 0 DESC LIMIT $3) AS arm%d`, arm, i)
	}
	named, err := selectIDs(ctx, s.read, strings.Join(arms, ` UNION`)+` ORDER BY id DESC LIMIT $3`, w.args...)
	return newest(limit, ids, named), err
}

// searchIdentities returns up to limit ids of contacts that match by an identity,
// newest first. Identities do not tell who is deleted: of those that are found, the
// living are asked for, until there are enough.
func (s Contacts) searchIdentities(
	ctx context.Context, workspaceID int64, t contact.Terms, before int64, limit int,
) (living []int64, err error) {
	for {
		w := where{args: []any{workspaceID, before, limit}}
		arms := w.identities(t)
		for i, arm := range arms {
			arms[i] = fmt.Sprintf(`
				SELECT id FROM (
					SELECT contact_id AS id FROM identities WHERE workspace_id = $1 AND %s AND contact_id + 0 < $2
					ORDER BY contact_id + 0 DESC LIMIT $3) AS arm%d`, arm, i)
		}
		found, err := selectIDs(ctx, s.read, strings.Join(arms, ` UNION`)+` ORDER BY id DESC LIMIT $3`, w.args...)
		if err != nil || len(found) == 0 {
			return living, err
		}
		some, err := selectIDs(ctx, s.read, `SELECT id FROM contacts WHERE id`+s.d.among(s.intsIn("$1"))+` AND deleted_at + 0 = 0`, ints(found))
		if err != nil {
			return nil, err
		}
		living = newest(limit, living, some)
		if len(found) < limit || len(living) == limit {
			return living, nil
		}
		before = found[len(found)-1]
	}
}

// newest returns the limit largest of the ids, largest first.
func newest(limit int, lists ...[]int64) []int64 {
	all := slices.Concat(lists...)
	slices.Sort(all)
	all = slices.Compact(all)
	slices.Reverse(all)
	return all[:min(limit, len(all))]
}

// arms returns the conditions of which a contact has to meet one.
func (w *where) arms(t contact.Terms) []string {
	arms := []string{
		`TRUE` + w.begins("external_customer_id", t.ExternalCustomerID),
		`TRUE` + w.begins("email_key", t.EmailKey),
	}
	for _, phone := range t.Phones {
		arms = append(arms, `TRUE`+w.begins("phone", phone))
	}
	return append(arms, w.names(t)...)
}

// identities returns the conditions of which an identity has to meet one.
func (w *where) identities(t contact.Terms) []string {
	arms := []string{
		fmt.Sprint(`kind = `, kindExternalID) + w.begins("value", t.ExternalCustomerID),
		fmt.Sprint(`kind = `, kindEmail) + w.begins("value", t.EmailKey),
	}
	for _, phone := range t.Phones {
		arms = append(arms, fmt.Sprint(`kind = `, kindPhone)+w.begins("value", phone))
	}
	return arms
}

// names returns the conditions of which the name of a contact has to meet one. Each
// repeats the condition of its index.
func (w *where) names(t contact.Terms) []string {
	switch len(t.Names) {
	case 1:
		return []string{
			`first_key <> ''` + w.begins("first_key", t.Names[0]),
			`last_key <> ''` + w.begins("last_key", t.Names[0]),
		}
	case 2:
		return []string{
			`first_key <> ''` + w.begins("first_key", t.Names[0]) + w.begins("last_key", t.Names[1]),
			`first_key <> ''` + w.begins("first_key", t.Names[1]) + w.begins("last_key", t.Names[0]),
		}
	}
	return nil
}

// begins requires a value that begins with the prefix. Keys are compared byte by
// byte, and no text contains bytes that sort after U+10FFFF.
func (w *where) begins(column, prefix string) string {
	return ` AND ` + column + ` >= ` + w.arg(prefix) + ` AND ` + column + ` < ` + w.arg(prefix+"\U0010FFFF")
}
