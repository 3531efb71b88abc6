package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/pgtest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// reportRows make a broadcast to a million, of whom a hundredth blocked the bot, a few
// failed otherwise, and every eighth clicked, some of them on two links.
var reportRows = []string{`
	INSERT INTO messages (id, workspace_id, name, content, created_at, updated_at) VALUES (1, 1, 'm', '{"text":"hi"}', 1, 1)`, `
	INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name_key, name, kind, state, audience, content, laid_seq, laid,
		created_at, updated_at, launched_at, finished_at)
	VALUES (1, 1, {bot}, 1, 'c', 'c', 'broadcast', 'finished', '{"all":true}', '{"text":"hi"}', 1000000, TRUE, 1, 1, 1, 1)`, `
	INSERT INTO ledgers (campaign_id, bot_id, claimed_seq, settled_seq, sent, failed) VALUES (1, {bot}, 1000000, 1000000, 989800, 10200)`, `
	INSERT INTO recipients (campaign_id, seq, chat_id, contact_id) {n} SELECT 1, i, i, i FROM n`, `
	INSERT INTO outcomes (campaign_id, seq, status, reason, telegram_message_id, settled_at)
	{n} SELECT 1, i, CASE WHEN i % 100 = 7 OR i % 5000 = 1 THEN 'failed' ELSE 'sent' END,
		CASE WHEN i % 100 = 7 THEN 'bot_blocked' WHEN i % 5000 = 1 THEN 'content_refused' END, i, 1 FROM n`, `
	INSERT INTO clicked (campaign_id, seq, clicked_at) {n} SELECT 1, i, 1 + i FROM n WHERE i % 8 = 0`, `
	INSERT INTO clicks (campaign_id, id, seq, contact_id, link, clicked_at)
	{n} SELECT 1, '00000000-0001-7000-8000-' || (100000000000 + i), i, i, i % 3, 1 + i FROM n WHERE i % 8 = 0 OR i % 16 = 1`, `
	INSERT INTO click_counts (campaign_id, clicked) VALUES (1, 125000)`,
}

// BenchmarkReport measures the people behind the numbers of a broadcast to a million, and
// its parts.
func BenchmarkReport(b *testing.B) {
	for engine, address := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": pgtest.Schema} {
		b.Run(engine, func(b *testing.B) { benchmarkReport(b, storetest.OpenIll(b, address(b))) })
	}
}

func benchmarkReport(b *testing.B, s *store.DB) {
	b.Helper()
	botID := connect(b, s, 5)
	connect(b, s, 6)
	fill(b, s, millionRows, botID, 1_000_000)
	fill(b, s, reportRows, botID, 1_000_000)
	store.AnalyzeForTest(b, s)
	campaigns := campaign.New(s.Campaigns, message.New(s.Messages, nil, now), now, func() {})
	for name, f := range map[string]campaign.DeliveryFilter{
		"all":           {},
		"common reason": {Reasons: []outcome.Reason{outcome.BotBlocked}},
		"rare reason":   {Reasons: []outcome.Reason{outcome.ContentRefused}},
		"no one":        {Reasons: []outcome.Reason{outcome.ContentTooLarge}},
		"clicked":       {Clicked: true},
		"link":          {Links: []int{2}},
		"two links":     {Links: []int{0, 1}},
		"language":      {Languages: []string{"uk"}},
		"no language":   {Languages: []string{"fr"}},
		"old group":     {GroupIDs: []int64{2}},
		"no group":      {GroupIDs: []int64{9}},
		"all of these":  {Statuses: []campaign.Status{campaign.Failed}, Languages: []string{"uk"}, GroupIDs: []int64{1}},
	} {
		for place, after := range map[string]int64{"first": 0, "deep": 600_000} {
			b.Run("people/"+place+"/"+name, func(b *testing.B) {
				for b.Loop() {
					found, _, err := campaigns.Deliveries(b.Context(), 1, 1, f, after, 100)
					require.NoError(b, err)
					b.ReportMetric(float64(len(found)), "found")
				}
			})
		}
	}
	for _, by := range campaign.Divisions {
		b.Run("parts/"+string(by), func(b *testing.B) {
			for b.Loop() {
				parts, err := campaigns.Divide(b.Context(), 1, 1, by)
				require.NoError(b, err)
				require.NotEmpty(b, parts.All)
			}
		})
	}
	b.Run("hours", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Clicks.HourlyClicks(b.Context(), 1, start, start.Add(1))
			require.NoError(b, err)
		}
	})
	b.Run("links", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Clicks.LinkCounts(b.Context(), 1)
			require.NoError(b, err)
		}
	})
}
