package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/message"
)

// How long it takes and what it costs follows from the pace of the bot.
func TestCost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		usual, bot    float64
		pays, allowed bool
		budget, total int64
		want          campaign.Cost
	}{
		"the installation's rate": {usual: 30, total: 3_001, want: campaign.Cost{Takes: 100 * time.Second}},
		"a second for one":        {usual: 30, total: 2, want: campaign.Cost{Takes: time.Second}},
		"the bot's rate":          {usual: 30, bot: 10, total: 3_001, want: campaign.Cost{Takes: 300 * time.Second}},
		"no limit":                {total: 3_001},
		"the bot does not pay":    {usual: 30, allowed: true, total: 3_001, want: campaign.Cost{Takes: 100 * time.Second}},
		"it is not allowed to":    {usual: 30, pays: true, total: 3_001, want: campaign.Cost{Takes: 100 * time.Second}},
		"paid": {usual: 30, pays: true, allowed: true, total: 10_001,
			want: campaign.Cost{Takes: 10 * time.Second, Stars: 970}},
		"paid, slow by itself": {usual: 30, bot: 5, pays: true, allowed: true, total: 31, want: campaign.Cost{Takes: time.Second}},
		"a budget": {usual: 30, pays: true, allowed: true, budget: 7, total: 10_001,
			want: campaign.Cost{Takes: 10 * time.Second, Stars: 7}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemory(campaign.Campaign{AllowPaid: c.allowed, StarsBudget: c.budget})
			m.ledger = campaign.Ledger{BotRate: c.bot, BotPays: c.pays}
			m.content, m.total = message.Text("x"), c.total
			p, err := m.service().AtRate(c.usual).Preflight(t.Context(), 1, 7)
			require.NoError(t, err)
			require.Equal(t, c.total-1, p.Reach.Reached())
			require.Equal(t, c.want, p.Cost)
		})
	}
}
