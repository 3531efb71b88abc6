package contact_test

import (
	"context"
	"flag"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/contact"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// TestMain limits the models to what a test run has time for. go test
// ./internal/contact -rapid.checks=1000 looks deeper.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "60"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// person is a contact as the model has it.
type person struct {
	id                                         int64
	external, phone, email, first, card, token string
	deleted                                    bool
	// updated is the call that last touched the person, turn the item in it.
	updated, turn int
}

// importModel imports literally by the rules, one item after another, with a look
// at everybody for each.
type importModel struct {
	people []*person
	cardID int64
	calls  int
}

func sent(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func token(p contact.Profile) string {
	if len(p.Devices) == 0 {
		return ""
	}
	return p.Devices[0].Token
}

// find returns which contact is meant, by which identifier, and whether the item
// can be used at all.
func (m *importModel) find(p contact.Profile, o contact.ImportOptions) (found *person, by string, usable bool) {
	external := sent(p.ExternalCustomerID)
	for _, x := range m.people {
		if external != "" && x.external == external {
			return x, "externalCustomerId", true
		}
	}
	if o.DedupeOn == contact.OnID && p.ID != nil {
		for _, x := range m.people {
			if x.id == *p.ID {
				return x, "id", true
			}
		}
		return nil, "", false
	}
	type property struct {
		by, value string
		of        func(*person) string
	}
	sms := property{"sms", sent(p.Phone), func(x *person) string { return x.phone }}
	email := property{"email", sent(p.Email), func(x *person) string { return x.email }}
	push := property{"mobilepush", token(p), func(x *person) string { return x.token }}
	card := property{"card", p.Fields[m.cardID], func(x *person) string { return x.card }}
	properties := map[contact.DedupeOn][]property{
		contact.OnEmail: {email}, contact.OnSMS: {sms}, contact.OnEmailOrSMS: {sms, email}, contact.OnMobilePush: {push}, contact.OnField: {card},
	}[o.DedupeOn]
	if o.DedupeOn == contact.OnExternalID && external != "" {
		properties = []property{email, sms}
	}
	properties = slices.DeleteFunc(properties, func(x property) bool { return x.value == "" })
	if len(properties) == 0 && external == "" {
		return nil, "", false
	}
	for _, deleted := range []bool{false, true} {
		for _, property := range properties {
			var best *person
			for _, x := range m.people {
				fits := x.deleted == deleted && property.of(x) == property.value && (external == "" || x.external == "")
				if fits && (best == nil || better(x, best)) {
					best = x
				}
			}
			if best != nil {
				return best, property.by, true
			}
		}
	}
	return nil, "", true
}

// better reports whether a is preferred to b: without an external id, updated
// later, older.
func better(a, b *person) bool {
	if (a.external == "") != (b.external == "") {
		return a.external == ""
	}
	if a.updated != b.updated {
		return a.updated > b.updated
	}
	if a.turn != b.turn {
		return a.turn > b.turn
	}
	return a.id < b.id
}

// rubbish is a value that no field of the model can have but a name and a card.
const rubbish = "?"

// readable returns the item without the identifiers that are rubbish, and their
// names.
func readable(p contact.Profile) (_ contact.Profile, left []string) {
	if sent(p.Phone) == rubbish {
		p.Phone, left = nil, append(left, "phone")
	}
	if sent(p.Email) == rubbish {
		p.Email, left = nil, append(left, "email")
	}
	return p, left
}

// taken reports whether somebody else holds the value and may not share it with x.
func (m *importModel) taken(x *person, value string, of func(*person) string) bool {
	for _, y := range m.people {
		if y != x && !y.deleted && value != "" && of(y) == value && (x.external == "" || y.external == "") {
			return true
		}
	}
	return false
}

// item imports one item and returns the expected result, with what is left out.
func (m *importModel) item(turn int, p contact.Profile, o contact.ImportOptions) (contact.ImportStatus, *person, []string) {
	p, left := readable(p)
	x, by, usable := m.find(p, o)
	if !usable {
		return contact.ImportFailed, nil, nil
	}
	all := map[string]*string{}
	status := contact.ImportUpdated
	if x == nil {
		status = contact.ImportCreated
		x = &person{}
		m.people = append(m.people, x)
	} else if x.deleted && !o.RestoreDeleted {
		return contact.ImportSkipped, x, nil
	}
	was := *x
	if was.deleted {
		was.phone, was.email = "", ""
	}
	x.deleted, x.updated, x.turn = false, m.calls, turn
	all["externalCustomerId"], all["sms"], all["email"] = &x.external, &x.phone, &x.email
	all["firstName"], all["mobilepush"], all["card"] = &x.first, &x.token, &x.card
	values := map[string]string{"externalCustomerId": sent(p.ExternalCustomerID), "sms": sent(p.Phone), "email": sent(p.Email),
		"firstName": sent(p.FirstName), "mobilepush": token(p), "card": p.Fields[m.cardID]}
	for name, to := range all {
		listed := o.Attributes == nil && (name == "firstName" || values[name] != "") || slices.Contains(o.Attributes, contact.Attribute(name))
		if name == "card" {
			listed = len(o.FieldIDs) > 0
		}
		unread := name == "sms" && slices.Contains(left, "phone") || name == "email" && slices.Contains(left, "email")
		if !unread && (status == contact.ImportCreated || listed && name != by || name == "externalCustomerId" && *to == "") {
			*to = values[name]
		}
	}
	phone, email := func(y *person) string { return y.phone }, func(y *person) string { return y.email }
	if x.external == "" && was.external != "" && (m.taken(x, was.phone, phone) || m.taken(x, was.email, email)) {
		x.external, left = was.external, append(left, "externalCustomerId")
	}
	if x.phone != was.phone && m.taken(x, x.phone, phone) {
		x.phone, left = was.phone, append(left, "phone")
	}
	if x.email != was.email && m.taken(x, x.email, email) {
		x.email, left = was.email, append(left, "email")
	}
	return status, x, left
}

// comparison compares the model with the real import.
type comparison struct {
	svc *contact.Service
	ws  workspace.Workspace
}

func (c comparison) run(rt *rapid.T, cardID int64) {
	m := &importModel{cardID: cardID}
	few := func(label string, values ...string) *string {
		v := rapid.SampledFrom(append(values, "")).Draw(rt, label)
		if v == "" {
			return nil
		}
		return &v
	}
	for range rapid.IntRange(1, 4).Draw(rt, "calls") {
		m.calls++
		o := contact.ImportOptions{
			DedupeOn: rapid.SampledFrom([]contact.DedupeOn{contact.OnEmail, contact.OnSMS, contact.OnEmailOrSMS, contact.OnMobilePush,
				contact.OnID, contact.OnExternalID, contact.OnField}).Draw(rt, "dedupe on"),
			FieldID: cardID, RestoreDeleted: rapid.Bool().Draw(rt, "restore"),
		}
		if rapid.Bool().Draw(rt, "some attributes") {
			o.Attributes = rapid.SliceOfDistinct(
				rapid.SampledFrom([]contact.Attribute{"externalCustomerId", "sms", "email", "firstName", "mobilepush"}),
				func(a contact.Attribute) contact.Attribute { return a }).Draw(rt, "attributes")
			if o.Attributes == nil {
				o.Attributes = []contact.Attribute{}
			}
		}
		if rapid.Bool().Draw(rt, "card too") {
			o.FieldIDs = []int64{cardID}
		}
		var items []contact.Profile
		for range rapid.IntRange(1, 6).Draw(rt, "items") {
			p := contact.Profile{
				ExternalCustomerID: few("external", "e1", "e2", "e3"), Phone: few("phone", "+380501111111", "+380502222222", rubbish),
				Email: few("email", "a@x.ua", "b@x.ua", rubbish), FirstName: few("first", "A", "B"),
			}
			if v := few("card", "1", "2"); v != nil {
				p.Fields = map[int64]string{cardID: *v}
			}
			if v := few("token", "m1", "m2"); v != nil {
				p.Devices = []contact.Device{{Type: contact.MobilePush, Token: *v}}
			}
			if len(m.people) > 0 && rapid.Bool().Draw(rt, "with an id") {
				p.ID = &rapid.SampledFrom(m.people).Draw(rt, "id").id
			}
			items = append(items, p)
		}
		c.call(rt, m, items, o)
		c.check(rt, m)
		if living := slices.DeleteFunc(slices.Clone(m.people), func(x *person) bool { return x.deleted }); len(living) > 0 &&
			rapid.Bool().Draw(rt, "delete") {
			gone := rapid.SampledFrom(living).Draw(rt, "who")
			require.NoError(rt, c.svc.Delete(context.Background(), c.ws.ID, gone.id, false))
			m.calls++
			gone.deleted, gone.updated, gone.turn = true, m.calls, 0
		}
	}
}

func (c comparison) call(rt *rapid.T, m *importModel, items []contact.Profile, o contact.ImportOptions) {
	results, err := c.svc.Import(context.Background(), c.ws, items, o)
	require.NoError(rt, err)
	for i, got := range results {
		status, x, left := m.item(i+1, items[i], o)
		require.Equal(rt, status, got.Status, "item %d: %v", i, got.Fault)
		var told []string
		for _, f := range got.LeftOut {
			told = append(told, f.Field)
		}
		require.Equal(rt, left, told, "item %d", i)
		switch status {
		case contact.ImportFailed:
			require.NotNil(rt, got.Fault)
			continue
		case contact.ImportCreated:
			require.False(rt, slices.ContainsFunc(m.people, func(p *person) bool { return p.id == got.ContactID }))
			x.id = got.ContactID
		}
		require.Equal(rt, x.id, got.ContactID, "item %d", i)
	}
	for _, x := range m.people {
		x.turn = 0
	}
}

func (c comparison) check(rt *rapid.T, m *importModel) {
	living := int64(0)
	for _, x := range m.people {
		got, _, err := c.svc.Get(context.Background(), c.ws.ID, x.id)
		if x.deleted {
			require.ErrorIs(rt, err, contact.ErrNotFound)
			continue
		}
		living++
		require.NoError(rt, err)
		is := person{
			id: got.ID, external: got.ExternalCustomerID, phone: got.Phone, email: got.Email, first: got.FirstName, card: got.Fields[m.cardID],
			updated: x.updated}
		if len(got.Devices) > 0 {
			is.token = got.Devices[0].Token
		}
		require.Equal(rt, *x, is)
	}
	page, err := c.svc.List(context.Background(), c.ws, contact.Filter{}, contact.Span{ByID: true, Limit: contact.MaxPage})
	require.NoError(rt, err)
	require.Equal(rt, living, page.Total)
	require.Len(rt, page.Contacts, int(living))
}

// An import gives the results of the rules for its items one by one, whatever the
// order, the options and the existing contacts.
func TestImportModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := comparison{contact.New(&memory{contacts: map[int64]contact.Contact{}}, clock()), workspace.Workspace{ID: 1}}
		c.run(rt, 1)
	})
}

func TestImportModelStored(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		c := comparison{b.svc, b.ws}
		rapid.Check(t, func(rt *rapid.T) {
			card, err := b.svc.CreateField(context.Background(), 1, contact.Field{Name: "Card", Type: contact.Text})
			require.NoError(rt, err)
			// Even a run that fails leaves nobody for the next one.
			defer c.erase(rt, card.ID)
			c.run(rt, card.ID)
		})
	})
}

// erase removes every contact, deleted or not, and every field.
func (c comparison) erase(rt *rapid.T, cardID int64) {
	ctx := context.Background()
	for _, external := range []string{"e1", "e2", "e3"} {
		if _, err := c.svc.DeleteByExternalID(ctx, c.ws.ID, external, true); err != nil {
			require.ErrorIs(rt, err, contact.ErrNotFound)
		}
	}
	page, err := c.svc.List(ctx, c.ws, contact.Filter{}, contact.Span{ByID: true, Limit: contact.MaxPage})
	require.NoError(rt, err)
	for _, x := range page.Contacts {
		require.NoError(rt, c.svc.Delete(ctx, c.ws.ID, x.ID, true))
	}
	require.NoError(rt, c.svc.DeleteField(ctx, c.ws.ID, cardID))
	// Deleted contacts are found by the ways in which an import recognises
	// contacts.
	for _, o := range []struct {
		on contact.DedupeOn
		p  contact.Profile
	}{
		{contact.OnEmail, who("", "", "a@x.ua")}, {contact.OnEmail, who("", "", "b@x.ua")},
		{contact.OnSMS, who("", "+380501111111", "")}, {contact.OnSMS, who("", "+380502222222", "")},
		{contact.OnMobilePush, contact.Profile{Devices: []contact.Device{{Type: contact.MobilePush, Token: "m1"}}}},
		{contact.OnMobilePush, contact.Profile{Devices: []contact.Device{{Type: contact.MobilePush, Token: "m2"}}}},
	} {
		for again := true; again; {
			got, err := c.svc.Import(ctx, c.ws, []contact.Profile{o.p}, contact.ImportOptions{DedupeOn: o.on})
			require.NoError(rt, err)
			require.NoError(rt, c.svc.Delete(ctx, c.ws.ID, got[0].ContactID, true))
			again = got[0].Status != contact.ImportCreated
		}
	}
}

// memory is a store that shows a decision only what its lookup names.
type memory struct {
	contact.Store
	contacts map[int64]contact.Contact
	last     int64
}

func (m *memory) Fields(context.Context, int64) ([]contact.Field, error) {
	return []contact.Field{{ID: 1, WorkspaceID: 1, Name: "Card", Type: contact.Text}}, nil
}

func (m *memory) Contact(_ context.Context, _, id int64) (contact.Contact, error) {
	c, ok := m.contacts[id]
	if !ok || !c.DeletedAt.IsZero() {
		return contact.Contact{}, contact.ErrNotFound
	}
	return c, nil
}

func (m *memory) Chats(context.Context, []int64) ([]contact.Chat, error) { return nil, nil }

func (m *memory) Contacts(context.Context, int64, contact.Filter, contact.Span) (all []contact.Contact, _ int64, _ error) {
	for _, c := range m.contacts {
		if c.DeletedAt.IsZero() {
			all = append(all, c)
		}
	}
	return all, int64(len(all)), nil
}

// which returns the contacts that fit, deleted or not, ordered by id.
func (m *memory) which(fits func(contact.Contact) bool) (found []contact.Contact) {
	for id := int64(1); id <= m.last; id++ {
		if fits(m.contacts[id]) {
			found = append(found, m.contacts[id])
		}
	}
	return found
}

func (m *memory) Decide(_ context.Context, look contact.Lookup, _ time.Time, decide func(contact.Snapshot) (contact.Plan, error)) error {
	wanted := func(c contact.Contact) bool {
		return slices.Contains(look.ContactIDs, c.ID) ||
			c.ExternalCustomerID != "" && slices.Contains(look.ExternalIDs, c.ExternalCustomerID) ||
			c.Phone != "" && slices.Contains(look.Phones, c.Phone) ||
			c.Email != "" && slices.Contains(look.EmailKeys, contact.EmailKey(c.Email)) ||
			look.FieldID != 0 && slices.Contains(look.FieldKeys, c.Fields[look.FieldID]) ||
			slices.ContainsFunc(c.Devices, func(d contact.Device) bool { return slices.Contains(look.DeviceKeys, d.Key()) })
	}
	found := m.which(wanted)
	shares := func(c contact.Contact) bool {
		return slices.ContainsFunc(found, func(f contact.Contact) bool {
			return (look.Sharers || !f.DeletedAt.IsZero()) &&
				(c.Phone != "" && c.Phone == f.Phone || c.Email != "" && contact.EmailKey(c.Email) == contact.EmailKey(f.Email))
		})
	}
	snap := contact.Snapshot{Contacts: m.which(func(c contact.Contact) bool { return wanted(c) || shares(c) })}
	plan, err := decide(snap)
	if err != nil {
		return err
	}
	for _, c := range plan.Create {
		m.last++
		c.ID = m.last
	}
	for _, c := range slices.Concat(plan.Create, plan.Update, plan.Delete) {
		m.contacts[c.ID] = *c
	}
	return nil
}
