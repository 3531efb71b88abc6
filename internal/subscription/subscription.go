package subscription

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/workspace"
)

// Subscription is one person's subscription through a form.
type Subscription struct {
	Contact contact.Profile
	// Groups are the names of groups that the contact is added to, which are
	// created if necessary.
	Groups []string
	// Categories are added to those that the contact has chosen.
	Categories []string
	// FormType distinguishes forms; empty for the only one.
	FormType string
}

// The types of the events about subscriptions, followed by a hyphen and the form's
// type if it has one.
const (
	subscribed = "subscribeFromApi"
	updated    = "subscribeUpdateFromApi"
)

// Service records subscriptions.
type Service struct {
	contacts *contact.Service
	groups   *audience.Service
	events   *event.Service
}

// New returns a service over the features that record a subscription.
func New(contacts *contact.Service, groups *audience.Service, events *event.Service) *Service {
	return &Service{contacts: contacts, groups: groups, events: events}
}

// Subscribe creates or updates the contact (see [contact.Service.Subscribe]), adds
// it to the groups and records an event: subscribeFromApi for a new contact,
// subscribeUpdateFromApi for a known one. It returns the contact as it is then. Groups,
// categories and the form's type are checked before anything is written.
func (s *Service) Subscribe(ctx context.Context, w workspace.Workspace, sub Subscription) (saved contact.Saved, err error) {
	if f := audience.CheckNames(sub.Groups); f != nil {
		return saved, f.In("groups" + f.Field)
	}
	if f := event.CheckType(eventType(updated, sub.FormType)); f != nil {
		return saved, f.In("formType")
	}
	if err := contact.CheckCategories(sub.Categories); err != nil {
		return saved, err
	}
	if err := s.contacts.EnsureFields(ctx, w.ID, slices.Collect(maps.Keys(sub.Contact.Fields))); err != nil {
		return saved, err
	}
	saved, err = s.contacts.Subscribe(ctx, w.ID, w.PhoneRegion, sub.Contact, sub.Categories)
	if err != nil {
		return saved, err
	}
	if err := s.groups.Join(ctx, w.ID, sub.Groups, []int64{saved.ID}); err != nil {
		return saved, err
	}
	return saved, s.record(ctx, w, saved, sub.FormType)
}

// record writes the event of a subscription.
func (s *Service) record(ctx context.Context, w workspace.Workspace, c contact.Saved, formType string) error {
	base := updated
	if c.Created {
		base = subscribed
	}
	id := strconv.FormatInt(c.ID, 10)
	params := []event.Param{{Name: "ContactId", Value: []byte(id)}}
	if c.Email != "" {
		params = append(params, event.TextParam("EmailAddress", c.Email))
	}
	results, err := s.events.Add(ctx, w.ID, w.PhoneRegion, []event.Item{
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
