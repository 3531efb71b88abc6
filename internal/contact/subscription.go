package contact

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"bellman/internal/fault"
)

// Limits of subscriptions.
const (
	// MaxSubscriptions is how many categories a contact may choose.
	MaxSubscriptions = 200
	// MaxSubscriptionKey is the longest key of a category, in characters.
	MaxSubscriptionKey = 100
	// MaxUnsubscribe is how many emails one call may contain.
	MaxUnsubscribe = 3000
)

// Subscriptions returns the keys of the categories that the contact has chosen.
func (s *Service) Subscriptions(ctx context.Context, workspaceID, id int64) ([]string, error) {
	c, err := s.store.Contact(ctx, workspaceID, id)
	return c.Subscriptions, err
}

// SetSubscriptions replaces the keys of the categories that the contact has chosen,
// and returns them without duplicates. A key of other than 1 to
// [MaxSubscriptionKey] characters, and more than [MaxSubscriptions] keys, are
// Invalid.
func (s *Service) SetSubscriptions(ctx context.Context, workspaceID, id int64, keys []string) ([]string, error) {
	chosen, err := cleanCategories(keys)
	if err != nil {
		return nil, err
	}
	now := s.now()
	look := Lookup{WorkspaceID: workspaceID, ContactIDs: []int64{id}}
	err = s.store.Decide(ctx, look, now, func(snap Snapshot) (Plan, error) {
		d := newDraft(newIndex(snap, 0), now)
		c := d.known.livingByID(id)
		if c == nil {
			return Plan{}, ErrNotFound
		}
		d.change(c, func(c *Contact) { c.Subscriptions = chosen })
		return d.finish(), nil
	})
	return chosen, err
}

var errTooManySubscriptions = fault.New(fault.Invalid, "too_many_subscriptions",
	"a contact has at most %d categories", MaxSubscriptions).In("subscriptions")

// CheckCategories returns Invalid for keys of categories that no contact can
// choose, and for more than [MaxSubscriptions].
func CheckCategories(keys []string) error {
	_, err := cleanCategories(keys)
	return err
}

// cleanCategories returns the keys of categories, each once.
func cleanCategories(keys []string) (clean []string, err error) {
	for i, key := range keys {
		key = strings.TrimSpace(key)
		if key == "" || !isText(key, MaxSubscriptionKey) {
			return nil, fault.New(fault.Invalid, "subscription_invalid",
				"the key of a category has 1 to %d characters", MaxSubscriptionKey).In(fmt.Sprintf("subscriptions[%d]", i))
		}
		clean = append(clean, key)
	}
	if clean = withCategories(nil, clean); len(clean) > MaxSubscriptions {
		return nil, errTooManySubscriptions
	}
	return clean, nil
}

// withCategories returns the chosen categories and those of more that are not among
// them.
func withCategories(chosen, more []string) []string {
	all := slices.Clip(chosen)
	for _, key := range more {
		if !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	return all
}

// Category is a category of subscriptions that some contact has chosen.
type Category struct {
	Key      string
	Contacts int64
}

// Categories returns the categories of subscriptions that contacts have chosen,
// ordered by key. All contacts that have chosen some are counted.
func (s *Service) Categories(ctx context.Context, workspaceID int64) ([]Category, error) {
	sets, err := s.store.Subscribed(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for text, contacts := range sets {
		var keys []string
		if err := json.Unmarshal([]byte(text), &keys); err != nil {
			return nil, fmt.Errorf("contact: categories: %w", err)
		}
		for _, key := range keys {
			counts[key] += contacts
		}
	}
	out := make([]Category, 0, len(counts))
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, Category{key, counts[key]})
	}
	return out, nil
}

// Unsubscribe puts emails on the list of those that want no mail, and returns how
// many living contacts have one of them. Emails without a contact, and malformed
// ones, are skipped. This does not count as an update of the contact. More than
// [MaxUnsubscribe] emails are Invalid.
func (s *Service) Unsubscribe(ctx context.Context, workspaceID int64, emails []string) (int, error) {
	return s.setUnsubscribed(ctx, workspaceID, emails, s.now())
}

// Resubscribe takes emails from the list of those that want no mail, and returns
// how many living contacts have one of them; see [Service.Unsubscribe].
func (s *Service) Resubscribe(ctx context.Context, workspaceID int64, emails []string) (int, error) {
	return s.setUnsubscribed(ctx, workspaceID, emails, time.Time{})
}

func (s *Service) setUnsubscribed(ctx context.Context, workspaceID int64, emails []string, since time.Time) (n int, err error) {
	if len(emails) > MaxUnsubscribe {
		return 0, fault.New(fault.Invalid, "too_many_emails", "send at most %d emails in one request", MaxUnsubscribe).In("emails")
	}
	look := Lookup{WorkspaceID: workspaceID}
	for _, email := range emails {
		if email, err := (Reader{}).Email(email); err == nil && email != "" {
			look.EmailKeys = append(look.EmailKeys, EmailKey(email))
		}
	}
	if len(look.EmailKeys) == 0 {
		return 0, nil
	}
	err = s.store.Decide(ctx, look, s.now(), func(snap Snapshot) (plan Plan, _ error) {
		n = 0
		for i := range snap.Contacts {
			c := &snap.Contacts[i]
			if !c.living() {
				continue
			}
			n++
			if c.UnsubscribedAt.IsZero() != since.IsZero() {
				c.UnsubscribedAt = since
				plan.Update = append(plan.Update, c)
			}
		}
		return plan, nil
	})
	return n, err
}
