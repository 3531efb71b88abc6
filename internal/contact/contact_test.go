package contact_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// spec: contact-upsert contact-restored
func TestSave(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		save := func(p contact.Profile) contact.Saved {
			t.Helper()
			saved, err := b.svc.Save(t.Context(), 1, "UA", p)
			require.NoError(t, err)
			return saved
		}
		anna := save(named(who("e1", "", "a@x.ua"), "Anna"))
		require.True(t, anna.Created)
		require.Equal(t, b.get(t, anna.ID), anna.Contact, "what is returned is what is stored")
		require.Equal(t, anna.ID, save(who("", "", "A@X.UA")).ID)
		require.False(t, save(who("e1", "", "")).Created)

		b.delete(t, anna.ID)
		restored := save(who("e1", "", ""))
		require.Equal(t, []any{anna.ID, true, false, "Anna"}, []any{restored.ID, restored.Restored, restored.Created, restored.FirstName})

		b.delete(t, anna.ID)
		require.NotEqual(t, anna.ID, save(who("", "", "a@x.ua")).ID, "only an ext. id brings a deleted contact back")
		_, err := b.svc.Save(t.Context(), 1, "", contact.Profile{ID: &anna.ID})
		require.ErrorIs(t, err, contact.ErrNotFound)

		phone := save(contact.Profile{Devices: []contact.Device{{Type: contact.MobilePush, Token: "t1", OS: "IOS"}}})
		more := save(contact.Profile{Devices: []contact.Device{
			{Type: contact.MobilePush, Token: "t1", OS: "iOS 19"}, {Type: contact.WebPush, Token: strings.Repeat("w", 4000)},
		}})
		require.Equal(t, phone.ID, more.ID)
		require.ElementsMatch(t, more.Devices, b.get(t, phone.ID).Devices)
		require.Len(t, more.Devices, 2)
		require.Equal(t, "iOS 19", more.Devices[0].OS)

		for _, p := range []contact.Profile{{}, {ExternalCustomerID: new("")}, {FirstName: new("x")}} {
			_, err := b.svc.Save(t.Context(), 1, "", p)
			require.True(t, fault.Is(err, "identifier_missing"))
		}
	})
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		anna, bob := b.save(t, who("e1", "", "a@x.ua")), b.save(t, who("e2", "", ""))
		update := func(id int64, p contact.Profile) error {
			_, err := b.svc.Update(t.Context(), 1, "UA", id, p)
			return err
		}
		require.NoError(t, update(bob, who("e3", "", "a@x.ua")))
		require.Equal(t, contact.Identity{ExternalCustomerID: "e3", Email: "a@x.ua"}, b.get(t, bob).Identity)
		require.NoError(t, update(anna, who("e2", "", "")), "the id was given up")
		require.True(t, fault.Is(update(anna, who("e3", "", "")), "external_customer_id_taken"))
		require.ErrorIs(t, update(999, who("e9", "", "")), contact.ErrNotFound)
		b.delete(t, bob)
		require.ErrorIs(t, update(bob, who("e9", "", "")), contact.ErrNotFound)
		require.True(t, fault.Is(update(anna, who("e3", "", "")), "external_customer_id_taken"), "a deleted contact keeps it")
	})
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		p := who("", "+380501111111", "a@x.ua")
		p.ID = new(int64(999))
		first, err := b.svc.Subscribe(t.Context(), 1, "", p, nil)
		require.NoError(t, err)
		require.True(t, first.Created)
		again, err := b.svc.Subscribe(t.Context(), 1, "", who("e1", "+380501111111", ""), nil)
		require.NoError(t, err)
		require.Equal(t, []any{first.ID, false, "e1"}, []any{again.ID, again.Created, again.ExternalCustomerID})

		// Somebody who fills in a form may know an identifier of another person.
		stranger, err := b.svc.Subscribe(t.Context(), 1, "", who("e1", "+380509999999", "evil@x.ua"), nil)
		require.NoError(t, err)
		require.Equal(t, []any{first.ID, "+380501111111", "a@x.ua"}, []any{stranger.ID, stranger.Phone, stranger.Email})
		require.Equal(t, stranger.Identity, b.get(t, first.ID).Identity)
		short, err := b.svc.Subscribe(t.Context(), 1, "", who("", "+380502222222", ""), nil)
		require.NoError(t, err)
		full, err := b.svc.Subscribe(t.Context(), 1, "", who("", "+380502222222", "b@x.ua"), nil)
		require.NoError(t, err)
		require.Equal(t, []any{short.ID, "b@x.ua"}, []any{full.ID, full.Email}, "what is missing is filled in")

		keys, err := b.svc.SetSubscriptions(t.Context(), 1, first.ID, []string{"news", " sale ", "news"})
		require.NoError(t, err)
		require.Equal(t, []string{"news", "sale"}, keys)
		keys, err = b.svc.Subscriptions(t.Context(), 1, first.ID)
		require.NoError(t, err)
		require.Equal(t, []string{"news", "sale"}, keys)
		_, err = b.svc.SetSubscriptions(t.Context(), 1, first.ID, nil)
		require.NoError(t, err)
		require.Empty(t, b.get(t, first.ID).Subscriptions)
		_, err = b.svc.SetSubscriptions(t.Context(), 1, 999, nil)
		require.ErrorIs(t, err, contact.ErrNotFound)
		_, err = b.svc.SetSubscriptions(t.Context(), 1, first.ID, []string{" "})
		require.True(t, fault.Is(err, "subscription_invalid"))

		was := b.get(t, first.ID)
		n, err := b.svc.Unsubscribe(t.Context(), 1, []string{"A@x.ua", "nobody@x.ua", "?", ""})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		now := b.get(t, first.ID)
		require.False(t, now.UnsubscribedAt.IsZero())
		now.UnsubscribedAt = time.Time{}
		require.Equal(t, was, now, "it is no update")
		n, err = b.svc.Resubscribe(t.Context(), 1, []string{"a@x.ua"})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, was, b.get(t, first.ID))
		n, err = b.svc.Unsubscribe(t.Context(), 1, []string{"?"})
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		got := b.add(t, contact.Token{ChatID: 1, ExternalCustomerID: "e1"}, contact.Token{ChatID: 2, ExternalCustomerID: "e1"},
			contact.Token{ChatID: 3, ExternalCustomerID: "e2", Email: "b@x.ua"})
		require.Equal(t, []bool{true, false, true}, []bool{got[0].NewContact, got[1].NewContact, got[2].NewContact})
		anna := got[0].ContactID
		b.delete(t, anna)
		require.EqualValues(t, 1, b.subscribers(t), "its chats go")
		require.ErrorIs(t, b.svc.Delete(t.Context(), 1, anna, false), contact.ErrNotFound)
		_, err := b.svc.Chat(t.Context(), b.botID, 1)
		require.ErrorIs(t, err, contact.ErrChatNotFound)

		back := b.add(t, contact.Token{ChatID: 1, ExternalCustomerID: "e1"})[0]
		require.Equal(t, contact.TokenResult{ContactID: anna, Status: contact.TokenCreated}, back, "whoever writes to the bot again is back")
		require.EqualValues(t, 3, b.subscribers(t), "with all its chats")

		b.delete(t, got[2].ContactID)
		other := b.add(t, contact.Token{ChatID: 3, Email: "b@x.ua"})[0]
		require.True(t, other.NewContact, "by an email nobody comes back")
		require.Equal(t, "b@x.ua", b.get(t, other.ContactID).Email)

		id, err := b.svc.DeleteByExternalID(t.Context(), 1, "e1", false)
		require.NoError(t, err)
		require.Equal(t, anna, id)
		_, err = b.svc.DeleteByExternalID(t.Context(), 1, "e1", false)
		require.ErrorIs(t, err, contact.ErrNotFound)
		id, err = b.svc.DeleteByExternalID(t.Context(), 1, "e1", true)
		require.NoError(t, err, "a deleted contact can be erased")
		require.Equal(t, anna, id)
		_, err = b.svc.DeleteByExternalID(t.Context(), 1, "e1", true)
		require.ErrorIs(t, err, contact.ErrNotFound)
		_, err = b.svc.DeleteByExternalID(t.Context(), 1, "", true)
		require.True(t, fault.Is(err, "identifier_missing"))
		require.NotEqual(t, anna, b.save(t, who("e1", "", "")), "nothing is left of an erased one")
		require.ErrorIs(t, b.svc.Delete(t.Context(), 2, other.ContactID, true), contact.ErrNotFound, "in another workspace")
	})
}

func TestChats(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		id := b.add(t, contact.Token{ChatID: 1, ExternalCustomerID: "e1"})[0].ContactID
		chat, err := b.svc.Chat(t.Context(), b.botID, 1)
		require.NoError(t, err)
		require.Equal(t, id, chat.ContactID)
		require.NotEmpty(t, chat.AppUUID)

		until := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		chat, err = b.svc.Mute(t.Context(), b.botID, 1, until)
		require.NoError(t, err)
		require.Equal(t, until, chat.MutedUntil)
		chat, err = b.svc.Activate(t.Context(), b.botID, 1, false)
		require.NoError(t, err)
		require.True(t, chat.Inactive)
		require.Equal(t, until, chat.MutedUntil)
		_, chats, err := b.svc.Get(t.Context(), 1, id)
		require.NoError(t, err)
		require.Equal(t, []contact.Chat{chat}, chats)
		chat, err = b.svc.Mute(t.Context(), b.botID, 1, contact.MuteForever.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, contact.MuteForever, chat.MutedUntil)
		chat, err = b.svc.Unmute(t.Context(), b.botID, 1)
		require.NoError(t, err)
		require.Zero(t, chat.MutedUntil)
		chat, err = b.svc.Mute(t.Context(), b.botID, 1, time.Unix(1, 0))
		require.NoError(t, err)
		require.Zero(t, chat.MutedUntil, "a time gone by mutes nobody")
		chat, err = b.svc.Activate(t.Context(), b.botID, 1, true)
		require.NoError(t, err)
		require.False(t, chat.Inactive)
		for _, call := range []func(context.Context, int64, int64) (contact.Chat, error){b.svc.Chat, b.svc.Unmute} {
			_, err := call(t.Context(), b.botID, 2)
			require.ErrorIs(t, err, contact.ErrChatNotFound)
			_, err = call(t.Context(), b.botID+1, 1)
			require.ErrorIs(t, err, contact.ErrChatNotFound)
		}
	})
}

func TestFields(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		card, err := b.svc.CreateField(t.Context(), 1, contact.Field{Name: " Картка ", Type: contact.Text})
		require.NoError(t, err)
		require.Equal(t, "Картка", card.Name)
		kept, err := b.svc.CreateField(t.Context(), 1, contact.Field{ID: card.ID + 1, Name: "Of theirs", Type: contact.Text})
		require.NoError(t, err)
		require.Equal(t, card.ID+1, kept.ID)
		_, err = b.svc.CreateField(t.Context(), 1, contact.Field{ID: card.ID, Name: "Another", Type: contact.Text})
		require.ErrorIs(t, err, contact.ErrFieldIDTaken)
		next, err := b.svc.CreateField(t.Context(), 1, contact.Field{Name: "Behind it", Type: contact.Text})
		require.NoError(t, err)
		require.Equal(t, kept.ID+1, next.ID)
		require.NoError(t, b.svc.EnsureFields(t.Context(), 1, []int64{161733, card.ID, 161733}))
		for _, id := range []int64{kept.ID, next.ID, 161733} {
			require.NoError(t, b.svc.DeleteField(t.Context(), 1, id))
		}
		_, err = b.svc.CreateField(t.Context(), 1, contact.Field{Name: "КАРТКА", Type: contact.Number})
		require.ErrorIs(t, err, contact.ErrFieldTaken)
		size, err := b.svc.CreateField(t.Context(), 1, contact.Field{Name: "Size", Type: contact.Number})
		require.NoError(t, err)
		_, err = b.svc.RenameField(t.Context(), 1, size.ID, "картка")
		require.ErrorIs(t, err, contact.ErrFieldTaken)
		card, err = b.svc.RenameField(t.Context(), 1, card.ID, "КАРТКА")
		require.NoError(t, err)
		fields, err := b.svc.Fields(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, []contact.Field{card, size}, fields)
		for name, kind := range map[string]contact.Type{
			"": contact.Text, strings.Repeat("x", 101): contact.Text, "a\x00": contact.Text, "x": "list",
		} {
			_, err := b.svc.CreateField(t.Context(), 1, contact.Field{Name: name, Type: kind})
			require.Equal(t, fault.Invalid, fault.KindOf(err), name)
		}
		for _, err := range []error{
			b.svc.DeleteField(t.Context(), 1, 999), b.svc.DeleteField(t.Context(), 2, card.ID),
			func() error { _, err := b.svc.RenameField(t.Context(), 2, card.ID, "x"); return err }(),
		} {
			require.ErrorIs(t, err, contact.ErrFieldNotFound)
		}

		long := strings.Repeat("ї", contact.MaxValue)
		id := b.save(t, contact.Profile{Email: new("a@x.ua"), Fields: map[int64]string{card.ID: long, size.ID: "1.50"}})
		require.Equal(t, map[int64]string{card.ID: long, size.ID: "1.5"}, b.get(t, id).Fields)
		byCard := contact.ImportOptions{DedupeOn: contact.OnField, FieldID: card.ID, Attributes: []contact.Attribute{}}
		require.Equal(t, updated(id), b.one(t, byCard, contact.Profile{Fields: map[int64]string{card.ID: long}}), "found by its digest")
		b.save(t, contact.Profile{ID: &id, Fields: map[int64]string{size.ID: ""}})
		require.Equal(t, map[int64]string{card.ID: long}, b.get(t, id).Fields)
		_, err = b.svc.Save(t.Context(), 1, "", contact.Profile{ID: &id, Fields: map[int64]string{size.ID: "big"}})
		require.True(t, fault.Is(err, "field_value_invalid"))
		require.NoError(t, b.svc.DeleteField(t.Context(), 1, card.ID))
		require.Empty(t, b.get(t, id).Fields)
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		b.ws.PhoneRegion = "UA"
		save := func(external, phone, email, first, last string) int64 {
			p := who(external, phone, email)
			p.FirstName, p.LastName = &first, &last
			return b.save(t, p)
		}
		olena := save("C-1", "+380501111111", "Олена@x.ua", "Олена", "Коваль")
		yurii := save("C-2", "+380502222222", "shared@x.ua", "Юрі\u0438\u0306", "Коваль")
		ivan := save("c-3", "", "shared@x.ua", "ІВАН", "")
		gone := save("C-4", "+380501111111", "gone@x.ua", "Олена", "Коваль")
		b.delete(t, gone)
		list := func(f contact.Filter, offset int64, limit int) (ids []int64, total int64) {
			t.Helper()
			page, err := b.svc.List(t.Context(), b.ws, f, contact.Span{ByID: true, Offset: offset, Limit: limit})
			require.NoError(t, err)
			for _, c := range page.Contacts {
				ids = append(ids, c.ID)
				require.Equal(t, b.get(t, c.ID), c)
			}
			return ids, page.Total
		}
		for name, tt := range map[string]struct {
			filter        contact.Filter
			offset, limit int64
			want          []int64
			total         int64
		}{
			"all":                {contact.Filter{}, 0, 10, []int64{olena, yurii, ivan}, 3},
			"behind the first":   {contact.Filter{}, 1, 1, []int64{yurii}, 3},
			"behind the last":    {contact.Filter{}, 3, 10, nil, 3},
			"last name":          {contact.Filter{LastName: " КОВАЛЬ"}, 0, 10, []int64{olena, yurii}, 2},
			"its second page":    {contact.Filter{LastName: "коваль"}, 1, 1, []int64{yurii}, 2},
			"its third page":     {contact.Filter{LastName: "коваль"}, 2, 1, nil, 2},
			"a composed letter":  {contact.Filter{FirstName: "ЮРІЙ"}, 0, 10, []int64{yurii}, 1},
			"both names":         {contact.Filter{FirstName: "олена", LastName: "коваль"}, 0, 10, []int64{olena}, 1},
			"another last name":  {contact.Filter{FirstName: "олена", LastName: "іван"}, 0, 10, nil, 0},
			"email":              {contact.Filter{Email: "ОЛЕНА@X.UA"}, 0, 10, []int64{olena}, 1},
			"shared email":       {contact.Filter{Email: "shared@x.ua"}, 0, 10, []int64{yurii, ivan}, 2},
			"email and name":     {contact.Filter{Email: "shared@x.ua", FirstName: "іван"}, 0, 10, []int64{ivan}, 1},
			"phone":              {contact.Filter{Phone: "050 111-11-11"}, 0, 10, []int64{olena}, 1},
			"externalCustomerId": {contact.Filter{ExternalCustomerID: "C-2"}, 0, 10, []int64{yurii}, 1},
			"its case counts":    {contact.Filter{ExternalCustomerID: "C-3"}, 0, 10, nil, 0},
		} {
			got, total := list(tt.filter, tt.offset, int(tt.limit))
			require.Equal(t, tt.want, got, name)
			require.Equal(t, tt.total, total, name)
		}
		for _, bad := range []func() error{
			func() error { _, err := b.svc.List(t.Context(), b.ws, contact.Filter{}, contact.Span{}); return err },
			func() error {
				_, err := b.svc.List(t.Context(), b.ws, contact.Filter{}, contact.Span{Limit: 501})
				return err
			},
			func() error {
				_, err := b.svc.List(t.Context(), b.ws, contact.Filter{}, contact.Span{Offset: -1, Limit: 1})
				return err
			},
			func() error {
				_, err := b.svc.List(t.Context(), b.ws, contact.Filter{Phone: "?"}, contact.Span{Limit: 1})
				return err
			},
		} {
			require.Equal(t, fault.Invalid, fault.KindOf(bad()))
		}

		for text, want := range map[string][]int64{
			"": {ivan, yurii, olena}, "ко": {yurii, olena}, "КОВАЛЬ оле": {olena},
			"олена к": {olena}, "олена олена": nil, "c": {ivan}, "C-": {yurii, olena},
			"SHARED@": {ivan, yurii}, "+38050": {yurii, olena}, "00380 50 2": {yurii}, "gone": nil, "%": nil, "шар": nil, "ю": {yurii}, "a b c": nil,
		} {
			page, _, err := b.svc.Find(t.Context(), b.ws, contact.Query{Search: text}, contact.NewestFirst, nil, 10)
			require.NoError(t, err)
			var got []int64
			for _, c := range page.Contacts {
				got = append(got, c.ID)
			}
			require.Equal(t, want, got, "%q", text)
		}
		page, _, err := b.svc.Find(t.Context(), b.ws, contact.Query{Search: "ко"}, contact.NewestFirst, &contact.Position{ID: yurii}, 10)
		require.NoError(t, err)
		require.Equal(t, olena, page.Contacts[0].ID)
		page, _, err = b.svc.Find(t.Context(), workspace.Workspace{ID: 2}, contact.Query{Search: "ко"}, contact.NewestFirst, nil, 10)
		require.NoError(t, err)
		require.Empty(t, page.Contacts)

		emails, err := b.svc.Emails(t.Context(), 1, []int64{ivan, olena, gone, 999})
		require.NoError(t, err)
		require.Equal(t, []contact.Email{{olena, "Олена@x.ua"}, {ivan, "shared@x.ua"}}, emails)
	})
}
