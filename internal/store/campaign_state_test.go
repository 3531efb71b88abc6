package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// stateDesk puts campaigns into states and lets actors act on them.
type stateDesk struct {
	*testing.T
	s *store.DB
	// bots counts the bots, each with a campaign of its own, and steps the steps.
	bots, steps int64
}

// A shape makes a kind of campaign for a bot whose lease is held, before its state
// is set.
type shape func(d *stateDesk, botID int64) (campaignID int64)

var shapes = map[string]shape{
	"a broadcast that is not laid out": func(d *stateDesk, botID int64) int64 {
		_, id, err := draft(d.T, d.s, botID, campaign.Audience{All: true})
		require.NoError(d, err)
		return id
	},
	"a broadcast to nobody that is laid out": func(d *stateDesk, botID int64) int64 {
		return broadcast(d.T, d.s, botID, 0)
	},
	"a triggered campaign of a month gone by": func(d *stateDesk, botID int64) int64 {
		err := d.s.Triggers.Append(d.Context(), appended(botID, note(d.T, d.s), 1))
		require.NoError(d, err)
		work, err := d.s.Ledgers.Work(d.Context(), "p")
		require.NoError(d, err)
		w := work[len(work)-1]
		require.Equal(d, botID, w.BotID)
		settle(d.T, d.s, w, d.steps+1)
		d.steps += 2
		return w.CampaignID
	},
}

// actions are what each actor does to a campaign of a bot.
var actions = map[campaign.Actor][]func(d *stateDesk, l dispatch.Lease, campaignID int64){
	campaign.Clock: {func(d *stateDesk, _ dispatch.Lease, _ int64) {
		require.NoError(d, d.s.Campaigns.StartScheduled(d.Context(), start))
	}},
	campaign.Layouter: {
		func(d *stateDesk, _ dispatch.Lease, id int64) {
			_, err := d.s.Campaigns.LayOut(d.Context(), id, 10, start)
			require.NoError(d, err)
		},
		func(d *stateDesk, _ dispatch.Lease, id int64) {
			c, _, err := d.s.Campaigns.Find(d.Context(), 1, id)
			require.NoError(d, err)
			tokens := []contact.Token{{ChatID: 1, ExternalCustomerID: "one"}, {ChatID: 2, ExternalCustomerID: "two"}}
			early := func() time.Time { return start.Add(-time.Hour) }
			_, err = contact.New(d.s.Contacts, early).AddTokens(d.Context(), workspace.Workspace{ID: 1}, c.BotID, tokens)
			require.NoError(d, err)
			require.NoError(d, d.s.Workspaces.Approve(d.Context(), 1, 1))
			_, err = d.s.Campaigns.LayOut(d.Context(), id, 10, start)
			require.NoError(d, err)
			require.NoError(d, d.s.Workspaces.Approve(d.Context(), 1, 0))
		},
	},
	campaign.Dispatcher: {
		func(d *stateDesk, l dispatch.Lease, id int64) {
			d.stepCampaign(l, id, dispatch.CampaignStep{Pause: dispatch.Pause{Reason: outcome.ContentRefused}})
		},
		func(d *stateDesk, l dispatch.Lease, id int64) {
			d.stepCampaign(l, id, dispatch.CampaignStep{Finish: true})
		},
		func(d *stateDesk, l dispatch.Lease, _ int64) {
			d.step(dispatch.Step{Bots: []dispatch.BotStep{{BotID: l.BotID, Epoch: l.Epoch, Pause: dispatch.Pause{Reason: "bot_token_refused"}}}})
		},
	},
	campaign.Token: {func(d *stateDesk, l dispatch.Lease, _ int64) {
		b, err := d.s.Bots.Find(d.Context(), 1, l.BotID)
		require.NoError(d, err)
		b.SealedToken, b.State = []byte("y"), bot.Active
		_, err = d.s.Bots.Save(d.Context(), b)
		require.NoError(d, err)
	}},
	campaign.Tidier: {func(d *stateDesk, _ dispatch.Lease, _ int64) {
		require.NoError(d, d.s.Triggers.Tidy(d.Context(), "2026-02", start))
	}},
}

// stepCampaign runs a step for a campaign, from its present position.
func (d *stateDesk) stepCampaign(l dispatch.Lease, id int64, c dispatch.CampaignStep) {
	d.Helper()
	_, ledger, err := d.s.Campaigns.Find(d.Context(), 1, id)
	require.NoError(d, err)
	c.CampaignID, c.BotID, c.Epoch = id, l.BotID, l.Epoch
	c.ClaimFrom, c.ClaimTo, c.SettledSeq = ledger.ClaimedSeq, ledger.ClaimedSeq, ledger.ClaimedSeq
	d.step(dispatch.Step{Campaigns: []dispatch.CampaignStep{c}})
}

func (d *stateDesk) step(s dispatch.Step) {
	d.Helper()
	d.steps++
	s.Owner, s.Number, s.Now = "p", d.steps, start
	claimed, err := d.s.Ledgers.Step(d.Context(), s)
	require.NoError(d, err)
	for _, c := range claimed {
		require.False(d, c.Fenced)
	}
}

// place makes a campaign with a bot of its own and puts it into a state.
func (d *stateDesk) place(make shape, state campaign.State) (dispatch.Lease, int64) {
	d.Helper()
	d.bots++
	botID := connect(d.T, d.s, d.bots)
	lease := d.lease(botID)
	id := make(d, botID)
	_, err := d.s.Ledgers.Adopt(d.Context(), botID, lease.Epoch, start)
	require.NoError(d, err)
	_, _, err = d.s.Campaigns.Change(d.Context(), 1, id, func(c *campaign.Campaign) error {
		c.State, c.ScheduledAt = state, start
		if state == campaign.Paused {
			c.StateReason = outcome.BotRefused
		}
		return nil
	})
	require.NoError(d, err)
	return lease, id
}

func (d *stateDesk) lease(botID int64) dispatch.Lease {
	d.Helper()
	held, _, err := d.s.Ledgers.HoldLeases(d.Context(), "p", start, ttl, true)
	require.NoError(d, err)
	i := slices.IndexFunc(held, func(l dispatch.Lease) bool { return l.BotID == botID })
	require.GreaterOrEqual(d, i, 0)
	return held[i]
}

// The store makes exactly the changes of state that campaign.Transitions lists.
func TestStoreKeepsToTheTransitions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		d := &stateDesk{T: t, s: s}
		seen := map[campaign.Transition]bool{}
		for actor, acts := range actions {
			for name, make := range shapes {
				for _, from := range campaign.States {
					for _, act := range acts {
						lease, id := d.place(make, from)
						act(d, lease, id)
						c, _, err := s.Campaigns.Find(t.Context(), 1, id)
						require.NoError(t, err)
						if c.State == from {
							continue
						}
						seen[campaign.Transition{From: from, To: c.State, By: actor}] = true
						require.Contains(t, campaign.Transitions, campaign.Transition{From: from, To: c.State, By: actor}, name)
					}
				}
			}
		}
		for _, transition := range campaign.Transitions {
			if transition.By != campaign.Person {
				require.True(t, seen[transition], "nothing does %v", transition)
			}
		}
	})
}

// The changes that people make follow the same list, by the rules of the feature,
// on either engine.
func TestPersonsKeepToTheTransitions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		d := &stateDesk{T: t, s: s}
		campaigns := campaign.New(s.Campaigns, message.New(s.Messages, nil, now), now, func() {})
		verbs := []func(id int64) (campaign.Report, error){
			func(id int64) (campaign.Report, error) { return campaigns.Launch(t.Context(), 1, id, time.Time{}) },
			func(id int64) (campaign.Report, error) {
				return campaigns.Launch(t.Context(), 1, id, start.Add(time.Hour))
			},
			func(id int64) (campaign.Report, error) { return campaigns.Pause(t.Context(), 1, id) },
			func(id int64) (campaign.Report, error) { return campaigns.Resume(t.Context(), 1, id) },
			func(id int64) (campaign.Report, error) { return campaigns.Cancel(t.Context(), 1, id) },
			func(id int64) (campaign.Report, error) { return campaigns.Unschedule(t.Context(), 1, id) },
		}
		seen := map[campaign.Transition]bool{{From: campaign.Scheduled, To: campaign.Scheduled, By: campaign.Person}: true}
		for name, make := range shapes {
			for _, from := range campaign.States {
				for _, verb := range verbs {
					_, id := d.place(make, from)
					r, err := verb(id)
					if err != nil || r.State == from {
						continue
					}
					seen[campaign.Transition{From: from, To: r.State, By: campaign.Person}] = true
					require.Contains(t, campaign.Transitions, campaign.Transition{From: from, To: r.State, By: campaign.Person}, name)
				}
			}
		}
		for _, transition := range campaign.Transitions {
			if transition.By == campaign.Person {
				require.True(t, seen[transition], "nobody does %v", transition)
			}
		}
	})
}
