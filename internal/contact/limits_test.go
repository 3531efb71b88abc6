package contact_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/workspace"
)

// desk is a store that returns its contacts for any lookup, and keeps the plan.
// While err is set, every call only returns it.
type desk struct {
	contact.Store

	err      error
	contacts []contact.Contact
	looks    []contact.Lookup
	plans    []contact.Plan
	changes  []contact.ChatChange
	fields   []contact.Field
}

func (d *desk) service() *contact.Service {
	return contact.New(d, func() time.Time { return noon.Add(999) })
}

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func (d *desk) Decide(_ context.Context, look contact.Lookup, _ time.Time, decide func(contact.Snapshot) (contact.Plan, error)) error {
	if d.err != nil {
		return d.err
	}
	d.looks = append(d.looks, look)
	// A transaction that has to be repeated decides anew.
	for range 2 {
		plan, err := decide(contact.Snapshot{Contacts: slices.Clone(d.contacts)})
		if err != nil {
			return err
		}
		d.plans = append(d.plans, plan)
	}
	return nil
}

func (d *desk) Contact(context.Context, int64, int64) (contact.Contact, error) {
	return contact.Contact{ID: 7}, d.err
}

func (d *desk) ContactsByID(context.Context, int64, []int64) ([]contact.Contact, error) {
	return []contact.Contact{{ID: 7}, {ID: 8}}, d.err
}

func (d *desk) Contacts(context.Context, int64, contact.Filter, contact.Span) ([]contact.Contact, int64, error) {
	return []contact.Contact{{ID: 7}, {ID: 8}}, 90, d.err
}

func (d *desk) Named(context.Context, contact.Lookup) ([]contact.Contact, error) { return nil, d.err }

func (d *desk) Find(context.Context, int64, contact.Selection, contact.Order, *contact.Position, int) (
	[]contact.Position, *contact.Position, error,
) {
	return []contact.Position{{ID: 7}, {ID: 8}}, nil, d.err
}

func (d *desk) Count(context.Context, int64, contact.Selection) (contact.Count, error) {
	return contact.Count{}, d.err
}

func (d *desk) Emails(context.Context, int64, []int64) ([]contact.Email, error) { return nil, d.err }

func (d *desk) Chats(_ context.Context, ids []int64) (chats []contact.Chat, err error) {
	for _, id := range ids {
		chats = append(chats, contact.Chat{ContactID: id, ChatID: 10 * id}, contact.Chat{ContactID: id, ChatID: 10*id + 1})
	}
	return chats, d.err
}

func (d *desk) ChangeChat(_ context.Context, _, _ int64, change contact.ChatChange) (contact.Chat, error) {
	d.changes = append(d.changes, change)
	return contact.Chat{}, d.err
}

func (d *desk) Fields(context.Context, int64) ([]contact.Field, error) { return d.fields, d.err }

func (d *desk) CreateField(_ context.Context, f contact.Field, limit int) (contact.Field, error) {
	switch {
	case limit != contact.MaxFields:
		return f, errAway
	case f.ID == 13:
		return f, contact.ErrFieldIDTaken
	case f.ID == 14:
		return f, contact.ErrTooManyFields
	}
	d.fields = append(d.fields, f)
	return f, nil
}

var home = workspace.Workspace{ID: 1, PhoneRegion: "UA"}

// Every call returns the error of a store that does not answer.
func TestCallsTellThatTheStoreIsAway(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), (&desk{err: errAway}).service()
	field := contact.Profile{Email: new("a@x.ua"), Fields: map[int64]string{1: "x"}}
	for name, call := range map[string]func() error{
		"get":           func() error { _, _, err := s.Get(ctx, 1, 7); return err },
		"by id":         func() error { _, err := s.ByID(ctx, 1, nil); return err },
		"list":          func() error { _, err := s.List(ctx, home, contact.Filter{}, contact.Span{Limit: 1}); return err },
		"find":          func() error { _, _, err := s.Find(ctx, home, contact.Query{}, contact.NewestFirst, nil, 1); return err },
		"count":         func() error { _, err := s.Count(ctx, home, contact.Query{}); return err },
		"find by field": func() error { _, err := s.Count(ctx, home, contact.Query{Field: contact.FieldTest{ID: 1}}); return err },
		"emails":        func() error { _, err := s.Emails(ctx, 1, nil); return err },
		"locate":        func() error { _, err := s.Locate(ctx, 1, nil); return err },
		"tokens":        func() error { _, err := s.AddTokens(ctx, home, 1, nil); return err },
		"save":          func() error { _, err := s.Save(ctx, 1, "", contact.Profile{Email: new("a@x.ua")}); return err },
		"save a field":  func() error { _, err := s.Save(ctx, 1, "", field); return err },
		"delete":        func() error { return s.Delete(ctx, 1, 7, true) },
		"subscriptions": func() error { _, err := s.Subscriptions(ctx, 1, 7); return err },
		"subscribe":     func() error { _, err := s.SetSubscriptions(ctx, 1, 7, nil); return err },
		"unsubscribe":   func() error { _, err := s.Unsubscribe(ctx, 1, []string{"a@x.ua"}); return err },
		"ensure fields": func() error { return s.EnsureFields(ctx, 1, []int64{5}) },
	} {
		require.ErrorIs(t, call(), errAway, name)
	}
}

// A call takes as many items as allowed, and one more is refused.
func TestLimitsOfCalls(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), (&desk{contacts: []contact.Contact{{ID: 7}}}).service()
	keys := make([]string, contact.MaxSubscriptions+1)
	for i := range keys {
		keys[i] = strings.Repeat("ї", contact.MaxSubscriptionKey-3) + strconv.Itoa(100+i)
	}
	for name, c := range map[string]struct {
		most int
		call func(n int) error
	}{
		"tokens": {contact.MaxTokens, func(n int) error { _, err := s.AddTokens(ctx, home, 1, make([]contact.Token, n)); return err }},
		"import": {contact.MaxImport,
			func(n int) error { _, err := s.Import(ctx, home, make([]contact.Profile, n), byEmail); return err }},
		"by id": {contact.MaxPage, func(n int) error { _, err := s.ByID(ctx, 1, make([]int64, n)); return err }},
		"list": {contact.MaxPage,
			func(n int) error { _, err := s.List(ctx, home, contact.Filter{}, contact.Span{Limit: n}); return err }},
		"emails":        {contact.MaxImport, func(n int) error { _, err := s.Emails(ctx, 1, make([]int64, n)); return err }},
		"unsubscribe":   {contact.MaxUnsubscribe, func(n int) error { _, err := s.Unsubscribe(ctx, 1, make([]string, n)); return err }},
		"subscriptions": {contact.MaxSubscriptions, func(n int) error { _, err := s.SetSubscriptions(ctx, 1, 7, keys[:n]); return err }},
		"a subscription": {contact.MaxSubscriptionKey, func(n int) error {
			_, err := s.SetSubscriptions(ctx, 1, 7, []string{strings.Repeat("ї", n)})
			return err
		}},
	} {
		require.NoError(t, c.call(c.most), name)
		require.Equal(t, fault.Invalid, fault.KindOf(c.call(c.most+1)), name)
	}
	_, err := s.List(ctx, home, contact.Filter{}, contact.Span{Limit: 1})
	require.NoError(t, err)
	got, err := s.SetSubscriptions(ctx, 1, 7, append(keys[1:], keys[1]))
	require.NoError(t, err, "one that comes twice is one")
	require.Equal(t, keys[1:], got)
}

// A page has the chats of each contact; only a list has the total.
func TestPagesHaveChats(t *testing.T) {
	t.Parallel()
	s := (&desk{}).service()
	list, err := s.List(t.Context(), home, contact.Filter{}, contact.Span{ByID: true, Limit: 10})
	require.NoError(t, err)
	require.EqualValues(t, 90, list.Total)
	found, _, err := s.Find(t.Context(), home, contact.Query{Search: "x"}, contact.NewestFirst, &contact.Position{ID: 9}, 10)
	require.NoError(t, err)
	named, err := s.ByID(t.Context(), 1, []int64{7, 8})
	require.NoError(t, err)
	for _, p := range []contact.Page{list, found, named} {
		require.Len(t, p.Contacts, 2)
		for _, c := range p.Contacts {
			require.Equal(t, []contact.Chat{{ContactID: c.ID, ChatID: 10 * c.ID}, {ContactID: c.ID, ChatID: 10*c.ID + 1}}, p.Chats[c.ID])
		}
	}
	require.Zero(t, found.Total+named.Total)
}

// A mute ends at its time, at the latest with the year 9999; a time in the past
// ends it at once.
func TestMuteEndsAtItsTime(t *testing.T) {
	t.Parallel()
	for until, want := range map[time.Time]time.Time{
		noon.Add(-time.Hour):        {},
		noon:                        {},
		noon.Add(time.Millisecond):  noon.Add(time.Millisecond),
		contact.MuteForever:         contact.MuteForever,
		contact.MuteForever.Add(1):  contact.MuteForever,
		contact.MuteForever.Add(-1): contact.MuteForever.Add(-1),
	} {
		d := &desk{}
		_, err := d.service().Mute(t.Context(), 1, 2, until)
		require.NoError(t, err)
		require.Equal(t, []contact.ChatChange{{MutedUntil: &want}}, d.changes)
	}
	d := &desk{}
	_, err := d.service().Unmute(t.Context(), 1, 2)
	require.NoError(t, err)
	for _, active := range []bool{true, false} {
		_, err = d.service().Activate(t.Context(), 1, 2, active)
		require.NoError(t, err)
	}
	require.Equal(t, []contact.ChatChange{{MutedUntil: &time.Time{}}, {Inactive: new(false)}, {Inactive: new(true)}}, d.changes)
}

// Emails are put on the list once; deleted contacts do not count.
func TestUnsubscribeWritesWhatChanges(t *testing.T) {
	t.Parallel()
	d := &desk{contacts: []contact.Contact{{ID: 1}, {ID: 2, UnsubscribedAt: noon.Add(-time.Hour)}, {ID: 3, DeletedAt: noon}}}
	n, err := d.service().Unsubscribe(t.Context(), 1, []string{" A@x.ua ", "?", "", "b@x.ua"})
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, []string{"a@x.ua", "b@x.ua"}, d.looks[0].EmailKeys)
	require.Equal(t, []*contact.Contact{{ID: 1, UnsubscribedAt: noon}}, d.plans[1].Update, "it is no update of the contact")
	d.plans = nil
	n, err = d.service().Resubscribe(t.Context(), 1, []string{"a@x.ua"})
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, []*contact.Contact{{ID: 2}}, d.plans[1].Update)
}

// Unknown fields that a system sends are made as text fields, unless their ids are
// malformed or belong to another workspace.
func TestEnsureFields(t *testing.T) {
	t.Parallel()
	d := &desk{fields: []contact.Field{{ID: 5, Type: contact.Number}}}
	require.NoError(t, d.service().EnsureFields(t.Context(), 1, []int64{0, -1, contact.MaxID + 1, 5, 13, 1, contact.MaxID}))
	require.Equal(t, []contact.Field{
		{ID: 5, Type: contact.Number},
		{ID: 1, WorkspaceID: 1, Name: "Field 1", Type: contact.Text, CreatedAt: noon},
		{ID: contact.MaxID, WorkspaceID: 1, Name: "Field 9007199254740991", Type: contact.Text, CreatedAt: noon},
	}, d.fields)
	require.ErrorIs(t, d.service().EnsureFields(t.Context(), 1, []int64{14}), contact.ErrTooManyFields)
	for _, kind := range []contact.Type{contact.Text, contact.Number, contact.Date, contact.Boolean} {
		_, err := d.service().CreateField(t.Context(), 1, contact.Field{ID: 9, Name: " x ", Type: kind})
		require.NoError(t, err)
		require.Equal(t, "x", d.fields[len(d.fields)-1].Name)
	}
	_, err := d.service().CreateField(t.Context(), 1, contact.Field{ID: 13, Name: "x", Type: contact.Text})
	require.ErrorIs(t, err, contact.ErrFieldIDTaken)
	_, err = d.service().RenameField(t.Context(), 1, 5, strings.Repeat("x", contact.MaxFieldName+1))
	require.True(t, fault.Is(err, "name_invalid"), err)
}

// A contact with the greatest number of devices takes no more, but known ones can
// be replaced.
func TestSaveKeepsToTheDevicesThereMayBe(t *testing.T) {
	t.Parallel()
	full := contact.Contact{ID: 7}
	for i := range contact.MaxDevices {
		full.Devices = append(full.Devices, contact.Device{Type: contact.MobilePush, Token: strconv.Itoa(i)})
	}
	s := (&desk{contacts: []contact.Contact{full}}).service()
	p := contact.Profile{ID: new(int64(7)), Devices: []contact.Device{{Type: contact.MobilePush, Token: "0", OS: "iOS"}}}
	saved, err := s.Save(t.Context(), 1, "", p)
	require.NoError(t, err)
	require.Len(t, saved.Devices, contact.MaxDevices)
	p.Devices[0].Type = contact.WebPush
	_, err = s.Save(t.Context(), 1, "", p)
	require.True(t, fault.Is(err, "too_many_devices"), err)
}
