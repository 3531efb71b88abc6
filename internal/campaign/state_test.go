package campaign_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// For each state: what a person can ask of a campaign, and the state that follows.
func TestWhatAPersonMayChange(t *testing.T) {
	t.Parallel()
	ctx, later := context.Background(), noon.Add(time.Hour)
	verbs := map[string]func(s *campaign.Service) (campaign.Report, error){
		"launch":     func(s *campaign.Service) (campaign.Report, error) { return s.Launch(ctx, 1, 7, time.Time{}) },
		"now":        func(s *campaign.Service) (campaign.Report, error) { return s.Launch(ctx, 1, 7, noon) },
		"schedule":   func(s *campaign.Service) (campaign.Report, error) { return s.Launch(ctx, 1, 7, later) },
		"pause":      func(s *campaign.Service) (campaign.Report, error) { return s.Pause(ctx, 1, 7) },
		"resume":     func(s *campaign.Service) (campaign.Report, error) { return s.Resume(ctx, 1, 7) },
		"cancel":     func(s *campaign.Service) (campaign.Report, error) { return s.Cancel(ctx, 1, 7) },
		"unschedule": func(s *campaign.Service) (campaign.Report, error) { return s.Unschedule(ctx, 1, 7) },
	}
	// Missing verbs are refused; same means that the state stays.
	const same = campaign.State("same")
	for state, can := range map[campaign.State]map[string]campaign.State{
		campaign.Draft: {
			"launch": campaign.Launching, "now": campaign.Launching, "schedule": campaign.Scheduled, "cancel": campaign.Cancelled,
			"unschedule": same,
		},
		campaign.Scheduled: {
			"unschedule": campaign.Draft,
			"launch":     campaign.Launching, "now": campaign.Launching, "schedule": campaign.Scheduled, "cancel": campaign.Cancelled,
		},
		campaign.Launching: {"pause": campaign.Paused, "resume": same, "cancel": campaign.Cancelled},
		campaign.Sending:   {"pause": campaign.Paused, "resume": same, "cancel": campaign.Cancelled},
		campaign.Paused:    {"pause": same, "resume": campaign.Sending, "cancel": campaign.Cancelled},
		campaign.Finished:  {},
		campaign.Cancelled: {"cancel": same},
	} {
		for verb, do := range verbs {
			t.Run(string(state)+" "+verb, func(t *testing.T) {
				t.Parallel()
				before := campaign.Campaign{
					ID: 7, State: state, StateReason: outcome.ContentRefused, StateDetail: "why", LaidSeq: 3, ScheduledAt: noon.Add(-time.Hour),
					Content: "as it was",
				}
				m := newMemory(before)
				report, err := do(m.service())
				to, possible := can[verb]
				if !possible {
					require.True(t, fault.Is(err, "campaign_state"), err)
					require.Equal(t, fault.Conflict, fault.KindOf(err))
					require.ErrorContains(t, err, "that is "+string(state))
					require.Zero(t, m.woken)
					require.Equal(t, before, m.campaign)
					return
				}
				require.NoError(t, err)
				require.Equal(t, 1, m.woken)
				want := before
				if to != same {
					want.State, want.StateReason, want.StateDetail, want.UpdatedAt = to, "", "", noon
				}
				switch to {
				case campaign.Scheduled:
					want.ScheduledAt, want.Content = later, `{"text":"hello"}`
				case campaign.Launching:
					want.LaunchedAt, want.ScheduledAt, want.Content = noon, time.Time{}, `{"text":"hello"}`
				case campaign.Draft:
					want.ScheduledAt, want.Content = time.Time{}, ""
				case campaign.Cancelled:
					want.FinishedAt = noon
				}
				require.Equal(t, want, m.campaign)
				require.Equal(t, want, report.Campaign)
			})
		}
	}
}

// A campaign that is resumed before any recipient was laid out is laid out first.
func TestResumeBeforeTheLayout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		seq  int64
		laid bool
		want campaign.State
	}{{0, false, campaign.Launching}, {0, true, campaign.Sending}, {500, false, campaign.Sending}} {
		m := newMemory(campaign.Campaign{State: campaign.Paused, LaidSeq: c.seq, Laid: c.laid})
		report, err := m.service().Resume(t.Context(), 1, 7)
		require.NoError(t, err)
		require.Equal(t, c.want, report.State)
	}
}

func TestStatesMean(t *testing.T) {
	t.Parallel()
	type meaning struct{ goesOut, pending, ended bool }
	want := map[campaign.State]meaning{
		campaign.Draft:     {},
		campaign.Scheduled: {pending: true},
		campaign.Launching: {goesOut: true, pending: true},
		campaign.Sending:   {goesOut: true, pending: true},
		campaign.Paused:    {pending: true},
		campaign.Finished:  {ended: true},
		campaign.Cancelled: {ended: true},
	}
	require.Len(t, campaign.States, len(want))
	for _, s := range campaign.States {
		got := meaning{s.GoesOut(), s.Pending(), s.Ended()}
		require.Equal(t, want[s], got, s)
	}
}
