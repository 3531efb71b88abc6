package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/subscription"
	"bellman/internal/workspace"
)

var home = workspace.Workspace{ID: workspace.Default}

// office is a database with all that subscriptions need.
type office struct {
	*testing.T
	contacts      *contact.Service
	groups        *audience.Service
	events        *event.Service
	subscriptions *subscription.Service
}

func newOffice(t *testing.T, db *store.DB) *office {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	o := &office{T: t, contacts: contact.New(db.Contacts, now), groups: audience.New(db.Groups, now), events: event.New(db.Events, now)}
	o.subscriptions = subscription.New(o.contacts, o.groups, o.events)
	return o
}

func (o *office) subscribe(s subscription.Subscription) (contactID int64) {
	o.Helper()
	saved, err := o.subscriptions.Subscribe(o.Context(), home, s)
	require.NoError(o, err)
	return saved.ID
}

// about returns the contacts of the events of the type.
func (o *office) about(eventType string) (contactIDs []int64) {
	o.Helper()
	all, err := o.events.List(o.Context(), home.ID, event.Filter{Type: eventType, Before: 1 << 50, Limit: 100})
	require.NoError(o, err)
	for _, e := range all {
		contactIDs = append(contactIDs, e.ContactID)
	}
	return contactIDs
}

func (o *office) categories() []contact.Category {
	o.Helper()
	all, err := o.contacts.Categories(o.Context(), home.ID)
	require.NoError(o, err)
	return all
}

func someone(email string) contact.Profile { return contact.Profile{Email: &email} }

// spec: subscribe-event
func TestSubscribe(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id := o.subscribe(subscription.Subscription{Contact: someone("a@x.ua"), Groups: []string{"G", "g"}, Categories: []string{"news"}})
		again := o.subscribe(subscription.Subscription{Contact: someone("a@x.ua"), FormType: "f", Categories: []string{"sale", " news ", "sale"}})
		require.Equal(t, id, again)
		require.Equal(t, []int64{id}, o.about("subscribeFromApi"))
		require.Equal(t, []int64{id}, o.about("subscribeUpdateFromApi-f"))
		groups, err := o.groups.GroupsOf(t.Context(), home.ID, []int64{id})
		require.NoError(t, err)
		require.Len(t, groups[id], 1)
		chosen, err := o.contacts.Subscriptions(t.Context(), home.ID, id)
		require.NoError(t, err)
		require.Equal(t, []string{"news", "sale"}, chosen, "categories are added")
	})
}

func TestCategoriesOfThoseWhoLive(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		require.Empty(t, o.categories())
		o.subscribe(subscription.Subscription{Contact: someone("a@x.ua"), Categories: []string{"sale", "news"}})
		other := o.subscribe(subscription.Subscription{Contact: someone("b@x.ua"), Categories: []string{"news"}})
		require.Equal(t, []contact.Category{{Key: "news", Contacts: 2}, {Key: "sale", Contacts: 1}}, o.categories())
		require.NoError(t, o.contacts.Delete(t.Context(), home.ID, other, false))
		require.Equal(t, []contact.Category{{Key: "news", Contacts: 1}, {Key: "sale", Contacts: 1}}, o.categories())
	})
}

// A refused subscription leaves nothing behind.
func TestSubscribeRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t, storetest.Open(t, storetest.SQLite(t)))
	many := make([]string, contact.MaxSubscriptions+1)
	for i := range many {
		many[i] = fmt.Sprint("category ", i)
	}
	for field, bad := range map[string]subscription.Subscription{
		"formType":         {FormType: "a;b"},
		"groups[1]":        {Groups: []string{"x", " "}},
		"groups":           {Groups: make([]string, audience.MaxNamed+1)},
		"subscriptions[0]": {Categories: []string{""}},
		"subscriptions":    {Categories: many},
	} {
		bad.Contact = someone("a@x.ua")
		bad.Contact.Fields = map[int64]string{7: "x"}
		_, err := o.subscriptions.Subscribe(t.Context(), home, bad)
		var f *fault.Error
		require.ErrorAs(t, err, &f)
		require.Equal(t, field, f.Field)
	}
	page, err := o.contacts.List(t.Context(), home, contact.Filter{}, contact.Span{ByID: true, Limit: 1})
	require.NoError(t, err)
	require.Empty(t, page.Contacts)
	fields, err := o.contacts.Fields(t.Context(), home.ID)
	require.NoError(t, err)
	require.Empty(t, fields)

	o.subscribe(subscription.Subscription{Contact: someone("a@x.ua"), Categories: many[1:]})
	_, err = o.subscriptions.Subscribe(t.Context(), home, subscription.Subscription{Contact: someone("a@x.ua"), Categories: many[:1]})
	require.True(t, fault.Is(err, "too_many_subscriptions"), "one more than fit, counted with those on record")
}

var errAway = errors.New("the database is away")

// away are groups and events whose store fails.
type (
	groupsAway struct{ audience.Store }
	eventsAway struct{ event.Store }
)

func (groupsAway) Create(context.Context, int64, []string, time.Time) ([]int64, int, error) {
	return nil, 0, errAway
}

func (eventsAway) AppendEvents(context.Context, int64, []event.Event, time.Time) ([]int64, error) {
	return nil, errAway
}

// A subscription that is not completely recorded returns an error.
func TestSubscribeTellsThatTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.SQLite(t))
	o := newOffice(t, db)
	now := time.Now
	for _, s := range []*subscription.Service{
		subscription.New(o.contacts, audience.New(groupsAway{db.Groups}, now), o.events),
		subscription.New(o.contacts, o.groups, event.New(eventsAway{db.Events}, now)),
	} {
		_, err := s.Subscribe(t.Context(), home, subscription.Subscription{Contact: someone("a@x.ua"), Groups: []string{"g"}})
		require.ErrorIs(t, err, errAway)
	}
}
