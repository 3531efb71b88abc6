package campaign_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/campaign"
	"bellman/internal/fault"
	"bellman/internal/message"
)

// memory is a store with one campaign and its message, of workspace 1. The methods
// that these tests do not need panic.
type memory struct {
	campaign.Store

	campaign campaign.Campaign
	ledger   campaign.Ledger
	content  message.Content
	woken    int
	created  []campaign.Campaign
	// total and missing are the counts for a preflight, by the fields asked for.
	total   int64
	missing map[campaign.Value]int64
	asked   []campaign.Value
	// above is above how many recipients somebody else launches.
	above int64
	// meanwhile changes the campaign between a read and the next change.
	meanwhile func(c *campaign.Campaign)
	// overlaps are those for a preflight, nearby what was asked for.
	overlaps campaign.Overlaps
	nearby   campaign.Nearby
	// away is the error of a store that does not answer.
	away error
	// deleted tells that the campaign was deleted.
	deleted bool
}

func newMemory(c campaign.Campaign) *memory {
	return &memory{campaign: c, content: message.Text("hello")}
}

func (m *memory) service() *campaign.Service {
	return campaign.New(m, m, func() time.Time { return noon }, func() { m.woken++ })
}

func (m *memory) Checked(context.Context, int64, int64) (message.Message, error) {
	return message.Message{Content: m.content}, m.away
}

func (m *memory) Create(_ context.Context, c campaign.Campaign) (int64, error) {
	m.created = append(m.created, c)
	m.campaign = c
	m.campaign.ID = 8
	return 8, m.away
}

func (m *memory) CreateResend(_ context.Context, c campaign.Campaign) (int64, error) {
	m.created = append(m.created, c)
	return 8, m.away
}

func (m *memory) Find(_ context.Context, workspaceID, _ int64) (campaign.Campaign, campaign.Ledger, error) {
	if workspaceID != 1 {
		return campaign.Campaign{}, campaign.Ledger{}, campaign.ErrNotFound
	}
	return m.campaign, m.ledger, m.away
}

func (m *memory) Names(context.Context, int64, string) ([]string, error) { return nil, m.away }

func (m *memory) List(context.Context, int64, campaign.Filter) ([]campaign.Campaign, []campaign.Ledger, int64, error) {
	return []campaign.Campaign{m.campaign}, []campaign.Ledger{m.ledger}, 1, m.away
}

func (m *memory) Change(_ context.Context, _, _ int64, change func(*campaign.Campaign) error) (campaign.Campaign, campaign.Ledger, error) {
	if m.meanwhile != nil {
		m.meanwhile(&m.campaign)
	}
	c := m.campaign
	if err := errors.Join(change(&c), m.away); err != nil {
		return campaign.Campaign{}, campaign.Ledger{}, err
	}
	m.campaign = c
	return c, m.ledger, nil
}

func (m *memory) Delete(_ context.Context, _, _ int64, allow func(campaign.Campaign) error) error {
	if err := errors.Join(allow(m.campaign), m.away); err != nil {
		return err
	}
	m.deleted = true
	return nil
}

func (m *memory) Deliveries(context.Context, campaign.Campaign, []campaign.Status, int64, int) ([]campaign.Delivery, error) {
	return []campaign.Delivery{{Seq: 1, Status: campaign.Queued}, {Seq: 2, Status: campaign.Sent}, {Seq: 3, Status: campaign.InFlight}}, m.away
}

func (m *memory) CountMissing(_ context.Context, _ campaign.Campaign, values []campaign.Value) (map[campaign.Value]int64, error) {
	m.asked = values
	return m.missing, m.away
}

func (m *memory) CountReach(context.Context, campaign.Campaign, time.Time) (campaign.Reach, error) {
	return campaign.Reach{Audience: m.total + 2, Excluded: 2, Muted: min(m.total, 1)}, m.away
}

func (m *memory) Overlaps(_ context.Context, _ campaign.Campaign, _ campaign.Reach, n campaign.Nearby) (campaign.Overlaps, error) {
	m.nearby = n
	return m.overlaps, m.away
}

func (m *memory) ApprovalAbove(context.Context, int64) (int64, error) { return m.above, m.away }

func (m *memory) CountAudience(context.Context, campaign.Campaign) (int64, error) {
	return m.total, m.away
}

var sale = campaign.Campaign{WorkspaceID: 1, BotID: 2, MessageID: 3, Name: " sale ", Audience: campaign.Audience{All: true}}

// Errors of the store or the message are returned, and wake is not called.
func TestFaultsOfTheStoreAreTold(t *testing.T) {
	t.Parallel()
	ctx, cut := t.Context(), errors.New("no connection")
	m := newMemory(campaign.Campaign{State: campaign.Finished})
	m.away = cut
	s := m.service()
	for name, call := range map[string]func() error{
		"create":     func() error { _, err := s.Create(ctx, sale); return err },
		"start":      func() error { _, err := s.Start(ctx, sale, time.Time{}); return err },
		"get":        func() error { _, err := s.Get(ctx, 1, 7); return err },
		"list":       func() error { _, _, err := s.List(ctx, 1, campaign.Filter{}); return err },
		"duplicate":  func() error { _, err := s.Duplicate(ctx, 1, 7, ""); return err },
		"launch":     func() error { _, err := s.Launch(ctx, 1, 7, time.Time{}); return err },
		"resume":     func() error { _, err := s.Resume(ctx, 1, 7); return err },
		"pause":      func() error { _, err := s.Pause(ctx, 1, 7); return err },
		"resend":     func() error { _, err := s.Resend(ctx, 1, 7, []campaign.Status{campaign.Failed}); return err },
		"deliveries": func() error { _, _, err := s.Deliveries(ctx, 1, 7, campaign.DeliveryFilter{}, 0, 9); return err },
		"parts":      func() error { _, err := s.Divide(ctx, 1, 7, campaign.ByGroup); return err },
		"preflight":  func() error { _, err := s.Preflight(ctx, 1, 7); return err },
		"delete":     func() error { return s.Delete(ctx, 1, 7) },
	} {
		require.ErrorIs(t, call(), cut, name)
	}
	require.Zero(t, m.woken)
}

func TestDraftIsMadeOfWhatIsAsked(t *testing.T) {
	t.Parallel()
	m := newMemory(campaign.Campaign{})
	asked := sale
	asked.Kind, asked.State, asked.StarsBudget = campaign.Triggered, campaign.Sending, campaign.MaxStars
	made, err := m.service().Create(t.Context(), asked)
	require.NoError(t, err)
	want := asked
	want.Name, want.Kind, want.State, want.CreatedAt, want.UpdatedAt = "sale", campaign.Broadcast, campaign.Draft, noon, noon
	require.Equal(t, []campaign.Campaign{want}, m.created)
	want.ID = 8
	require.Equal(t, want, made.Campaign)
	require.Zero(t, m.woken, "a draft is nobody's work")

	for code, change := range map[string]func(c *campaign.Campaign){
		"name_invalid":         func(c *campaign.Campaign) { c.Name = "" },
		"audience_missing":     func(c *campaign.Campaign) { c.Audience.All = false },
		"stars_budget_invalid": func(c *campaign.Campaign) { c.StarsBudget = -1 },
	} {
		c := sale
		change(&c)
		_, err := m.service().Create(t.Context(), c)
		require.True(t, fault.Is(err, code), err)
		_, err = m.service().Start(t.Context(), c, time.Time{})
		require.True(t, fault.Is(err, code), err)
	}
	require.Len(t, m.created, 1)
}

func TestStartGoesOutAtItsTime(t *testing.T) {
	t.Parallel()
	for at, want := range map[time.Time]campaign.State{
		{}:                         campaign.Launching,
		noon:                       campaign.Launching,
		noon.Add(1):                campaign.Scheduled,
		noon.Add(-2 * time.Minute): campaign.Launching,
	} {
		m := newMemory(campaign.Campaign{})
		made, err := m.service().Start(t.Context(), sale, at)
		require.NoError(t, err)
		require.Equal(t, want, made.State)
		require.EqualValues(t, 8, made.ID)
		require.JSONEq(t, `{"text":"hello"}`, m.created[0].Content)
		require.Equal(t, 1, m.woken)
	}
}

// Budgets and the permission to pay can be changed separately while a campaign goes
// out, but not once it has ended.
func TestUpdatePaid(t *testing.T) {
	t.Parallel()
	yes, stars := true, int64(campaign.MaxStars)
	m := newMemory(campaign.Campaign{State: campaign.Sending})
	_, err := m.service().Update(t.Context(), 1, 7, campaign.Changes{Paid: campaign.Paid{Allow: &yes}})
	require.NoError(t, err)
	require.Equal(t, campaign.Campaign{State: campaign.Sending, AllowPaid: true, UpdatedAt: noon}, m.campaign)
	_, err = m.service().Update(t.Context(), 1, 7, campaign.Changes{Paid: campaign.Paid{StarsBudget: &stars}})
	require.NoError(t, err)
	require.Equal(t, campaign.Campaign{State: campaign.Sending, AllowPaid: true, StarsBudget: stars, UpdatedAt: noon}, m.campaign)
	for _, wrong := range []int64{-1, campaign.MaxStars + 1} {
		_, err = m.service().Update(t.Context(), 1, 7, campaign.Changes{Paid: campaign.Paid{StarsBudget: &wrong}})
		require.True(t, fault.Is(err, "stars_budget_invalid"), err)
	}
	for _, state := range []campaign.State{campaign.Finished, campaign.Cancelled} {
		_, err = newMemory(campaign.Campaign{State: state}).service().Update(t.Context(), 1, 7,
			campaign.Changes{Paid: campaign.Paid{Allow: &yes}})
		require.True(t, fault.Is(err, "campaign_state"), err)
	}
}

// A resend is a campaign like the one that it repeats, to chosen recipients of it.
func TestResendIsAnotherPass(t *testing.T) {
	t.Parallel()
	parent := campaign.Campaign{
		ID: 7, WorkspaceID: 1, BotID: 2, MessageID: 3, Name: "sale", Kind: campaign.Triggered, Audience: campaign.Audience{All: true},
		AllowPaid: true, StarsBudget: 5, Content: "{}", LaidSeq: 9, Laid: true, CreatedAt: noon.Add(-time.Hour),
	}
	both := []campaign.Status{campaign.Unknown, campaign.Failed, campaign.Unknown}
	for _, state := range campaign.States {
		parent.State = state
		m := newMemory(parent)
		made, err := m.service().Resend(t.Context(), 1, 7, both)
		if !state.Ended() {
			require.True(t, fault.Is(err, "campaign_state"), err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, 1, m.woken)
		want := campaign.Campaign{
			WorkspaceID: 1, BotID: 2, MessageID: 3, Name: "sale", Kind: campaign.Broadcast, State: campaign.Launching,
			Audience:  campaign.Audience{Statuses: []campaign.Status{campaign.Failed, campaign.Unknown}},
			AllowPaid: true, StarsBudget: 5, Of: 7, Content: "{}", LaunchedAt: noon, CreatedAt: noon, UpdatedAt: noon,
		}
		require.Equal(t, []campaign.Campaign{want}, m.created)
		want.ID = 8
		require.Equal(t, want, made.Campaign)
	}
	for _, wrong := range [][]campaign.Status{nil, {campaign.Sent}, {campaign.Failed, campaign.Skipped}} {
		_, err := newMemory(parent).service().Resend(t.Context(), 1, 7, wrong)
		require.True(t, fault.Is(err, "statuses_invalid"), err)
	}
}

func TestDeliveriesOfACancelledCampaign(t *testing.T) {
	t.Parallel()
	for state, want := range map[campaign.State][]campaign.Status{
		campaign.Sending:   {campaign.Queued, campaign.Sent, campaign.InFlight},
		campaign.Cancelled: {campaign.Skipped, campaign.Sent, campaign.InFlight},
	} {
		f := campaign.DeliveryFilter{Statuses: []campaign.Status{campaign.Queued}}
		all, next, err := newMemory(campaign.Campaign{State: state}).service().Deliveries(t.Context(), 1, 7, f, 0, 9)
		require.NoError(t, err)
		require.Zero(t, next)
		var got []campaign.Status
		for _, d := range all {
			got = append(got, d.Status)
			require.Equal(t, d.Status == campaign.Skipped, d.Reason != "", "it says why")
		}
		require.Equal(t, want, got)
	}
	gone := campaign.DeliveryFilter{Statuses: []campaign.Status{"gone"}}
	_, _, err := newMemory(campaign.Campaign{}).service().Deliveries(t.Context(), 1, 7, gone, 0, 9)
	require.True(t, fault.Is(err, "status_unknown"), err)
	require.ErrorContains(t, err, "queued, sending, sent, failed, skipped, unknown")
	_, _, err = newMemory(campaign.Campaign{}).service().Deliveries(t.Context(), 2, 7, campaign.DeliveryFilter{}, 0, 9)
	require.ErrorIs(t, err, campaign.ErrNotFound)
}

// A resend to more than an author may reach is for somebody else, by what the campaign and
// its message were when they went out.
func TestResendToManyIsForSomebodyElse(t *testing.T) {
	t.Parallel()
	author, other := as(t.Context(), 1), as(t.Context(), 2)
	for _, tt := range []struct {
		by       context.Context
		campaign int64
		message  int64
		statuses []campaign.Status
		refused  bool
		approver int64
	}{
		{author, 1, 2, []campaign.Status{campaign.Failed}, false, 0},
		{author, 1, 2, []campaign.Status{campaign.Failed, campaign.Unknown}, true, 0},
		{author, 2, 1, []campaign.Status{campaign.Unknown, campaign.Failed}, true, 0},
		{author, 2, 1, []campaign.Status{campaign.Unknown}, false, 0},
		{other, 1, 1, []campaign.Status{campaign.Failed, campaign.Unknown}, false, 2},
		{asKey(t.Context()), 1, 1, []campaign.Status{campaign.Failed, campaign.Unknown}, true, 0},
		{asKey(t.Context()), 1, 1, []campaign.Status{campaign.Failed}, false, 0},
	} {
		m := newMemory(campaign.Campaign{ID: 7, WorkspaceID: 1, State: campaign.Finished,
			Author: access.Author{UserID: tt.campaign}, Writer: access.Author{UserID: tt.message}})
		m.ledger, m.above = campaign.Ledger{Sent: 100, Failed: 5, Unknown: 1}, 5
		_, err := m.service().Resend(tt.by, 1, 7, tt.statuses)
		require.Equal(t, tt.refused, fault.Is(err, "approval_needed"), "%+v: %v", tt, err)
		if tt.refused {
			require.Empty(t, m.created)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, tt.campaign, m.created[0].Author.UserID)
		require.Equal(t, tt.message, m.created[0].Writer.UserID)
		require.Equal(t, tt.approver, m.created[0].Approver.UserID)
	}
}

// A preflight returns for how many recipients the message has a gap, and the
// warnings of a launch.
func TestPreflight(t *testing.T) {
	t.Parallel()
	m := newMemory(campaign.Campaign{})
	m.content = message.Text("{{ contact.firstName }} {{ data.total }} {{ contact.email }} {{ contact.lastName }} " +
		"{{ contact.phone | default: 'x' }} {{ contact.fields.city }} {{ contact.fields['City'] }} {{ contact.fields.plan }}")
	m.content.Fields = []message.Field{{ID: 5, Key: "city", Type: message.TextField}, {ID: 6, Key: "plan", Type: message.TextField}}
	m.total, m.missing = 10, map[campaign.Value]int64{{Name: "firstName"}: 4, {Name: "lastName"}: 1, {FieldID: 5}: 3}
	m.above, m.overlaps = 9, campaign.Overlaps{Recipients: 3, Campaigns: []campaign.Overlap{{CampaignID: 5, Recipients: 3}}}
	p, err := m.service().Preflight(t.Context(), 1, 7)
	require.NoError(t, err)
	require.Equal(t, campaign.Preflight{
		Recipients: 10, Missing: []campaign.Missing{
			{"contact.fields.city", 3}, {"contact.firstName", 4}, {"contact.lastName", 1}, {"data.total", 10},
		},
		Reach: campaign.Reach{Audience: 12, Excluded: 2, Muted: 1}, Overlaps: m.overlaps,
		Version: p.Version, Approval: campaign.Approval{Above: 9, Recipients: 10},
	}, p)
	require.Equal(t, campaign.Nearby{Launched: noon.Add(-24 * time.Hour), Scheduled: noon.Add(24 * time.Hour), Now: noon}, m.nearby)
	require.Len(t, p.Version, 16)
	require.Equal(t, []campaign.Value{{Name: "email"}, {FieldID: 5}, {FieldID: 6}, {Name: "firstName"}, {Name: "lastName"}}, m.asked)

	m.content = message.Text(`<a href="https://shop.example">shop</a>`)
	for _, c := range []struct {
		total     int64
		untracked bool
		want      []string
	}{
		{1, false, nil}, {1, true, []string{"links_untracked"}},
		{0, false, []string{"audience_empty"}}, {0, true, []string{"links_untracked", "audience_empty"}},
	} {
		m.total = c.total
		s := m.service()
		if c.untracked {
			require.Same(t, s, s.LinksUntracked())
		}
		p, err := s.Preflight(t.Context(), 1, 7)
		require.NoError(t, err)
		var got []string
		for _, w := range p.Warnings {
			got = append(got, w.Code)
		}
		require.Equal(t, c.want, got)
		launched, err := newMemoryOf(m, campaign.Draft, c.untracked).Launch(t.Context(), 1, 7, time.Time{})
		require.NoError(t, err)
		require.Len(t, launched.Warnings, strings.Count(strings.Join(got, " "), "links"))
		started, err := newMemoryOf(m, campaign.Draft, c.untracked).Start(t.Context(), sale, time.Time{})
		require.NoError(t, err)
		require.Equal(t, launched.Warnings, started.Warnings)
	}
	m.content = message.Text("no link")
	p, err = m.service().LinksUntracked().Preflight(t.Context(), 1, 7)
	require.NoError(t, err)
	require.Equal(t, "audience_empty", p.Warnings[0].Code)
}

// newMemoryOf returns the service over the same message and a campaign in that
// state.
func newMemoryOf(m *memory, state campaign.State, untracked bool) *campaign.Service {
	fresh := newMemory(campaign.Campaign{State: state})
	fresh.content = m.content
	s := fresh.service()
	if untracked {
		s.LinksUntracked()
	}
	return s
}

func TestReportsCountAndCost(t *testing.T) {
	t.Parallel()
	m := newMemory(campaign.Campaign{ID: 7, State: campaign.Sending, LaidSeq: 100})
	m.ledger = campaign.Ledger{ClaimedSeq: 60, Waiting: 10, Sent: 20, Failed: 7, Skipped: 3, Unknown: 2, Clicked: 9, Paid: 25}
	want := campaign.Counts{Recipients: 100, Queued: 50, Sending: 18, Sent: 20, Failed: 7, Skipped: 3, Unknown: 2, Clicked: 9}
	got, err := m.service().Get(t.Context(), 1, 7)
	require.NoError(t, err)
	listed, total, err := m.service().List(t.Context(), 1, campaign.Filter{})
	require.NoError(t, err)
	require.EqualValues(t, 1, total)
	for _, r := range []campaign.Report{got, listed[0]} {
		require.Equal(t, m.campaign, r.Campaign)
		require.Equal(t, want, r.Counts)
		require.InDelta(t, 2.5, r.StarsSpent, 1e-9)
		require.InDelta(t, 32, r.Progress.Percent, 1e-9)
	}
	m.campaign.State = campaign.Cancelled
	want.Queued, want.Skipped = 0, 53
	got, err = m.service().Get(t.Context(), 1, 7)
	require.NoError(t, err)
	require.Equal(t, want, got.Counts)
	require.EqualValues(t, 50, campaign.Queue{LaidSeq: 100, ClaimedSeq: 60, Waiting: 10}.Depth())
}

func TestEverybody(t *testing.T) {
	t.Parallel()
	require.True(t, campaign.Audience{All: true}.Everybody())
	require.False(t, campaign.Audience{All: true, ExcludedGroups: []int64{1}}.Everybody())
	require.False(t, campaign.Audience{Groups: []int64{1}}.Everybody())
}
