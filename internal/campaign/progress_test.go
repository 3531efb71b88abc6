package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/outcome"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func TestProgress(t *testing.T) {
	t.Parallel()
	// 1000 recipients, 400 of them done, 300 of these in the last ten seconds.
	running := campaign.Campaign{State: campaign.Sending, LaidSeq: 1000, Laid: true}
	ledger := campaign.Ledger{
		ClaimedSeq: 405, Sent: 380, Failed: 15, Skipped: 4, Unknown: 1, PaceFrom: noon.Add(-10 * time.Second), PaceDone: 100,
	}
	for name, tt := range map[string]struct {
		change func(c *campaign.Campaign, l *campaign.Ledger)
		want   campaign.Progress
	}{
		"going out": {func(*campaign.Campaign, *campaign.Ledger) {},
			campaign.Progress{Percent: 40, RatePerSecond: 30, Left: 20 * time.Second}},
		"more are laid out": {func(c *campaign.Campaign, _ *campaign.Ledger) { c.Laid = false },
			campaign.Progress{Percent: 40, RatePerSecond: 30}},
		"its bot waits": {func(_ *campaign.Campaign, l *campaign.Ledger) {
			l.BotWaitsUntil, l.BotReason = noon.Add(1), outcome.AnswerLost
		},
			campaign.Progress{Percent: 40, RatePerSecond: 30, Left: 20 * time.Second, WaitsUntil: noon.Add(1), WaitsFor: outcome.AnswerLost}},
		"its bot has waited": {func(_ *campaign.Campaign, l *campaign.Ledger) {
			l.BotWaitsUntil, l.BotReason = noon, outcome.AnswerLost
		},
			campaign.Progress{Percent: 40, RatePerSecond: 30, Left: 20 * time.Second}},
		"paused, and its bot waits": {func(c *campaign.Campaign, l *campaign.Ledger) {
			c.State, l.BotWaitsUntil = campaign.Paused, noon.Add(1)
		},
			campaign.Progress{Percent: 40}},
		"paused":          {func(c *campaign.Campaign, _ *campaign.Ledger) { c.State = campaign.Paused }, campaign.Progress{Percent: 40}},
		"cancelled":       {func(c *campaign.Campaign, _ *campaign.Ledger) { c.State = campaign.Cancelled }, campaign.Progress{Percent: 99.5}},
		"nothing settled": {func(_ *campaign.Campaign, l *campaign.Ledger) { l.PaceDone = 400 }, campaign.Progress{Percent: 40}},
		"no step yet":     {func(_ *campaign.Campaign, l *campaign.Ledger) { *l = campaign.Ledger{} }, campaign.Progress{}},
		"since a moment": {func(_ *campaign.Campaign, l *campaign.Ledger) { l.PaceFrom = noon.Add(-999 * time.Millisecond) },
			campaign.Progress{Percent: 40}},
		"a clock is ahead": {func(_ *campaign.Campaign, l *campaign.Ledger) { l.PaceFrom = noon.Add(time.Second) },
			campaign.Progress{Percent: 40}},
		"for the shortest time": {func(_ *campaign.Campaign, l *campaign.Ledger) { l.PaceFrom = noon.Add(-time.Second) },
			campaign.Progress{Percent: 40, RatePerSecond: 300, Left: 2 * time.Second}},
		"for the longest time": {func(_ *campaign.Campaign, l *campaign.Ledger) { l.PaceFrom = noon.Add(-20 * time.Second) },
			campaign.Progress{Percent: 40, RatePerSecond: 15, Left: 40 * time.Second}},
		"not for a while": {func(_ *campaign.Campaign, l *campaign.Ledger) { l.PaceFrom = noon.Add(-21 * time.Second) },
			campaign.Progress{Percent: 40}},
		"draft": {func(c *campaign.Campaign, l *campaign.Ledger) {
			*c, *l = campaign.Campaign{State: campaign.Draft}, campaign.Ledger{}
		}, campaign.Progress{}},
		"finished for nobody": {func(c *campaign.Campaign, l *campaign.Ledger) {
			*c, *l = campaign.Campaign{State: campaign.Finished}, campaign.Ledger{}
		}, campaign.Progress{Percent: 100}},
		"one is missing": {func(c *campaign.Campaign, l *campaign.Ledger) {
			c.LaidSeq, l.ClaimedSeq, l.Sent, l.PaceDone = 100_000, 100_000, 99_979, 99_979
		}, campaign.Progress{Percent: 99.9, RatePerSecond: 2, Left: time.Second}},
		"some wait": {func(_ *campaign.Campaign, l *campaign.Ledger) {
			l.ClaimedSeq, l.Waiting = 1000, 599
		}, campaign.Progress{Percent: 40, RatePerSecond: 30, Left: 20 * time.Second}},
		"slow": {func(_ *campaign.Campaign, l *campaign.Ledger) {
			l.PaceDone = 393
		}, campaign.Progress{Percent: 40, RatePerSecond: 0.7, Left: 858 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, l := running, ledger
			tt.change(&c, &l)
			require.Equal(t, tt.want, campaign.ProgressOf(c, l, noon))
		})
	}
}
