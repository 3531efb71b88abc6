package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/activity"
	"bellman/internal/audience"
	"bellman/internal/audit"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/event"
	"bellman/internal/idempotency"
	"bellman/internal/imports"
	"bellman/internal/media"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/retention"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/webhook"
	"bellman/internal/workspace"
)

// otherCalls are those of which only the statements matter, not their number: with
// calls, they run all that the store runs.
func otherCalls(t *testing.T, w *town) {
	t.Helper()
	for _, run := range []func(*testing.T, *town){
		otherKeys, otherPeople, otherBots, otherMessages, otherMedia, otherContacts, otherFinds, otherFields, otherGroups, otherEvents,
		otherImports, otherCampaigns, otherActivity, otherWebhooks, otherErasures, otherDispatch, otherRestored, otherRetention,
	} {
		run(t, w)
	}
}

// otherErasures exports and erases somebody of whom there is something everywhere.
func otherErasures(t *testing.T, w *town) {
	t.Helper()
	p := whole(t, w.DB)
	export(t, w.DB, p.id)
	erase(t, w.DB, p.id)
	untold(t, w.DB)
}

func otherKeys(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	id, err := w.Keys.CreateKey(ctx, access.Key{WorkspaceID: 1, Name: "k", Hash: "h", CreatedAt: start})
	require.NoError(t, err)
	_, err = w.Keys.KeyByHash(ctx, "h")
	require.NoError(t, err)
	_, err = w.Keys.Keys(ctx, 1)
	require.NoError(t, err)
	_, err = w.Keys.RemoveKey(ctx, 1, id)
	require.NoError(t, err)
	ring, err := openRing(ctx, w.DB, seal.RandomSecret())
	require.NoError(t, err)
	fresh := seal.RandomSecret()
	require.NoError(t, ring.Rotate(ctx, fresh))
	_, err = ring.Reseal(ctx)
	require.NoError(t, err)
	for _, p := range w.Secrets.Places() {
		_, err := w.Secrets.Replace(ctx, p, []seal.Replacement{{Blob: seal.Blob{ID: 1, Sealed: []byte("x")}, Fresh: []byte("y")}})
		require.NoError(t, err)
	}
	require.NoError(t, ring.Retire(ctx, fresh, false))
	require.NoError(t, seal.Forget(ctx, w.Secrets))
	space, err := w.Workspaces.Find(ctx, 1)
	require.NoError(t, err)
	require.NoError(t, w.Workspaces.Update(ctx, space))
	store.ForgetWritesForTest(w.DB)
	require.NoError(t, w.Ready(ctx))
	require.NoError(t, w.Ping(ctx))
}

func otherBots(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	b, err := w.Bots.Find(ctx, 1, w.botID)
	require.NoError(t, err)
	_, err = w.Bots.FindByUUID(ctx, 1, b.AppUUID)
	require.NoError(t, err)
	_, err = w.Bots.List(ctx, 1, bot.Filter{Limit: 2})
	require.NoError(t, err)
	_, err = w.Bots.Count(ctx, 1, bot.Filter{})
	require.NoError(t, err)
	_, err = w.Bots.ChangeLimits(ctx, 1, b.ID, func(*bot.Bot) error { return nil })
	require.NoError(t, err)
	_, err = w.Bots.Uses(ctx, 1, b.ID)
	require.NoError(t, err)
	require.NoError(t, w.Bots.Disconnect(ctx, 1, b.ID, start, func(bot.Uses) error { return nil }))
	_, err = w.Bots.Save(ctx, b)
	require.NoError(t, err)
	connect(t, w.DB, 77)
}

func otherMessages(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	id := note(t, w.DB)
	_, err := w.Messages.Message(ctx, 1, id)
	require.NoError(t, err)
	_, err = w.Messages.ChangeMessage(ctx, 1, id, func(m *message.Message) (bool, error) {
		m.Name, m.Revision = "n", m.Revision+1
		return true, nil
	})
	require.NoError(t, err)
	for _, f := range []message.Filter{{Limit: 2}, {Search: "n", Limit: 2}} {
		_, _, err = w.Messages.FindMessages(ctx, 1, f)
		require.NoError(t, err)
	}
	_, err = w.Messages.MessageNames(ctx, 1, "n")
	require.NoError(t, err)
	_, err = w.Messages.MessageUses(ctx, 1, w.messageID, 1<<53, 2)
	require.NoError(t, err)
	_, err = w.Messages.Revisions(ctx, 1, id, 1<<53, 2)
	require.NoError(t, err)
	_, err = w.Messages.Revision(ctx, 1, id, 2)
	require.NoError(t, err)
	require.NoError(t, w.Messages.DeleteMessage(ctx, 1, id, func(message.Message, []message.Use) error { return nil }))
}

func otherMedia(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	f, err := w.Media.Create(ctx, media.File{WorkspaceID: 1, Name: "f", SHA256: "s", Key: "k", CreatedAt: start})
	require.NoError(t, err)
	_, err = w.Media.Find(ctx, 1, f.ID)
	require.NoError(t, err)
	_, err = w.Media.FindBySHA256(ctx, 1, "s")
	require.NoError(t, err)
	_, err = w.Media.List(ctx, 1, 1<<53, 2)
	require.NoError(t, err)
	_, err = w.Media.Kinds(ctx, 1, []int64{f.ID})
	require.NoError(t, err)
	_, err = w.DB.Media.Keys(ctx, []string{"k"})
	require.NoError(t, err)
	_, err = w.Media.Delete(ctx, 1, f.ID, func([]media.Use) error { return nil })
	require.NoError(t, err)
	sent := media.SentFile{BotID: w.botID, Source: "url:x", Kind: "photo", File: message.File{Kind: "photo", ID: "i"}, UpdatedAt: start}
	require.NoError(t, w.SentFiles.Keep(ctx, sent))
	_, err = w.SentFiles.Find(ctx, w.botID, []string{"url:x"})
	require.NoError(t, err)
	require.NoError(t, w.SentFiles.Forget(ctx, sent))
}

func otherContacts(t *testing.T, w *town) {
	t.Helper()
	ctx, space := t.Context(), workspace.Workspace{ID: 1}
	contacts := contact.New(w.Contacts, now)
	id := int64(townFirst + 7)
	_, err := w.Contacts.Contact(ctx, 1, id)
	require.NoError(t, err)
	_, err = w.Contacts.Emails(ctx, 1, []int64{id})
	require.NoError(t, err)
	_, err = w.Contacts.Chats(ctx, []int64{id})
	require.NoError(t, err)
	_, err = w.Contacts.Chat(ctx, w.botID, 7)
	require.NoError(t, err)
	inactive := false
	_, err = w.Contacts.ChangeChat(ctx, w.botID, 7, contact.ChatChange{Inactive: &inactive})
	require.NoError(t, err)
	for _, bot := range []int64{0, w.botID} {
		_, err = w.Contacts.MuteChats(ctx, 1, bot, []int64{id}, start)
		require.NoError(t, err)
	}
	_, err = w.Contacts.Subscribed(ctx, 1)
	require.NoError(t, err)
	_, err = w.Contacts.Named(ctx, contact.Lookup{WorkspaceID: 1, DeviceKeys: []string{"d5"}, FieldID: 7, FieldKeys: []string{"v5"}})
	require.NoError(t, err)
	_, _, err = contacts.Find(ctx, space, contact.Query{}, contact.NewestFirst, &contact.Position{ID: 1 << 53}, 2)
	require.NoError(t, err)
	_, _, err = contacts.Find(ctx, space, contact.Query{Search: "ann lee12"}, contact.NewestFirst, &contact.Position{ID: 1 << 53}, 2)
	require.NoError(t, err)
	_, _, err = contacts.Find(ctx, space, contact.Query{Search: "e777"}, contact.NewestFirst, &contact.Position{ID: 1 << 53}, 2)
	require.NoError(t, err)
	_, err = contacts.List(ctx, space, contact.Filter{ExternalCustomerID: "e9", Phone: "+380501000009", LastName: "lee9"},
		contact.Span{Limit: 2})
	require.NoError(t, err)
	require.NoError(t, contacts.Delete(ctx, 1, townFirst+8, false))
	_, err = contacts.AddTokens(ctx, space, w.botID, []contact.Token{{ChatID: 7_000_000, ExternalCustomerID: "e8"}})
	require.NoError(t, err)
	// Its external id passes on, its values and its device leave, others come.
	require.NoError(t, w.Contacts.Decide(ctx, contact.Lookup{WorkspaceID: 1, ContactIDs: []int64{id}, Details: true}, start,
		func(snap contact.Snapshot) (plan contact.Plan, err error) {
			c := snap.Contacts[0]
			c.ExternalCustomerID = "e7 no more"
			plan.Update = []*contact.Contact{&c}
			plan.Fields = []contact.PlannedField{{Contact: &c, FieldID: 7}}
			plan.Devices = []contact.PlannedDevices{{Contact: &c, Devices: []contact.Device{{Token: "x"}}}}
			return plan, nil
		}))
}

// otherFinds selects contacts by everything, in every way.
func otherFinds(t *testing.T, w *town) {
	t.Helper()
	for _, kept := range []contact.Store{w.Contacts, store.NearForTest(w.Contacts)} {
		contacts := contact.New(kept, now)
		for _, q := range []contact.Query{
			{}, {Search: "a"}, {Search: "lee12"}, {GroupIDs: []int64{townFirst}}, {GroupIDs: []int64{townFirst, 1}}, {BotID: w.botID},
			{BotID: w.botID, Chat: contact.ChatActive}, {Chat: contact.ChatMuted}, {Chat: contact.ChatInactive}, {Chat: contact.NoChat},
			{Languages: []string{"uk"}}, {CreatedFrom: start, CreatedTo: start},
			{Field: contact.FieldTest{ID: 7, Op: contact.FieldEquals, Value: "v5"}},
			{Field: contact.FieldTest{ID: 7, Op: contact.FieldSet}}, {Field: contact.FieldTest{ID: 7, Op: contact.FieldUnset}},
			{Field: contact.FieldTest{ID: 8, Op: contact.FieldAtLeast, Value: "5"}},
			{Field: contact.FieldTest{ID: 8, Op: contact.FieldAtMost, Value: "5"}},
		} {
			for _, o := range []contact.Order{{}, contact.NewestFirst, {ByUpdate: true}, {ByUpdate: true, Descending: true}} {
				for _, after := range []*contact.Position{nil, {UpdatedAt: start, ID: townFirst + 700}} {
					_, _, err := contacts.Find(t.Context(), workspace.Workspace{ID: 1}, q, o, after, 5)
					require.NoError(t, err)
				}
			}
			_, err := contacts.Count(t.Context(), workspace.Workspace{ID: 1}, q)
			require.NoError(t, err)
		}
	}
}

func otherFields(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	f, err := w.Contacts.CreateField(ctx, contact.Field{WorkspaceID: 1, Name: "new", Type: "text", CreatedAt: start}, 100)
	require.NoError(t, err)
	_, err = w.Contacts.Fields(ctx, 1)
	require.NoError(t, err)
	_, err = w.Contacts.RenameField(ctx, 1, f.ID, "newer")
	require.NoError(t, err)
	require.NoError(t, w.Contacts.DeleteField(ctx, 1, f.ID))
}

func otherGroups(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	ids, _, err := w.Groups.Create(ctx, 1, []string{"small"}, start)
	require.NoError(t, err)
	_, err = w.Groups.Attach(ctx, 1, ids, contactIDs(900, 2), start)
	require.NoError(t, err)
	_, err = w.Groups.Find(ctx, 1, ids[0])
	require.NoError(t, err)
	for _, sort := range []audience.Sort{audience.ByID, audience.ByName, audience.ByMembers} {
		for _, after := range []audience.Group{{}, {ID: 1, Name: "a"}} {
			_, err = w.Groups.List(ctx, 1, audience.Filter{Sort: sort, After: after, Limit: 2})
			require.NoError(t, err)
		}
	}
	_, err = w.Groups.Count(ctx, 1, audience.Filter{})
	require.NoError(t, err)
	_, _, err = w.Groups.Uses(ctx, 1, ids[0], 1<<53, 2)
	require.NoError(t, err)
	_, err = w.Groups.GroupsOf(ctx, 1, contactIDs(900, 2))
	require.NoError(t, err)
	_, err = w.Groups.ContactIDs(ctx, 1, []string{"e5"})
	require.NoError(t, err)
	require.NoError(t, w.Groups.Rename(ctx, 1, ids[0], "smaller", func(audience.Group) error { return nil }))
	for _, goes := range []campaign.Audience{
		{Groups: ids}, {All: true, ExcludedGroups: ids}, {Groups: []int64{townFirst}, ExcludedGroups: ids},
	} {
		otherLayout(t, w, goes)
	}
	_, _, err = w.Groups.Empty(ctx, 1, ids[0], 10)
	require.NoError(t, err)
	require.NoError(t, w.Groups.Delete(ctx, 1, ids[0], func(audience.Group, []audience.Use) error { return nil }))
	for more := true; more; {
		more, err = w.Groups.Sweep(ctx, 10)
		require.NoError(t, err)
	}
}

// otherLayout lays a broadcast out, and tells what is missing of its recipients.
func otherLayout(t *testing.T, w *town, goes campaign.Audience) {
	t.Helper()
	ctx := t.Context()
	campaigns := campaign.New(w.Campaigns, message.New(w.Messages, nil, now), now, func() {})
	c, err := campaigns.Create(ctx, campaign.Campaign{WorkspaceID: 1, BotID: w.botID, MessageID: w.messageID, Name: "c", Audience: goes})
	require.NoError(t, err)
	// It is done in another way for bots whose chats are those of most contacts.
	for _, subscribers := range []int{0, townPeople} {
		store.ExecForTest(t, w.DB, fmt.Sprintf(`UPDATE bots SET subscribers = %d WHERE id = %d`, subscribers, w.botID))
		_, err = w.Campaigns.CountMissing(ctx, c.Campaign, []campaign.Value{{Name: "email"}, {FieldID: 7}})
		require.NoError(t, err)
	}
	r, err := w.Campaigns.CountReach(ctx, c.Campaign, start)
	require.NoError(t, err)
	nearby := campaign.Nearby{Launched: start.Add(-time.Hour), Scheduled: start.Add(24 * time.Hour), Now: start}
	_, err = w.Campaigns.Overlaps(ctx, c.Campaign, r, nearby)
	require.NoError(t, err)
	_, err = campaigns.Launch(ctx, 1, c.ID, start.Add(time.Hour))
	require.NoError(t, err)
	_, err = w.Campaigns.Overlaps(ctx, campaign.Campaign{WorkspaceID: 1, BotID: w.botID, Audience: goes}, r, nearby)
	require.NoError(t, err)
	_, err = campaigns.Launch(ctx, 1, c.ID, time.Time{})
	require.NoError(t, err)
	_, err = w.Campaigns.CountAudience(ctx, c.Campaign)
	require.NoError(t, err)
	// It is for more than may be reached without approval.
	require.NoError(t, w.Workspaces.Approve(ctx, 1, 1))
	_, err = w.Campaigns.LayOut(ctx, c.ID, 2, start)
	require.NoError(t, err)
	require.NoError(t, w.Workspaces.Approve(ctx, 1, 0))
	_, err = campaigns.Resume(ctx, 1, c.ID)
	require.NoError(t, err)
	_, err = w.Campaigns.LayOut(ctx, c.ID, 2, start)
	require.NoError(t, err)
	_, err = campaigns.Cancel(ctx, 1, c.ID)
	require.NoError(t, err)
}

func otherEvents(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	ids, err := w.Events.AppendEvents(ctx, 1, []event.Event{{Type: "new", Key: "k", OccurredAt: start, CreatedAt: start, Past: true}}, start)
	require.NoError(t, err)
	_, err = w.Events.Event(ctx, 1, ids[0])
	require.NoError(t, err)
	_, err = w.Events.EventTypes(ctx, 1, 0, 2)
	require.NoError(t, err)
	_, err = w.Events.DeletePast(ctx, 1, event.Range{Type: "new"}, 2)
	require.NoError(t, err)
	_, err = w.Events.Holders(ctx, 1, event.Lookup{ContactIDs: contactIDs(1, 1), ExternalIDs: []string{"e1"},
		EmailKeys: []string{"p1@example.com"}, Phones: []string{"+380501000001"}, DeviceKeys: []string{"d1"}})
	require.NoError(t, err)
}

func otherImports(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	i := imports.Import{WorkspaceID: 1, Session: "one", State: imports.Started, CreatedAt: start, ChangedAt: start}
	require.NoError(t, w.Imports.CreateImport(ctx, i, [][]byte{[]byte("[]")}))
	i, err := w.Imports.Import(ctx, 1, "one")
	require.NoError(t, err)
	lease := storetest.TakeImport(t, w.DB, i.ID)
	_, err = w.Imports.BeginImport(ctx, i.ID, start)
	require.NoError(t, err)
	require.NoError(t, w.Imports.EmptyImport(ctx, lease))
	require.NoError(t, w.Imports.FinishImportFile(ctx, lease, i.Task))
	_, err = w.Imports.ImportReports(ctx, i.ID)
	require.NoError(t, err)
	_, err = w.Imports.NextImportReport(ctx, i.ID, 1)
	require.NoError(t, err)
	_, err = event.New(w.Imports.ImportEvents(lease, 1, 0, 9), now).Add(ctx, 1, "", []event.Item{{Type: "bought", Key: "k"}})
	require.NoError(t, err)
	require.NoError(t, w.Imports.FailImport(ctx, lease, "why", start))
	_, err = w.Imports.Imports(ctx, 1, imports.ListFilter{States: []imports.State{imports.Failed}, Before: 1 << 53, Limit: 5})
	require.NoError(t, err)
	_, err = w.Imports.CountImports(ctx, 1, nil, 5)
	require.NoError(t, err)
	require.NoError(t, w.Live.Say(ctx, "news"))
	undoImport(t, w, i)
	dryImport(t, w, i)
	i.Session = "two"
	lease, err = w.Imports.BeginUpload(ctx, i, time.Hour)
	require.NoError(t, err)
	require.NoError(t, w.Imports.FinishUpload(ctx, lease, i.Task, start))
	require.NoError(t, w.Imports.ForgetRunners(ctx))
	_, err = w.Imports.SweepImports(ctx, start.Add(-time.Hour), 2)
	require.NoError(t, err)
}

// undoImport takes an import back that has made a contact and put another one into a group.
func undoImport(t *testing.T, w *town, i imports.Import) {
	t.Helper()
	ctx := t.Context()
	i, err := w.Imports.AskUndo(ctx, 1, i.Session, start, func(imports.Import) (imports.Undo, error) { return imports.Undo{}, nil })
	require.NoError(t, err)
	taken, err := w.Imports.TakeUndos(ctx, "w", time.UnixMilli(1<<53), time.Hour, 5)
	require.NoError(t, err)
	require.Len(t, taken, 1)
	_, err = w.Imports.ImportByID(ctx, i.ID)
	require.NoError(t, err)
	_, _, err = w.Imports.NextMade(ctx, i.ID, 0)
	require.NoError(t, err)
	m := imports.Made{At: 1, Created: imports.RunsOf(contactIDs(1, 1)), Joined: []imports.Joined{
		{GroupID: townFirst, ContactIDs: imports.RunsOf(contactIDs(1, 2))},
	}}
	require.NoError(t, w.Imports.UndoPart(ctx, taken[0], i, m, start,
		func(all []imports.Standing) []*contact.Contact { return []*contact.Contact{&all[0].Contact} },
		func(int) imports.Undo { return imports.Undo{Part: 1} }))
	require.NoError(t, w.Imports.EndUndo(ctx, taken[0], imports.Undo{Done: true}))
}

// dryImport decides a part and writes nobody.
func dryImport(t *testing.T, w *town, i imports.Import) {
	t.Helper()
	ctx := t.Context()
	i.Session, i.State = "dry", imports.Started
	require.NoError(t, w.Imports.CreateImport(ctx, i, [][]byte{[]byte("[]")}))
	i, err := w.Imports.Import(ctx, 1, "dry")
	require.NoError(t, err)
	l := storetest.TakeImport(t, w.DB, i.ID)
	_, _, err = w.Imports.PartAfter(ctx, i.ID, 0)
	require.NoError(t, err)
	_, err = contact.New(w.Imports.UnwrittenContacts(), now).Import(ctx, workspace.Workspace{ID: 1},
		[]contact.Profile{{Email: new("p9@example.com")}}, contact.ImportOptions{DedupeOn: contact.OnEmail})
	require.NoError(t, err)
	require.NoError(t, w.Imports.ReportDryPart(ctx, l, 1, imports.Result{Report: []byte("{}")}))
	require.NoError(t, w.Imports.FinishDry(ctx, l, i.Task, start))
}

func otherCampaigns(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	campaigns := campaign.New(w.Campaigns, message.New(w.Messages, nil, now), now, func() {})
	c, err := campaigns.Create(ctx, campaign.Campaign{
		WorkspaceID: 1, BotID: w.botID, MessageID: w.messageID, Name: "c", Audience: campaign.Audience{All: true}})
	require.NoError(t, err)
	_, _, err = w.Campaigns.Change(ctx, 1, c.ID, func(*campaign.Campaign) error { return nil })
	require.NoError(t, err)
	require.NoError(t, w.Campaigns.Delete(ctx, 1, c.ID, func(campaign.Campaign) error { return nil }))
	for _, o := range []campaign.Order{"", "name", "-createdAt", "launchedAt", "-scheduledAt"} {
		_, _, _, err = w.Campaigns.List(ctx, 1, campaign.Filter{Order: o, After: &campaign.Place{ID: 1}, Search: "c", Total: true, Limit: 2})
		require.NoError(t, err)
	}
	_, err = w.Campaigns.Names(ctx, 1, "c")
	require.NoError(t, err)
	store.ExecForTest(t, w.DB, fmt.Sprintf(`UPDATE campaigns SET name_key = '' WHERE id = %d`, townSending))
	require.NoError(t, w.Campaigns.FoldNamesForTest(ctx))
	late := campaign.Campaign{WorkspaceID: 1, BotID: w.botID, MessageID: w.messageID, Name: "late", Audience: campaign.Audience{All: true}}
	c, err = campaigns.Create(ctx, late)
	require.NoError(t, err)
	_, err = campaigns.Launch(ctx, 1, c.ID, start.Add(time.Hour))
	require.NoError(t, err)
	require.NoError(t, w.Campaigns.StartScheduled(ctx, start.Add(2*time.Hour)))
	_, err = campaigns.Resend(ctx, 1, townFirst+townPast-9, []campaign.Status{campaign.Failed})
	require.NoError(t, err)
	_, err = w.Campaigns.CreateChange(ctx, campaign.Campaign{WorkspaceID: 1, BotID: w.botID, MessageID: w.messageID, Name: "e",
		Kind: campaign.Broadcast, State: campaign.Launching, Action: campaign.Edit, Of: townFirst + townPast - 9,
		Audience: campaign.Audience{Statuses: []campaign.Status{campaign.Sent}}, CreatedAt: start, UpdatedAt: start, LaunchedAt: start})
	require.NoError(t, err)
	for _, status := range []campaign.Status{campaign.InFlight, campaign.Skipped} {
		_, err = w.Campaigns.Deliveries(ctx, campaign.Campaign{ID: townSending, State: campaign.Cancelled}, []campaign.Status{status}, 0, 2)
		require.NoError(t, err)
	}
	_, err = w.DB.Clicks.LinkCounts(ctx, townSending)
	require.NoError(t, err)
	// Its content is another one, so that another campaign is opened for it.
	fresh := appended(w.botID, w.messageID, 1)
	fresh.Content = `{"text":"other"}`
	fresh.Accepted = []campaign.Accepted{{Key: "a9", RequestID: fresh.Messages[0].RequestID, ChatID: 1}}
	require.NoError(t, w.Triggers.Append(ctx, fresh))
	fresh.Accepted = nil
	require.NoError(t, w.Triggers.Append(ctx, fresh))
	store.ExecForTest(t, w.DB, fmt.Sprintf(`UPDATE campaigns SET laid_seq = %d WHERE id = %d`, townPeople, townMonth))
	require.NoError(t, w.Triggers.Tidy(ctx, "2027-01", start))
	_, err = w.Triggers.ForgetRequests(ctx, start.Add(time.Hour), 1)
	require.NoError(t, err)
	_, err = w.Idempotency.Forget(ctx, start.Add(time.Hour), 1)
	require.NoError(t, err)
	claim := &idempotency.Claim{WorkspaceID: 1, Key: "k9", Fingerprint: "f", At: start}
	require.Error(t, w.Triggers.Append(idempotency.With(ctx, claim), fresh), "the key is taken")
}

func otherActivity(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	part := activity.Stretch{Window: window(), CampaignID: townMonth, Requested: true, Seqs: []int64{3, 4}, Limit: 2}
	_, err := w.Activity.CampaignOutcomes(ctx, part, []outcome.Status{outcome.Sent})
	require.NoError(t, err)
	_, err = w.Activity.CampaignClicks(ctx, part, 2)
	require.NoError(t, err)
	_, err = w.Activity.Changes(ctx, []activity.Place{{CampaignID: townSending, Seq: 1200}})
	require.NoError(t, err)
}

// Campaigns that were clicked long ago are passed over, however many they are.
func TestActiveCampaignsBehindManyOthers(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		w := newTown(t, address, &recorder{})
		store.ExecForTest(t, w.DB, `INSERT INTO click_counts (campaign_id, clicked) SELECT id, 1 FROM campaigns WHERE state = 'finished'`)
		active, err := w.Activity.ActiveCampaigns(t.Context(), 1, window(), townFirst, 2)
		require.NoError(t, err)
		require.Len(t, active, 2)
		require.EqualValues(t, townSending, active[0].ID)
		require.True(t, active[0].Sending && active[0].Clicking)
		require.EqualValues(t, townSending+1, active[1].ID)
		require.True(t, active[1].Sending && !active[1].Clicking)
	})
}

func otherWebhooks(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	hook, err := w.Webhooks.Webhook(ctx, 1, w.hookID)
	require.NoError(t, err)
	none := func([]webhook.Webhook) error { return nil }
	_, err = w.DB.Webhooks.Webhooks(ctx, 1, 0, 2)
	require.NoError(t, err)
	require.NoError(t, w.Webhooks.ChangeWebhook(ctx, hook, true, none))
	hook.ID, hook.URL = hook.ID+100, "https://example.org"
	require.NoError(t, w.Webhooks.CreateWebhook(ctx, hook, none))
	require.NoError(t, w.Webhooks.DeleteWebhook(ctx, 1, hook.ID, start))
	require.NoError(t, w.Webhooks.RetryWebhook(ctx, w.hookID, start))
	_, err = w.Webhooks.Backlog(ctx, w.hookID, 2)
	require.NoError(t, err)
	take := func() webhook.Lease {
		t.Helper()
		taken, err := w.Webhooks.TakeWebhooks(ctx, "w", start.Add(time.Hour), time.Minute, 5)
		require.NoError(t, err)
		require.Len(t, taken, 1)
		return taken[0]
	}
	lease := take()
	b, err := w.Webhooks.Batch(ctx, lease, 2*townPeople)
	require.NoError(t, err)
	_, err = w.Webhooks.SettleActivities(ctx, lease, b.Entries, webhook.Attempt{At: start}, time.Minute)
	require.NoError(t, err)
	attempts, err := w.Webhooks.Attempts(ctx, w.hookID, 1<<53, 2)
	require.NoError(t, err)
	_, err = w.Webhooks.ReplayAttempt(ctx, w.hookID, attempts[0].ID)
	require.NoError(t, err)
	_, err = w.Webhooks.AddReplay(ctx, w.hookID, webhook.Replay{Since: start.Add(-time.Hour), Until: start.Add(time.Hour)}, start, 5)
	require.NoError(t, err)
	full, err := w.Webhooks.StopFull(ctx, 5, start)
	require.NoError(t, err)
	require.Equal(t, []int64{w.hookID}, full)
	for more := true; more; {
		more, err = w.Webhooks.Refill(ctx, lease, start.Add(time.Hour), start.Add(time.Hour), 20_000)
		require.NoError(t, err)
	}
	require.NoError(t, w.Webhooks.PostponeWebhook(ctx, lease, webhook.Failure{
		Attempt: webhook.Attempt{At: start, Error: "x"}, Revision: b.Webhook.Revision, Next: start}))
	require.NoError(t, w.Webhooks.PauseWebhook(ctx, take(), b.Webhook.Revision, "gone"))
	require.NoError(t, w.Webhooks.DeleteWebhook(ctx, 1, w.hookID, start))
	for more := true; more; {
		more, err = w.Webhooks.SweepWebhooks(ctx, start.Add(time.Hour), 2*townPeople)
		require.NoError(t, err)
	}
}

func otherDispatch(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	_, err := w.Ledgers.NextDue(ctx, townSending)
	require.NoError(t, err)
	require.NoError(t, w.Ledgers.RenewLeases(ctx, townOwner, start, time.Hour))
	// The clock is set back, and the leases are too long.
	_, _, err = w.Ledgers.HoldLeases(ctx, townOwner, start.Add(-time.Hour), time.Minute, true)
	require.NoError(t, err)
	w.steps++
	again := dispatch.Step{Owner: townOwner, Number: w.steps, Now: start,
		Campaigns: []dispatch.CampaignStep{{CampaignID: townSending, BotID: w.lease.BotID, Epoch: w.lease.Epoch,
			ClaimFrom: w.claimed[0], ClaimTo: w.claimed[0], SettledSeq: townAway, Pause: dispatch.Pause{Reason: "x"}}},
		Bots: []dispatch.BotStep{{BotID: w.lease.BotID, Epoch: w.lease.Epoch, FrozenUntil: start, PaidRefusedUntil: start,
			Pause: dispatch.Pause{Reason: "x"}}}}
	for range 2 {
		_, err = w.Ledgers.Step(ctx, again)
		require.NoError(t, err)
	}
	w.steps++
	_, err = w.Ledgers.Step(ctx, dispatch.Step{Owner: townOwner, Number: w.steps, Now: start,
		Campaigns: []dispatch.CampaignStep{{CampaignID: townSending + 1, BotID: w.lease.BotID, Epoch: w.lease.Epoch,
			ClaimFrom: w.claimed[1], ClaimTo: w.claimed[1], SettledSeq: townAway, Changes: true, Pressable: true,
			Outcomes: []dispatch.Outcome{{Recipient: dispatch.Recipient{Seq: townPeople, ChatID: 9}, Status: dispatch.Sent,
				TelegramMessageID: 9, SettledAt: start}}}}})
	require.NoError(t, err)
	_, err = w.Ledgers.Abandon(ctx, dispatch.Abandonment{
		BotID: w.lease.BotID, Epoch: w.lease.Epoch, CampaignID: townSending + 1, Reason: "x", Now: start})
	require.NoError(t, err)
	require.NoError(t, w.Ledgers.PauseBot(ctx, townOwner, w.lease, "x", start))
	require.NoError(t, w.Ledgers.ReleaseLeases(ctx, townOwner, []dispatch.Lease{w.lease}))
	require.NoError(t, w.Ledgers.LeaveSenders(ctx, townOwner))
}

func otherRetention(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	for _, month := range []string{"2026-01", "2026-02"} {
		require.NoError(t, w.Retention.BeginMonth(ctx, month))
	}
	require.NoError(t, w.Retention.MakePartitions(ctx))
	keepings, err := w.Retention.Keepings(ctx, start)
	require.NoError(t, err)
	require.Equal(t, retention.Keeping{WorkspaceID: 1, Recipients: 13, Events: 13, Audit: 24}, keepings[0])
	// All that are over now are forgotten soon.
	store.ExecForTest(t, w.DB, fmt.Sprintf(`UPDATE campaigns SET state = 'finished', finished_at = 1 WHERE id < %d`, townSending))
	_, err = w.Retention.DropRecipients(ctx, []retention.Cutoff{{WorkspaceID: 1, Before: start}}, start)
	require.NoError(t, err)
	cutoffs := []retention.Cutoff{{WorkspaceID: 1, Before: time.UnixMilli(2)}}
	spared, err := w.Retention.DropRecipients(ctx, cutoffs, start)
	require.NoError(t, err)
	_, err = w.Retention.DropEvents(ctx, cutoffs, cutoffs, cutoffs)
	require.NoError(t, err)
	_, err = w.Retention.SweepAudit(ctx, cutoffs, 10)
	require.NoError(t, err)
	_, err = w.Audit.Head(ctx)
	require.NoError(t, err)
	require.NoError(t, w.Audit.Tell(audit.With(ctx, audit.NewDraft(audit.Entry{Act: "a"}))))
	store.ExecForTest(t, w.DB, fmt.Sprintf(`UPDATE campaigns SET forgotten_at = 1 WHERE id = %d`, townMonth))
	for more := true; more; {
		more, err = w.Retention.SweepRecipients(ctx, spared, townPeople)
		require.NoError(t, err)
	}
}

func otherRestored(t *testing.T, w *town) {
	t.Helper()
	_, err := w.Installation.Restored(context.WithoutCancel(t.Context()), start)
	require.NoError(t, err)
	b, err := w.Bots.Find(t.Context(), 1, w.botID)
	require.NoError(t, err)
	require.Equal(t, bot.Paused, b.State)
}
