package contact_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// who returns a profile with the identifiers; an empty one is not sent.
func who(external, phone, email string) contact.Profile {
	var p contact.Profile
	for _, f := range []struct {
		to    **string
		value string
	}{{&p.ExternalCustomerID, external}, {&p.Phone, phone}, {&p.Email, email}} {
		if f.value != "" {
			*f.to = &f.value
		}
	}
	return p
}

// named returns the profile with a first name.
func named(p contact.Profile, first string) contact.Profile {
	p.FirstName = &first
	return p
}

func (b bundle) imports(t *testing.T, o contact.ImportOptions, items ...contact.Profile) []contact.ImportResult {
	t.Helper()
	b.ws.PhoneRegion = "UA"
	results, err := b.svc.Import(t.Context(), b.ws, items, o)
	require.NoError(t, err)
	require.Len(t, results, len(items))
	return results
}

// one imports an item, which must not fail.
func (b bundle) one(t *testing.T, o contact.ImportOptions, p contact.Profile) contact.ImportResult {
	t.Helper()
	got := b.imports(t, o, p)[0]
	require.Nil(t, got.Fault)
	return got
}

func (b bundle) delete(t *testing.T, id int64) {
	t.Helper()
	require.NoError(t, b.svc.Delete(t.Context(), 1, id, false))
}

var byEmail = contact.ImportOptions{DedupeOn: contact.OnEmail}

func created(id int64) contact.ImportResult {
	return contact.ImportResult{ContactID: id, Status: contact.ImportCreated}
}

func updated(id int64) contact.ImportResult {
	return contact.ImportResult{ContactID: id, Status: contact.ImportUpdated}
}

func skipped(id int64) contact.ImportResult {
	return contact.ImportResult{ContactID: id, Status: contact.ImportSkipped}
}

func TestImportRecognises(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		device := contact.Device{Type: contact.MobilePush, Token: "m1", OS: "ANDROID"}
		web := contact.Device{Type: contact.WebPush, Token: "w1"}
		card, err := b.svc.CreateField(t.Context(), 1, contact.Field{Name: "Card", Type: contact.Number})
		require.NoError(t, err)
		p := who("anna", "+380501111111", "Anna@x.ua")
		p.Devices, p.Fields = []contact.Device{device, web}, map[int64]string{card.ID: "0042.0"}
		anna := b.save(t, p)

		with := func(change func(p *contact.Profile)) contact.Profile {
			var p contact.Profile
			change(&p)
			return p
		}
		byCard := contact.ImportOptions{DedupeOn: contact.OnField, FieldID: card.ID}
		for name, tt := range map[string]struct {
			options contact.ImportOptions
			item    contact.Profile
		}{
			"email":            {byEmail, who("", "", "ANNA@X.UA")},
			"sms":              {contact.ImportOptions{DedupeOn: contact.OnSMS}, who("", "050 111 11 11", "")},
			"email or sms":     {contact.ImportOptions{DedupeOn: contact.OnEmailOrSMS}, who("", "", "anna@x.ua")},
			"sms before email": {contact.ImportOptions{DedupeOn: contact.OnEmailOrSMS}, who("", "+380501111111", "other@x.ua")},
			"sms unknown":      {contact.ImportOptions{DedupeOn: contact.OnEmailOrSMS}, who("", "+380509999999", "anna@x.ua")},
			"mobile push": {contact.ImportOptions{DedupeOn: contact.OnMobilePush},
				with(func(p *contact.Profile) { p.Devices = []contact.Device{device} })},
			"web push": {contact.ImportOptions{DedupeOn: contact.OnWebPush},
				with(func(p *contact.Profile) { p.Devices = []contact.Device{web} })},
			"push": {contact.ImportOptions{DedupeOn: contact.OnPush},
				with(func(p *contact.Profile) { p.Devices = []contact.Device{web} })},
			"id":                 {contact.ImportOptions{DedupeOn: contact.OnID}, with(func(p *contact.Profile) { p.ID = &anna })},
			"externalCustomerId": {contact.ImportOptions{DedupeOn: contact.OnExternalID}, who("anna", "", "")},
			"ext. id beats":      {byEmail, who("anna", "", "other@x.ua")},
			"field":              {byCard, with(func(p *contact.Profile) { p.Fields = map[int64]string{card.ID: "42"} })},
		} {
			tt.options.Attributes = []contact.Attribute{}
			require.Equal(t, updated(anna), b.one(t, tt.options, tt.item), name)
		}
		got := b.get(t, anna)
		require.Equal(t, contact.Identity{ExternalCustomerID: "anna", Phone: "+380501111111", Email: "Anna@x.ua"}, got.Identity,
			"nothing was to be updated")
		require.Equal(t, map[int64]string{card.ID: "42"}, got.Fields)
		require.ElementsMatch(t, []contact.Device{device, web}, got.Devices)
		for name, tt := range map[string]struct {
			options contact.ImportOptions
			item    contact.Profile
		}{
			"another email":   {byEmail, who("", "+380501111111", "new@x.ua")},
			"another ext. id": {contact.ImportOptions{DedupeOn: contact.OnExternalID}, who("new", "+380501111111", "anna@x.ua")},
			"a web token is not": {contact.ImportOptions{DedupeOn: contact.OnMobilePush},
				with(func(p *contact.Profile) { p.Devices = []contact.Device{{Type: contact.MobilePush, Token: "w1"}} })},
			"another value":     {byCard, with(func(p *contact.Profile) { p.Fields = map[int64]string{card.ID: "43"} })},
			"no email, ext. id": {byEmail, who("new2", "", "")},
		} {
			require.Equal(t, contact.ImportCreated, b.one(t, tt.options, tt.item).Status, name)
		}
	})
}

// spec: import-external-first
func TestImportExternalIDs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		plain := b.one(t, byEmail, who("", "", "a@x.ua")).ContactID

		require.Equal(t, updated(plain),
			b.one(t, contact.ImportOptions{DedupeOn: contact.OnEmail, Attributes: []contact.Attribute{}}, who("e1", "", "a@x.ua")),
			"an unknown ext. id and a known email: that contact gets the ext. id")
		require.Equal(t, "e1", b.get(t, plain).ExternalCustomerID)

		second := b.one(t, byEmail, who("e2", "", "a@x.ua"))
		require.Equal(t, contact.ImportCreated, second.Status, "all have other ext. ids: a new contact")
		require.Equal(t, "a@x.ua", b.get(t, second.ContactID).Email)

		require.Equal(t, updated(second.ContactID), b.one(t, byEmail, who("e2", "", "a@x.ua")))
		require.Equal(t, updated(plain), b.one(t, byEmail, named(who("e1", "", "a@x.ua"), "touched")))
		keep := contact.ImportOptions{DedupeOn: contact.OnEmail, Attributes: []contact.Attribute{contact.AttributeFirstName}}
		require.Equal(t, updated(plain), b.one(t, keep, who("", "", "a@x.ua")), "several with an email: the one updated last")

		third := b.save(t, who("e3", "+380502222222", "c@x.ua"))
		b.one(t, byEmail, who("", "", "c@x.ua"))
		require.Equal(t, "e3", b.get(t, third).ExternalCustomerID, "nobody has named it")
		named := contact.ImportOptions{DedupeOn: contact.OnEmail, Attributes: []contact.Attribute{contact.AttributeExternalID}}
		b.one(t, named, who("", "", "c@x.ua"))
		require.Empty(t, b.get(t, third).ExternalCustomerID, "what is named is emptied, an ext. id too")
		require.Equal(t, created(third+1), b.imports(t, byEmail, who("e3", "", "other@x.ua"))[0])
	})
}

// spec: import-fields
func TestImportUpdates(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		card, err := b.svc.CreateField(t.Context(), 1, contact.Field{Name: "Card", Type: contact.Text})
		require.NoError(t, err)
		kind, err := b.svc.CreateField(t.Context(), 1, contact.Field{Name: "Kind", Type: contact.Text})
		require.NoError(t, err)
		full := func() contact.Profile {
			return contact.Profile{
				ExternalCustomerID: new("e1"), Phone: new("+380501111111"), Email: new("a@x.ua"), FirstName: new("Олена"), LastName: new("Коваль"),
				LanguageCode: new("uk_UA"), TimeZone: new("Europe/Kyiv"), Region: new("r"), Town: new("t"), Address: new("a"), Postcode: new("p"),
				ContactKey: new("k"), Orders: &contact.Orders{LastAt: clock()(), Count: 3}, Fields: map[int64]string{card.ID: "c", kind.ID: "k"},
				Devices: []contact.Device{{Type: contact.MobilePush, Token: "m"}, {Type: contact.WebPush, Token: "w"}},
			}
		}
		id := b.one(t, contact.ImportOptions{DedupeOn: contact.OnEmail, Attributes: []contact.Attribute{contact.AttributeTown}}, full()).ContactID
		was := b.get(t, id)
		require.Equal(t, "Олена", was.FirstName, "a new contact takes all that was sent")
		require.Equal(t, "uk-UA", was.LanguageCode)
		require.Equal(t, contact.Address{Region: "r", Town: "t", Address: "a", Postcode: "p"}, was.Address)
		require.Equal(t, contact.Orders{LastAt: clock()(), Count: 3}, was.Orders)
		require.Equal(t, map[int64]string{card.ID: "c", kind.ID: "k"}, was.Fields)
		require.Len(t, was.Devices, 2)

		item := who("e1", "", "b@x.ua")
		item.Town, item.Fields = new("Львів"), map[int64]string{card.ID: "c2", kind.ID: "k2"}
		b.one(t, contact.ImportOptions{
			DedupeOn:   contact.OnEmail,
			Attributes: []contact.Attribute{contact.AttributeTown, contact.AttributeFirstName}, FieldIDs: []int64{card.ID},
		}, item)
		now := b.get(t, id)
		require.True(t, now.UpdatedAt.After(was.UpdatedAt))
		was.UpdatedAt, was.Address.Town, was.FirstName, was.Fields[card.ID] = now.UpdatedAt, "Львів", "", "c2"
		require.Equal(t, was, now, "what is listed is updated, and empty where it is missing")

		b.one(t, byEmail, who("e1", "", ""))
		now = b.get(t, id)
		require.Equal(t, contact.Contact{
			ID: id, WorkspaceID: 1, Identity: was.Identity, Devices: was.Devices,
			Fields: map[int64]string{card.ID: "c2", kind.ID: "k"}, CreatedAt: was.CreatedAt, UpdatedAt: now.UpdatedAt,
		}, now, "without a list all is updated, but for custom fields and what the contact is known by")

		b.one(t, contact.ImportOptions{DedupeOn: contact.OnEmail, FieldIDs: []int64{card.ID}}, who("e1", "", ""))
		require.Equal(t, map[int64]string{kind.ID: "k"}, b.get(t, id).Fields)

		b.one(t, byEmail, full())
		b.one(t, byEmail, who("", "", "A@X.UA"))
		require.Equal(t, "a@x.ua", b.get(t, id).Email, "what it was recognised by stays as it was written")
		b.one(t, byEmail, full())
		all := contact.ImportOptions{DedupeOn: contact.OnSMS, Attributes: contact.Attributes()}
		b.one(t, all, who("", "+380501111111", ""))
		now = b.get(t, id)
		require.Equal(t, "+380501111111", now.Phone)
		require.Empty(t, now.Email)
		require.Empty(t, now.ExternalCustomerID)
		require.Empty(t, now.Devices)
	})
}

func TestImportDeleted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		restore := contact.ImportOptions{DedupeOn: contact.OnEmail, RestoreDeleted: true, Attributes: []contact.Attribute{}}
		gone := b.save(t, named(who("e1", "", "a@x.ua"), "Anna"))
		b.delete(t, gone)
		require.Equal(t, skipped(gone), b.one(t, byEmail, who("e1", "", "b@x.ua")))
		require.Equal(t, skipped(gone), b.one(t, byEmail, who("", "", "a@x.ua")))
		require.Equal(t, skipped(gone), b.one(t, contact.ImportOptions{DedupeOn: contact.OnID}, contact.Profile{ID: &gone}))
		_, _, err := b.svc.Get(t.Context(), 1, gone)
		require.ErrorIs(t, err, contact.ErrNotFound)
		require.Equal(t, contact.ImportCreated, b.one(t, byEmail, who("e2", "", "a@x.ua")).Status, "a deleted one with another ext. id is nobody")
		require.Equal(t, updated(gone), b.one(t, restore, who("e1", "", "")))
		require.Equal(t, "Anna", b.get(t, gone).FirstName)
		b.delete(t, gone)
		living := b.one(t, contact.ImportOptions{DedupeOn: contact.OnExternalID}, who("e3", "", "a@x.ua")).ContactID
		require.Equal(t, updated(living), b.one(t, restore, who("", "", "a@x.ua")), "those that live come first")
		b.delete(t, living)
		require.NoError(t, b.svc.Delete(t.Context(), 1, gone, true))
		require.Equal(t, contact.ImportUpdated, b.one(t, restore, who("", "", "a@x.ua")).Status)
	})
}

func TestImportFaults(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		good := who("", "", "good@x.ua")
		for name, tt := range map[string]struct {
			options contact.ImportOptions
			item    contact.Profile
			code    string
			field   string
		}{
			"bad email":        {byEmail, who("", "", "nobody"), "email_invalid", "email"},
			"bad phone":        {contact.ImportOptions{DedupeOn: contact.OnSMS}, who("", "call me", "c@x.ua"), "phone_invalid", "phone"},
			"nothing sent":     {byEmail, who("", "+380501111111", ""), "dedupe_value_missing", "channels"},
			"no id":            {contact.ImportOptions{DedupeOn: contact.OnID}, good, "dedupe_value_missing", "id"},
			"unknown id":       {contact.ImportOptions{DedupeOn: contact.OnID}, contact.Profile{ID: new(int64(999))}, "contact_not_found", "id"},
			"no ext. id":       {contact.ImportOptions{DedupeOn: contact.OnExternalID}, good, "dedupe_value_missing", "externalCustomerId"},
			"ext. id too long": {byEmail, who(fmt.Sprintf("%0301d", 1), "", "c@x.ua"), "external_customer_id_invalid", "externalCustomerId"},
			"device": {contact.ImportOptions{DedupeOn: contact.OnPush},
				contact.Profile{Email: new("c@x.ua"), Devices: []contact.Device{{Type: "fax", Token: "1"}}}, "device_invalid", "devices"},
		} {
			got := b.imports(t, tt.options, tt.item)[0]
			require.Equal(t, contact.ImportFailed, got.Status, name)
			require.Equal(t, []string{tt.code, tt.field}, []string{got.Fault.Code, got.Fault.Field}, name)
			require.Zero(t, got.ContactID)
		}
		got := b.imports(t, byEmail, who("", "", "1@x.ua"), who("", "", "?"), who("", "", "2@x.ua"))
		require.Equal(t, []contact.ImportStatus{contact.ImportCreated, contact.ImportFailed, contact.ImportCreated},
			[]contact.ImportStatus{got[0].Status, got[1].Status, got[2].Status}, "a bad item holds up nobody")

		for code, o := range map[string]contact.ImportOptions{
			"dedupe_on_unknown":     {DedupeOn: "name"},
			"field_unknown":         {DedupeOn: contact.OnField, FieldID: 99},
			"contact_field_unknown": {DedupeOn: contact.OnEmail, Attributes: []contact.Attribute{"age"}},
		} {
			_, err := b.svc.Import(t.Context(), b.ws, []contact.Profile{good}, o)
			require.True(t, fault.Is(err, code), code)
			require.True(t, fault.Is(b.svc.Check(t.Context(), 1, o), code), code)
		}
		_, err := b.svc.Import(t.Context(), b.ws, make([]contact.Profile, contact.MaxImport+1), byEmail)
		require.ErrorContains(t, err, "at most 3000")
		_, err = b.svc.Import(t.Context(), b.ws, nil, contact.ImportOptions{DedupeOn: contact.OnEmail, FieldIDs: []int64{99}})
		require.True(t, fault.Is(err, "field_unknown"))
	})
}

// What cannot be read is left out, told, and changes nothing: the person stays.
func TestImportLeavesOut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		age, err := b.svc.CreateField(t.Context(), 1, contact.Field{Name: "Age", Type: contact.Number})
		require.NoError(t, err)
		rubbish := contact.Profile{
			Email: new("a@x.ua"), Phone: new("call me"), FirstName: new(strings.Repeat("x", 300)), LastName: new("\x00"),
			LanguageCode: new("українська"), TimeZone: new("Kyiv"), Orders: &contact.Orders{Count: -1}, Town: new("Kyiv"),
			Devices: []contact.Device{{Type: "fax", Token: "1"}, {Type: contact.WebPush, Token: "w"}},
			Fields:  map[int64]string{age.ID: "old", 99: "x"},
		}
		whole := contact.Profile{
			Email: new("a@x.ua"), Phone: new("+380501111111"), FirstName: new("Anna"), LastName: new("Koval"), LanguageCode: new("uk"),
			TimeZone: new("Europe/Kyiv"), Orders: &contact.Orders{Count: 3}, Fields: map[int64]string{age.ID: "31"},
		}
		for name, is := range map[string]func() int64{
			"new":   func() int64 { return 0 },
			"known": func() int64 { return b.save(t, whole) },
		} {
			id := is()
			got := b.imports(t, contact.ImportOptions{
				DedupeOn: contact.OnEmail, Attributes: contact.Attributes(), FieldIDs: []int64{age.ID},
			}, rubbish)[0]
			fields := make([]string, len(got.LeftOut))
			for i, f := range got.LeftOut {
				fields[i] = f.Field
			}
			require.Equal(t, []string{
				"phone", "firstName", "lastName", "languageCode", "timeZone", "ordersInfo.count", "devices", "fields", "fields",
			}, fields, name)
			now := b.get(t, got.ContactID)
			want := contact.Contact{Address: contact.Address{Town: "Kyiv"}, Devices: []contact.Device{{Type: contact.WebPush, Token: "w"}}}
			want.Email = "a@x.ua"
			if id != 0 {
				require.Equal(t, id, got.ContactID)
				want.Phone, want.FirstName, want.LastName, want.LanguageCode = "+380501111111", "Anna", "Koval", "uk"
				want.TimeZone, want.Orders.Count, want.Fields = "Europe/Kyiv", 3, map[int64]string{age.ID: "31"}
			}
			want.ID, want.WorkspaceID, want.CreatedAt, want.UpdatedAt = now.ID, now.WorkspaceID, now.CreatedAt, now.UpdatedAt
			require.Equal(t, want, now, name)
			require.NoError(t, b.svc.Delete(t.Context(), 1, now.ID, true))
		}
	})
}

// A phone and an email belong to one contact, or to several that have
// externalCustomerIds, by whatever way in.
func TestTakenIdentifiers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		const phone = "+380501111111"
		holder := b.save(t, who("", phone, ""))
		other := b.save(t, who("e2", "+380502222222", "b@x.ua"))

		_, err := b.svc.Update(t.Context(), 1, "", other, who("", phone, ""), nil)
		require.True(t, fault.Is(err, "phone_taken"), err)
		_, err = b.svc.Update(t.Context(), 1, "", holder, who("", "", "B@x.ua"), nil)
		require.True(t, fault.Is(err, "email_taken"), err)

		saved, err := b.svc.Save(t.Context(), 1, "", who("e2", phone, ""))
		require.NoError(t, err)
		require.Equal(t, []any{other, "+380502222222"}, []any{saved.ID, saved.Phone}, "it keeps what it had")
		require.True(t, fault.Is(saved.LeftOut[0], "phone_taken"))
		form, err := b.svc.Subscribe(t.Context(), 1, "", who("", phone, "b@x.ua"), nil)
		require.NoError(t, err)
		require.Equal(t, []any{other, "+380502222222"}, []any{form.ID, form.Phone})
		got := b.imports(t, byEmail, who("", phone, "b@x.ua"), who("", "+380502222222", "new@x.ua"))
		require.True(t, fault.Is(got[0].LeftOut[0], "phone_taken"))
		require.True(t, fault.Is(got[1].LeftOut[0], "phone_taken"))
		require.Empty(t, b.get(t, got[1].ContactID).Phone)

		// With ids of the owner's system they are a family.
		family, err := b.svc.Save(t.Context(), 1, "", who("e3", "+380502222222", "B@X.ua"))
		require.NoError(t, err)
		require.Empty(t, family.LeftOut)
		require.Equal(t, []string{"+380502222222", "B@X.ua"}, []string{family.Phone, family.Email})
		_, err = b.svc.Update(t.Context(), 1, "", family.ID, contact.Profile{ExternalCustomerID: new("")}, nil)
		require.True(t, fault.Is(err, "external_customer_id_needed"), err)
		require.Equal(t, family.Identity, b.get(t, family.ID).Identity)

		// A contact that comes back finds its phone with another.
		b.delete(t, other)
		b.delete(t, family.ID)
		heir := b.save(t, who("", "+380502222222", ""))
		back, err := b.svc.Save(t.Context(), 1, "", who("e2", "", ""))
		require.NoError(t, err)
		require.Equal(t, []any{other, "", "b@x.ua"}, []any{back.ID, back.Phone, back.Email})
		require.Equal(t, "+380502222222", b.get(t, heir).Phone)
		b.delete(t, other)
		b.delete(t, heir)
	})
}

// Within one call an external id moves from a contact that loses it to a known
// contact and to a new one.
func TestImportHandsExternalIDsOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		first := b.save(t, who("e1", "", "a@x.ua"))
		second := b.save(t, who("", "", "b@x.ua"))
		third := b.save(t, who("e3", "", "c@x.ua"))
		all := contact.ImportOptions{DedupeOn: contact.OnEmail, Attributes: contact.Attributes()}
		got := b.imports(t, all, who("", "", "a@x.ua"), who("e1", "", "b@x.ua"), who("", "", "c@x.ua"), who("e3", "", "new@x.ua"))
		require.Equal(t, []contact.ImportResult{updated(first), updated(second), updated(third), created(third + 1)}, got)
		require.Equal(t, "e1", b.get(t, second).ExternalCustomerID)
		require.Equal(t, "e3", b.get(t, third+1).ExternalCustomerID)
		require.Empty(t, b.get(t, first).ExternalCustomerID)
	})
}

// Sixteen clients that send the same new person at once make one contact.
func TestRacingWritesMakeOneContact(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		var wait sync.WaitGroup
		ids := make([]int64, 16)
		for i := range ids {
			wait.Go(func() {
				var err error
				if i%2 == 0 {
					var results []contact.ImportResult
					results, err = b.svc.Import(t.Context(), b.ws, []contact.Profile{who("e1", "", "a@x.ua")}, byEmail)
					ids[i] = results[0].ContactID
				} else {
					var saved contact.Saved
					saved, err = b.svc.Save(t.Context(), 1, "", who("e1", "", "a@x.ua"))
					ids[i] = saved.ID
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		page, err := b.svc.List(t.Context(), b.ws, contact.Filter{}, contact.Span{ByID: true, Limit: 10})
		require.NoError(t, err)
		require.EqualValues(t, 1, page.Total)
		for _, id := range ids {
			require.Equal(t, page.Contacts[0].ID, id)
		}
	})
}
