package contact_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// A deleted contact holds its externalCustomerId and nothing else: a profile with
// its phone and its email makes a new contact, which gets both.
//
// spec: contact-restored
func TestDeletedContactHoldsNoPhone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		identity := contact.Identity{ExternalCustomerID: "e1", Phone: "+380501234567", Email: "a@x.ua"}
		gone := b.save(t, who(identity.ExternalCustomerID, identity.Phone, identity.Email))
		b.delete(t, gone)

		for chat, token := range []contact.Token{{Phone: identity.Phone}, {Email: "A@X.UA"}} {
			token.ChatID = int64(chat + 1)
			got := b.add(t, token)[0]
			require.NotEqual(t, gone, got.ContactID)
			require.True(t, got.NewContact)
			require.Equal(t, contact.Identity{Phone: token.Phone, Email: token.Email}, b.get(t, got.ContactID).Identity)
			b.delete(t, got.ContactID)
		}
		named := b.add(t, contact.Token{ChatID: 3, ExternalCustomerID: "e2", Phone: identity.Phone, Email: identity.Email})[0]
		require.Equal(t, contact.Identity{ExternalCustomerID: "e2", Phone: identity.Phone, Email: identity.Email},
			b.get(t, named.ContactID).Identity)

		back := b.add(t, contact.Token{ChatID: 4, ExternalCustomerID: "e1"})[0]
		require.Equal(t, gone, back.ContactID, "the externalCustomerId brings it back")
		require.False(t, back.NewContact)
		require.Equal(t, identity, b.get(t, gone).Identity)
	})
}

// deletedWorld is a contact with two chats, one muted and one inactive, in two groups.
type deletedWorld struct {
	bundle
	groups *audience.Service
	id     int64
	chats  []contact.Chat
}

func newDeletedWorld(t *testing.T, s *store.DB) deletedWorld {
	t.Helper()
	w := deletedWorld{bundle: setup(t, s), groups: audience.New(s.Groups, clock())}
	w.id = w.save(t, who("e1", "+380501234567", "a@x.ua"))
	w.add(t, contact.Token{ChatID: 1, ContactID: w.id}, contact.Token{ChatID: 2, ContactID: w.id})
	until := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := w.store.Contacts.ChangeChat(t.Context(), w.botID, 1, contact.ChatChange{MutedUntil: &until})
	require.NoError(t, err)
	_, err = w.store.Contacts.ChangeChat(t.Context(), w.botID, 2, contact.ChatChange{Inactive: new(true)})
	require.NoError(t, err)
	require.NoError(t, w.groups.Join(t.Context(), 1, []string{"stays", "goes"}, []int64{w.id}))
	w.chats = w.chatsOf(t, w.id)
	require.Len(t, w.chats, 2)
	w.delete(t, w.id)
	require.Empty(t, w.chatsOf(t, w.id))
	return w
}

func (w deletedWorld) chatsOf(t *testing.T, id int64) []contact.Chat {
	t.Helper()
	chats, err := w.store.Contacts.Chats(t.Context(), []int64{id})
	require.NoError(t, err)
	return chats
}

// groupsOf returns the names of a contact's groups, and requires that each counts its
// members right.
func (w deletedWorld) groupsOf(t *testing.T, id int64) (names []string) {
	t.Helper()
	of, err := w.groups.GroupsOf(t.Context(), 1, []int64{id})
	require.NoError(t, err)
	for _, g := range of[id] {
		names = append(names, g.Name)
		found, err := w.groups.Get(t.Context(), 1, g.ID)
		require.NoError(t, err)
		members, total, err := w.groups.Members(t.Context(), 1, g.ID, audience.Page{Limit: 10})
		require.NoError(t, err)
		require.EqualValues(t, len(members), total)
		require.EqualValues(t, len(members), found.Members)
	}
	return names
}

func (w deletedWorld) subscribers(t *testing.T) int64 {
	t.Helper()
	b, err := w.store.Bots.Find(t.Context(), 1, w.botID)
	require.NoError(t, err)
	return b.Subscribers
}

// A deletion can be undone in every way in, as often as one likes: the contact has its
// chats again, as they were, and its groups.
//
// spec: contact-restored-whole
func TestRestoredContactIsWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		w := newDeletedWorld(t, s)
		for name, restore := range map[string]func() error{
			"save":    func() error { _, err := w.svc.Save(t.Context(), 1, "", who("e1", "", "")); return err },
			"restore": func() error { _, err := w.svc.Restore(t.Context(), 1, "", w.id, contact.Profile{}); return err },
			"token": func() error {
				_, err := w.svc.AddTokens(t.Context(), w.ws, w.botID, []contact.Token{{ChatID: 1, ExternalCustomerID: "e1"}})
				return err
			},
			"import": func() error {
				_, err := w.svc.Import(t.Context(), w.ws, []contact.Profile{who("e1", "", "")},
					contact.ImportOptions{DedupeOn: contact.OnExternalID, RestoreDeleted: true})
				return err
			},
		} {
			require.Zero(t, w.subscribers(t))
			require.NoError(t, restore(), name)
			require.Equal(t, w.chats, w.chatsOf(t, w.id), name)
			require.Equal(t, []string{"stays", "goes"}, w.groupsOf(t, w.id), name)
			require.EqualValues(t, 2, w.subscribers(t), name)
			w.delete(t, w.id)
		}
	})
}

// The chats of a contact that an item restores are on record for the items behind it.
//
// spec: contact-restored-whole
func TestRestoredChatsCountAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		w := newDeletedWorld(t, s)
		got := w.add(t, contact.Token{ChatID: 9, ExternalCustomerID: "e1"}, contact.Token{ChatID: 1, ExternalCustomerID: "other"})
		require.Equal(t, w.id, got[0].ContactID)
		require.Equal(t, contact.TokenExists, got[1].Status)
		require.Equal(t, w.id, got[1].ContactID)
		require.Len(t, w.chatsOf(t, w.id), 3)
	})
}

// A chat that another contact got meanwhile, or gets in the same call, stays there, and
// a group that was deleted stays away.
//
// spec: contact-restored-whole
func TestRestoredContactTakesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		w := newDeletedWorld(t, s)
		goes, err := w.groups.List(t.Context(), 1, audience.Filter{Name: "goes", Limit: 1})
		require.NoError(t, err)
		require.NoError(t, w.groups.Delete(t.Context(), 1, goes[0].ID, nil))
		other := w.add(t, contact.Token{ChatID: 2, ExternalCustomerID: "e2"})[0]
		require.Equal(t, contact.TokenCreated, other.Status)
		got := w.add(t, contact.Token{ChatID: 1, ExternalCustomerID: "e3"}, contact.Token{ChatID: 3, ExternalCustomerID: "e1"})
		require.Equal(t, []contact.TokenStatus{contact.TokenCreated, contact.TokenCreated}, []contact.TokenStatus{got[0].Status, got[1].Status})
		require.Equal(t, w.id, got[1].ContactID)
		for id, chatID := range map[int64]int64{w.id: 3, other.ContactID: 2, got[0].ContactID: 1} {
			chats := w.chatsOf(t, id)
			require.Len(t, chats, 1)
			require.Equal(t, chatID, chats[0].ChatID)
		}
		require.Equal(t, []string{"stays"}, w.groupsOf(t, w.id))
		require.EqualValues(t, 3, w.subscribers(t))
		// What could not be given back is not given later.
		w.delete(t, other.ContactID)
		w.delete(t, w.id)
		_, err = w.svc.Restore(t.Context(), 1, "", w.id, contact.Profile{})
		require.NoError(t, err)
		require.Len(t, w.chatsOf(t, w.id), 1)
	})
}

// Nothing returns to a contact that was erased, whether living or deleted.
//
// spec: contact-restored-whole
func TestErasedContactDoesNotReturn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		w := newDeletedWorld(t, s)
		require.NoError(t, w.svc.Delete(t.Context(), 1, w.id, true))
		again := w.save(t, who("e1", "", ""))
		require.NotEqual(t, w.id, again)
		require.Empty(t, w.chatsOf(t, again))
		require.Empty(t, w.groupsOf(t, again))
		_, err := w.svc.Restore(t.Context(), 1, "", w.id, contact.Profile{})
		require.ErrorIs(t, err, contact.ErrNotFound)
		require.Zero(t, w.subscribers(t))
	})
}
