package imports

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/workspace"
)

// Subscription is somebody who subscribed through a form.
type Subscription struct {
	Contact contact.Profile
	// Groups are the names of groups that the contact is put into, which are made
	// when there are none.
	Groups []string
	// Categories are added to those that the contact has chosen.
	Categories []string
	// FormType tells forms apart; empty for the only one.
	FormType string
}

// The types of the events that are told about subscriptions, followed by a hyphen
// and the form's type if it has one.
const (
	subscribed = "subscribeFromApi"
	updated    = "subscribeUpdateFromApi"
)

// Subscribe creates or updates the contact (see [contact.Service.Subscribe]),
// puts it into the groups and tells an event about it: subscribeFromApi for a
// contact that is new, subscribeUpdateFromApi for one that was known. It returns
// the contact's id. What a call can be refused for is looked at before anything
// is written.
func (s *Service) Subscribe(ctx context.Context, w workspace.Workspace, sub Subscription) (contactID int64, err error) {
	if err := checkGroups(sub.Groups, "groups"); err != nil {
		return 0, err
	}
	if f := event.CheckType(eventType(updated, sub.FormType)); f != nil {
		return 0, f.In("formType")
	}
	if err := checkCategories(sub.Categories); err != nil {
		return 0, err
	}
	if err := s.Contacts.EnsureFields(ctx, w.ID, slices.Collect(maps.Keys(sub.Contact.Fields))); err != nil {
		return 0, err
	}
	saved, err := s.Contacts.Subscribe(ctx, w.ID, w.PhoneRegion, sub.Contact)
	if err != nil {
		return 0, err
	}
	if len(sub.Categories) > 0 {
		_, err := s.Contacts.SetSubscriptions(ctx, w.ID, saved.ID, slices.Concat(saved.Subscriptions, sub.Categories))
		if err != nil {
			return 0, err
		}
	}
	if len(sub.Groups) > 0 {
		groups, err := s.Groups.Ensure(ctx, w.ID, sub.Groups)
		if err == nil {
			_, err = s.Groups.AttachBulk(ctx, w.ID, unique(groups), []int64{saved.ID})
		}
		if err != nil {
			return 0, err
		}
	}
	return saved.ID, s.tellSubscribed(ctx, w, saved, sub.FormType)
}

func checkCategories(keys []string) error {
	for i, key := range keys {
		key = strings.TrimSpace(key)
		if n := utf8.RuneCountInString(key); n < 1 || n > contact.MaxSubscriptionKey || strings.ContainsRune(key, 0) || len(keys) > contact.MaxSubscriptions {
			return fault.New(fault.Invalid, "subscription_invalid", "write up to %d keys of categories, of 1 to %d characters",
				contact.MaxSubscriptions, contact.MaxSubscriptionKey).In(fmt.Sprintf("subscriptions[%d]", i))
		}
	}
	return nil
}

func (s *Service) tellSubscribed(ctx context.Context, w workspace.Workspace, c contact.Saved, formType string) error {
	base := updated
	if c.Created {
		base = subscribed
	}
	id := strconv.FormatInt(c.ID, 10)
	params := []event.Param{{Name: "ContactId", Value: []byte(id)}}
	if c.Email != "" {
		params = append(params, textParam("EmailAddress", c.Email))
	}
	results, err := s.Events.Add(ctx, w.ID, w.PhoneRegion, []event.Item{
		{Type: eventType(base, formType), Key: id, ContactID: c.ID, Params: params},
	})
	if err != nil {
		return err
	}
	return results[0].Err
}

// spec: subscribe-event
func eventType(base, formType string) string {
	if formType == "" {
		return base
	}
	return base + "-" + formType
}

// Category is a category of subscriptions that somebody has chosen.
type Category struct {
	Key      string
	Contacts int64
}

// SubscribedStore is what categories of subscriptions are counted from.
type SubscribedStore interface {
	// Subscribed returns how many of the contacts that live have chosen each set
	// of categories, which is a JSON list; those that have chosen none are left
	// out.
	Subscribed(ctx context.Context, workspaceID int64) (map[string]int64, error)
}

// Categories returns the categories of subscriptions that contacts have chosen,
// ordered by key. All contacts that have chosen some are counted.
func (s *Service) Categories(ctx context.Context, workspaceID int64) ([]Category, error) {
	sets, err := s.Store.Subscribed(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for text, contacts := range sets {
		var keys []string
		if err := json.Unmarshal([]byte(text), &keys); err != nil {
			return nil, fmt.Errorf("imports: categories: %w", err)
		}
		for _, key := range keys {
			counts[key] += contacts
		}
	}
	out := make([]Category, 0, len(counts))
	for key := range maps.Keys(counts) {
		out = append(out, Category{key, counts[key]})
	}
	slices.SortFunc(out, func(a, b Category) int { return cmp.Compare(a.Key, b.Key) })
	return out, nil
}
