package campaign_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/fault"
)

func TestAudienceCheck(t *testing.T) {
	t.Parallel()
	many := make([]int64, campaign.MaxGroups+1)
	for name, tt := range map[string]struct {
		audience campaign.Audience
		code     string
	}{
		"all":                 {campaign.Audience{All: true}, ""},
		"all but some":        {campaign.Audience{All: true, ExcludedGroups: []int64{1}}, ""},
		"groups":              {campaign.Audience{Groups: []int64{1, 2}}, ""},
		"groups but some":     {campaign.Audience{Groups: many[1:], ExcludedGroups: many[1:]}, ""},
		"nobody":              {campaign.Audience{}, "audience_missing"},
		"nobody but some":     {campaign.Audience{ExcludedGroups: []int64{1}}, "audience_missing"},
		"all and groups":      {campaign.Audience{All: true, Groups: []int64{1}}, "audience_ambiguous"},
		"too many groups":     {campaign.Audience{Groups: many}, "too_many_groups"},
		"too many exclusions": {campaign.Audience{All: true, ExcludedGroups: many}, "too_many_groups"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.audience.Check()
			if tt.code == "" {
				require.NoError(t, err)
				return
			}
			require.True(t, fault.Is(err, tt.code), err)
		})
	}
}
