package campaign_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/access"
	"bellman/internal/audience"
	"bellman/internal/campaign"
	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// as returns the context of a call by a person.
func as(ctx context.Context, userID int64) context.Context {
	return access.With(ctx, access.Caller{WorkspaceID: 1, User: &access.User{ID: userID, Email: fmt.Sprint("u", userID, "@people.test")}})
}

// asKey returns the context of a call by a system.
func asKey(ctx context.Context) context.Context {
	return access.With(ctx, access.Caller{WorkspaceID: 1, Key: &access.Key{ID: 5, Name: "shop", Scope: access.ScopeFull}})
}

// office is a desk with six people, of whom few are in a group, where more than two
// recipients need somebody else.
type office struct {
	*desk
	groups  *audience.Service
	groupID int64
	people  []int64
}

const reachedAlone = 2

func newOffice(t *testing.T, s *store.DB) *office {
	t.Helper()
	o := &office{desk: newDesk(t, s)}
	o.groups = audience.New(s.Groups, o.now)
	for i := range int64(6) {
		o.people = append(o.people, o.subscribe(o.botID, fmt.Sprint("c", i), 500+i))
	}
	require.NoError(t, s.Workspaces.Approve(t.Context(), 1, reachedAlone))
	o.groupID = o.group(1)
	return o
}

// group makes a group of the first people.
func (o *office) group(n int) int64 {
	o.t.Helper()
	g, err := o.groups.Create(o.t.Context(), 1, fmt.Sprint("g", o.newName()))
	require.NoError(o.t, err)
	o.fill(g.ID, n)
	return g.ID
}

func (o *office) newName() int64 { return o.woken.Add(1) }

// fill attaches the first people to a group.
func (o *office) fill(groupID int64, n int) {
	o.t.Helper()
	_, err := o.groups.Attach(o.t.Context(), 1, groupID, audience.Who{ContactIDs: o.people[:n]})
	require.NoError(o.t, err)
}

// layOut does what the layout does, whatever is due, in chunks of one or two.
func (o *office) layOut(chunk int) {
	o.t.Helper()
	ctx := o.t.Context()
	require.NoError(o.t, o.store.Campaigns.StartScheduled(ctx, o.now()))
	for range 20 {
		ids, err := o.store.Campaigns.Unlaid(ctx)
		require.NoError(o.t, err)
		if len(ids) == 0 {
			return
		}
		for _, id := range ids {
			_, err := o.store.Campaigns.LayOut(ctx, id, chunk, o.now())
			require.NoError(o.t, err)
		}
	}
	require.Fail(o.t, "the layout does not end")
}

func (o *office) draft(ctx context.Context, groupID int64) int64 {
	o.t.Helper()
	c, err := o.campaigns.Create(ctx, campaign.Campaign{WorkspaceID: 1, BotID: o.botID, MessageID: o.messageID, Name: "c",
		Audience: campaign.Audience{Groups: []int64{groupID}}})
	require.NoError(o.t, err)
	return c.ID
}

// alone does one of the things that one person can do, and ignores refusals.
func (o *office) alone(rt *rapid.T, ctx context.Context, ids []int64) {
	id := rapid.SampledFrom(ids).Draw(rt, "campaign")
	var err error
	switch what := rapid.SampledFrom([]string{"rename", "readdress", "rewrite", "launch", "seen", "schedule", "unschedule", "pause", "resume",
		"cancel", "grow", "shrink", "wait", "lay", "start", "resend"}).Draw(rt, "what"); what {
	case "rename":
		_, err = o.campaigns.Update(ctx, 1, id, campaign.Changes{Name: new("d")})
	case "readdress":
		_, err = o.campaigns.Update(ctx, 1, id, campaign.Changes{Audience: &campaign.Audience{All: true}})
	case "rewrite":
		_, err = o.messages.Update(ctx, 1, o.messageID, "m", message.Text(fmt.Sprint("t", o.newName())))
	case "launch":
		_, err = o.campaigns.Launch(ctx, 1, id, time.Time{})
	case "seen":
		var p campaign.Preflight
		if p, err = o.campaigns.Preflight(ctx, 1, id); err == nil {
			_, err = o.campaigns.LaunchSeen(ctx, 1, id, time.Time{}, p.Version)
		}
	case "schedule":
		_, err = o.campaigns.Launch(ctx, 1, id, o.now().Add(time.Hour))
	case "unschedule":
		_, err = o.campaigns.Unschedule(ctx, 1, id)
	case "pause":
		_, err = o.campaigns.Pause(ctx, 1, id)
	case "resume":
		_, err = o.campaigns.Resume(ctx, 1, id)
	case "cancel":
		_, err = o.campaigns.Cancel(ctx, 1, id)
	case "grow":
		o.fill(o.groupID, rapid.IntRange(1, 6).Draw(rt, "n"))
	case "shrink":
		_, err = o.groups.Detach(ctx, 1, o.groupID, audience.Who{ContactIDs: o.people[:5]})
	case "wait":
		o.set(o.now().Add(2 * time.Hour))
	case "lay":
		// One chunk, so that what is done next comes in between.
		_, err = o.store.Campaigns.LayOut(ctx, id, rapid.IntRange(1, 3).Draw(rt, "chunk"), o.now())
	case "start":
		_, err = o.campaigns.Start(ctx, campaign.Campaign{WorkspaceID: 1, BotID: o.botID, MessageID: o.messageID, Name: "s",
			Audience: campaign.Audience{Groups: []int64{o.groupID}}}, time.Time{})
	case "resend":
		_, err = o.campaigns.Resend(ctx, 1, id, []campaign.Status{campaign.Failed})
	}
	kind := fault.KindOf(err)
	require.True(rt, err == nil || kind == fault.Forbidden || kind == fault.Conflict || kind == fault.Invalid, "%v", err)
}

// Whatever one person edits, launches, takes back, and adds to the audience at whatever
// moment: no campaign reaches more than the workspace lets an author reach.
func TestNobodyReachesManyAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		o := newOffice(t, s)
		ctx := as(t.Context(), 1)
		rapid.Check(t, func(rt *rapid.T) {
			o.groupID = o.group(rapid.IntRange(1, 3).Draw(rt, "members"))
			ids := []int64{o.draft(ctx, o.groupID), o.draft(ctx, o.groupID)}
			for range rapid.IntRange(1, 14).Draw(rt, "steps") {
				o.alone(rt, ctx, ids)
			}
			o.set(o.now().Add(2 * time.Hour))
			o.layOut(2)
			all, _, _, err := s.Campaigns.List(ctx, 1, campaign.Filter{Limit: 100})
			require.NoError(rt, err)
			for _, c := range all {
				require.LessOrEqual(rt, c.LaidSeq, int64(reachedAlone), "%+v", c)
				require.False(rt, c.Approver.Known(), "nobody else was there: %+v", c)
				require.True(rt, c.Laid || !c.State.GoesOut(), "%+v", c)
			}
		})
	})
}

// Somebody else can reach everybody, in each of the ways in which the author cannot.
func TestSomebodyElseApproves(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		o := newOffice(t, s)
		author, other := as(t.Context(), 1), as(t.Context(), 2)
		_, err := o.messages.Update(author, 1, o.messageID, "m", message.Text("new"))
		require.NoError(t, err)
		groupID := o.group(6)
		for name, tt := range map[string]struct {
			at   time.Duration
			edit func(id int64)
			by   context.Context
			code string
		}{
			"another person":        {by: other},
			"another one, later":    {at: time.Hour, by: other},
			"the author":            {by: author, code: "approval_needed"},
			"the author, later":     {at: time.Hour, by: author, code: "approval_needed"},
			"a key":                 {by: asKey(t.Context()), code: "approval_needed"},
			"nobody":                {by: t.Context(), code: "approval_needed"},
			"who changed it":        {by: other, code: "approval_needed", edit: func(id int64) { o.rename(other, id) }},
			"of what a key changed": {by: other, edit: func(id int64) { o.rename(asKey(t.Context()), id) }},
			"the message's author":  {by: author, code: "approval_needed", edit: func(id int64) { o.rename(other, id) }},
		} {
			id := o.draft(author, groupID)
			if tt.edit != nil {
				tt.edit(id)
			}
			p, err := o.campaigns.Preflight(tt.by, 1, id)
			require.NoError(t, err)
			require.True(t, p.Approval.Needed())
			require.EqualValues(t, 6, p.Approval.Recipients)
			refusal := p.Approval.Refusal(access.AuthorOf(tt.by, o.now()), "launch")
			var at time.Time
			if tt.at != 0 {
				at = o.now().Add(tt.at)
			}
			got, err := o.campaigns.LaunchSeen(tt.by, 1, id, at, p.Version)
			if tt.code != "" {
				require.True(t, fault.Is(err, tt.code), "%s: %v", name, err)
				require.EqualError(t, refusal, err.Error(), name)
				require.Equal(t, campaign.Draft, o.campaign(id).State)
				continue
			}
			require.NoError(t, err, name)
			require.NoError(t, refusal, name)
			require.EqualValues(t, 2, got.Approver.UserID, name)
			o.set(o.now().Add(2 * tt.at))
			o.layOut(4)
			require.EqualValues(t, 6, o.campaign(id).LaidSeq, name)
		}
	})
}

func (o *office) rename(ctx context.Context, id int64) {
	o.t.Helper()
	_, err := o.campaigns.Update(ctx, 1, id, campaign.Changes{Name: new("renamed")})
	require.NoError(o.t, err)
}

// At the limit nothing is asked, and one above it is.
func TestApprovalIsNeededAboveTheLimit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		o := newOffice(t, s)
		author := as(t.Context(), 1)
		for n := 1; n <= 4; n++ {
			id := o.draft(author, o.group(n))
			_, err := o.campaigns.Launch(author, 1, id, time.Time{})
			require.Equal(t, n > reachedAlone, fault.Is(err, "approval_needed"), "%d: %v", n, err)
		}
		require.NoError(t, s.Workspaces.Approve(t.Context(), 1, 0))
		_, err := o.campaigns.Launch(author, 1, o.draft(author, o.group(6)), time.Time{})
		require.NoError(t, err)
	})
}

// An approval is for what was looked at.
func TestApprovalIsOfWhatWasSeen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		o := newOffice(t, s)
		author, other := as(t.Context(), 1), as(t.Context(), 2)
		groupID := o.group(6)
		for name, change := range map[string]func(id int64) error{
			"the message": func(int64) error {
				_, err := o.messages.Update(author, 1, o.messageID, "m", message.Text(fmt.Sprint("t", o.newName())))
				return err
			},
			"the audience": func(id int64) error {
				_, err := o.campaigns.Update(author, 1, id, campaign.Changes{Audience: &campaign.Audience{All: true}})
				return err
			},
			"the cost": func(id int64) error {
				_, err := o.campaigns.Update(author, 1, id, campaign.Changes{Paid: campaign.Paid{Allow: new(true)}})
				return err
			},
		} {
			id := o.draft(author, groupID)
			p, err := o.campaigns.Preflight(other, 1, id)
			require.NoError(t, err)
			_, err = o.campaigns.Launch(other, 1, id, time.Time{})
			require.True(t, fault.Is(err, "version_missing"), err)
			require.NoError(t, change(id))
			_, err = o.campaigns.LaunchSeen(other, 1, id, time.Time{}, p.Version)
			require.True(t, fault.Is(err, "campaign_changed"), "%s: %v", name, err)
			require.Equal(t, fault.Conflict, fault.KindOf(err))
			require.Equal(t, campaign.Draft, o.campaign(id).State)
		}
	})
}

// Who comes into the audience after the launch of an author counts: the campaign waits for
// somebody else, who lets it go on by resuming it.
func TestAudienceThatGrowsWaits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		o := newOffice(t, s)
		author, other := as(t.Context(), 1), as(t.Context(), 2)
		for name, tt := range map[string]struct {
			grow func(id, groupID int64)
			// laid is how many were reached before it waits.
			laid int64
		}{
			"before its time": {grow: func(_, groupID int64) { o.fill(groupID, 6) }},
			"between two chunks": {laid: 2, grow: func(id, groupID int64) {
				require.NoError(t, s.Campaigns.StartScheduled(t.Context(), o.now().Add(2*time.Hour)))
				_, err := s.Campaigns.LayOut(t.Context(), id, 1, o.now().Add(2*time.Hour))
				require.NoError(t, err)
				o.fill(groupID, 6)
			}},
		} {
			groupID := o.group(2)
			id := o.draft(author, groupID)
			_, err := o.campaigns.Launch(author, 1, id, o.now().Add(time.Hour))
			require.NoError(t, err)
			tt.grow(id, groupID)
			o.set(o.now().Add(2 * time.Hour))
			o.layOut(1)
			c := o.campaign(id)
			require.Equal(t, campaign.Paused, c.State, name)
			require.Equal(t, outcome.ApprovalNeeded, c.StateReason, name)
			require.Equal(t, tt.laid, c.LaidSeq, name)
			for _, by := range []context.Context{author, asKey(t.Context())} {
				_, err = o.campaigns.Resume(by, 1, id)
				require.True(t, fault.Is(err, "approval_needed"), "%s: %v", name, err)
			}
			c, err = o.campaigns.Resume(other, 1, id)
			require.NoError(t, err, name)
			require.EqualValues(t, 2, c.Approver.UserID, name)
			o.layOut(5)
			c = o.campaign(id)
			require.True(t, c.Laid, name)
			require.EqualValues(t, 6, c.LaidSeq, name)
		}
	})
}

// What comes between the count and the launch's own transaction voids the launch: the
// draft is as it was changed.
func TestChangesBeforeTheLaunchAreSeen(t *testing.T) {
	t.Parallel()
	draft := campaign.Campaign{
		ID: 7, WorkspaceID: 1, State: campaign.Draft, Audience: campaign.Audience{All: true}, Author: access.Author{UserID: 2},
	}
	for name, tt := range map[string]struct {
		total int64
		edit  func(c *campaign.Campaign)
		code  string
	}{
		"nothing":                {5, func(*campaign.Campaign) {}, "version_missing"},
		"a name, by the caller":  {5, func(c *campaign.Campaign) { c.Author = access.Author{UserID: 1} }, "approval_needed"},
		"an audience of few":     {1, func(c *campaign.Campaign) { c.Audience = campaign.Audience{Groups: []int64{1}} }, "campaign_changed"},
		"another bot":            {1, func(c *campaign.Campaign) { c.BotID++ }, "campaign_changed"},
		"another message":        {1, func(c *campaign.Campaign) { c.MessageID++ }, "campaign_changed"},
		"what it may cost":       {1, func(c *campaign.Campaign) { c.StarsBudget++ }, "campaign_changed"},
		"that it may cost":       {1, func(c *campaign.Campaign) { c.AllowPaid = true }, "campaign_changed"},
		"nothing, and it is few": {1, func(*campaign.Campaign) {}, ""},
	} {
		m := newMemory(draft)
		m.above, m.total, m.meanwhile = 2, tt.total, tt.edit
		_, err := m.service().Launch(as(t.Context(), 1), 1, 7, time.Time{})
		if tt.code == "" {
			require.NoError(t, err, name)
			continue
		}
		require.True(t, fault.Is(err, tt.code), "%s: %v", name, err)
		require.Equal(t, campaign.Draft, m.campaign.State, name)
	}
}

// An approval ends with the launch that it was for.
func TestApprovalsDoNotLast(t *testing.T) {
	t.Parallel()
	approved := campaign.Campaign{ID: 7, WorkspaceID: 1, State: campaign.Scheduled, ScheduledAt: noon.Add(time.Hour),
		Author: access.Author{UserID: 1}, Writer: access.Author{UserID: 1}, Approver: access.Author{UserID: 2}}
	m := newMemory(approved)
	m.above, m.total = 2, 1
	_, err := m.service().Launch(as(t.Context(), 1), 1, 7, noon.Add(time.Hour))
	require.NoError(t, err)
	require.False(t, m.campaign.Approver.Known())

	m = newMemory(approved)
	_, err = m.service().Unschedule(as(t.Context(), 1), 1, 7)
	require.NoError(t, err)
	require.False(t, m.campaign.Approver.Known())
	require.False(t, m.campaign.Writer.Known())
	require.True(t, m.campaign.Author.Known())
}

// What a launched campaign may spend is no part of what its author wrote.
func TestAuthorsAreOfDrafts(t *testing.T) {
	t.Parallel()
	for _, state := range campaign.States {
		m := newMemory(campaign.Campaign{ID: 7, WorkspaceID: 1, State: state, Author: access.Author{UserID: 1}})
		_, err := m.service().Update(as(t.Context(), 2), 1, 7, campaign.Changes{Paid: campaign.Paid{Allow: new(true)}})
		want := int64(1)
		if state == campaign.Draft {
			want = 2
		}
		require.Equal(t, want, m.campaign.Author.UserID, "%s: %v", state, err)
	}
}

// An edit by the author and the launch by somebody else, at once, end with what was seen
// or with a refusal; an edit and a launch by one person never with the edit going out.
func TestEditAndLaunchAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		o := newOffice(t, s)
		author, other := as(t.Context(), 1), as(t.Context(), 2)
		groupID, launched := o.group(6), 0
		for i := range 40 {
			m, err := o.messages.Create(author, 1, "m", message.Text("seen"))
			require.NoError(t, err)
			id := o.draft(author, groupID)
			_, err = o.campaigns.Update(author, 1, id, campaign.Changes{MessageID: &m.ID})
			require.NoError(t, err)
			editor, launcher := author, other
			if i%2 == 1 {
				editor = other
			}
			p, err := o.campaigns.Preflight(launcher, 1, id)
			require.NoError(t, err)
			var both sync.WaitGroup
			both.Go(func() {
				if i%4 < 2 {
					_, _ = o.messages.Update(editor, 1, m.ID, "m", message.Text("sly"))
					return
				}
				_, _ = o.campaigns.Update(editor, 1, id, campaign.Changes{Audience: &campaign.Audience{All: true}})
			})
			both.Go(func() { _, err = o.campaigns.LaunchSeen(launcher, 1, id, time.Time{}, p.Version) })
			both.Wait()
			c := o.campaign(id)
			if err != nil {
				require.True(t, fault.Is(err, "campaign_changed") || fault.Is(err, "approval_needed"), err)
				require.Equal(t, campaign.Draft, c.State)
				continue
			}
			launched++
			require.Contains(t, c.Content, "seen")
			require.Equal(t, []int64{groupID}, c.Audience.Groups)
			require.EqualValues(t, 1, c.Author.UserID)
			require.EqualValues(t, 1, c.Writer.UserID)
		}
		t.Log("launched", launched, "of 40")
	})
}

// What a person lists one by one counts as well, of their own message; what systems send as
// things happen does not.
func TestPersonSendsToFewAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		o := newOffice(t, s)
		author, other := as(t.Context(), 1), as(t.Context(), 2)
		_, err := o.messages.Update(author, 1, o.messageID, "m", message.Text("new"))
		require.NoError(t, err)
		for n := 1; n <= 4; n++ {
			var to []campaign.Addressee
			for _, id := range o.people[:n] {
				to = append(to, campaign.Addressee{ContactID: id})
			}
			trigger := campaign.Trigger{BotID: o.botID, Addressees: to}
			_, err := o.triggers.Send(author, 1, o.messageID, trigger)
			require.Equal(t, n > reachedAlone, fault.Is(err, "approval_needed"), "%d: %v", n, err)
			for _, by := range []context.Context{other, asKey(t.Context())} {
				_, err := o.triggers.Send(by, 1, o.messageID, trigger)
				require.NoError(t, err)
			}
		}
	})
}
