package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/fault"
)

// A time that has passed is no time to launch at: clocks may differ by two
// minutes.
func TestLaunchAtATimeThatHasPassed(t *testing.T) {
	t.Parallel()
	past := noon.Add(-2*time.Minute - 1)
	m := newMemory(campaign.Campaign{State: campaign.Draft})
	_, err := m.service().Launch(t.Context(), 1, 7, past)
	require.True(t, fault.Is(err, "launch_time_past"), err)
	require.ErrorContains(t, err, "at: this time has passed")
	_, err = m.service().Start(t.Context(), sale, past)
	require.True(t, fault.Is(err, "launch_time_past"), err)
	require.Empty(t, m.created)
	require.Equal(t, campaign.Draft, m.campaign.State)
	_, err = m.service().Launch(t.Context(), 1, 7, past.Add(1))
	require.NoError(t, err)
}

// A draft is changed part by part; what is left out stays, and nothing is written
// when a part is at fault.
func TestDraftIsChanged(t *testing.T) {
	t.Parallel()
	before := sale
	before.ID, before.State, before.Name = 7, campaign.Draft, "sale"
	name, id, audience := " spring ", int64(9), campaign.Audience{Groups: []int64{4}}
	for what, c := range map[string]struct {
		changes campaign.Changes
		want    func(c *campaign.Campaign)
	}{
		"nothing":  {campaign.Changes{}, func(*campaign.Campaign) {}},
		"name":     {campaign.Changes{Name: &name}, func(c *campaign.Campaign) { c.Name = "spring" }},
		"bot":      {campaign.Changes{BotID: &id}, func(c *campaign.Campaign) { c.BotID = 9 }},
		"message":  {campaign.Changes{MessageID: &id}, func(c *campaign.Campaign) { c.MessageID = 9 }},
		"audience": {campaign.Changes{Audience: &audience}, func(c *campaign.Campaign) { c.Audience = audience }},
		"budget":   {campaign.Changes{Paid: campaign.Paid{StarsBudget: &id}}, func(c *campaign.Campaign) { c.StarsBudget = 9 }},
	} {
		m := newMemory(before)
		_, err := m.service().Update(t.Context(), 1, 7, c.changes)
		require.NoError(t, err, what)
		want := before
		want.UpdatedAt = noon
		c.want(&want)
		require.Equal(t, want, m.campaign, what)
	}
	none, blank := campaign.Audience{}, " "
	for code, changes := range map[string]campaign.Changes{
		"name_invalid": {Name: &blank, BotID: &id}, "audience_missing": {Audience: &none, Name: &name},
	} {
		m := newMemory(before)
		_, err := m.service().Update(t.Context(), 1, 7, changes)
		require.True(t, fault.Is(err, code), err)
		require.Equal(t, before, m.campaign)
	}
}

// Past the draft, a campaign is neither changed but in what it spends, nor deleted.
func TestOnlyADraftIsChangedAndDeleted(t *testing.T) {
	t.Parallel()
	name, id, audience := "spring", int64(9), campaign.Audience{Groups: []int64{4}}
	for _, state := range campaign.States {
		for _, changes := range []campaign.Changes{{Name: &name}, {BotID: &id}, {MessageID: &id}, {Audience: &audience}} {
			m := newMemory(campaign.Campaign{State: state})
			_, err := m.service().Update(t.Context(), 1, 7, changes)
			require.Equal(t, state == campaign.Draft, err == nil || !fault.Is(err, "campaign_state"), "%s %+v", state, changes)
		}
		m := newMemory(campaign.Campaign{State: state})
		err := m.service().Delete(t.Context(), 1, 7)
		require.Equal(t, state == campaign.Draft, m.deleted, state)
		require.Equal(t, state != campaign.Draft, fault.Is(err, "campaign_state"), state)
	}
}
