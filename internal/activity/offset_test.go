package activity_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/activity"
	"bellman/internal/fault"
)

func TestOffsets(t *testing.T) {
	t.Parallel()
	all := []activity.Offset{
		{}, {CampaignID: 1, Seq: 1}, {CampaignID: 1, Seq: 1, Nth: 15}, {CampaignID: 1, Seq: 2},
		{CampaignID: 2, Seq: 1}, {CampaignID: 1<<24 - 1, Seq: 1 << 30},
		{CampaignID: 1 << 24, Seq: 1}, {CampaignID: 1 << 40, Seq: 1<<40 + 1, Nth: 1},
		{CampaignID: math.MaxInt64, Seq: math.MaxInt64, Nth: math.MaxInt64},
	}
	require.True(t, slices.IsSortedFunc(all, activity.Offset.Compare))
	for _, o := range all {
		again, err := activity.ParseOffset(o.String())
		require.NoError(t, err)
		require.Equal(t, o, again)
	}
	for _, first := range []string{"", "0"} {
		o, err := activity.ParseOffset(first)
		require.NoError(t, err)
		require.Zero(t, o)
	}
	for _, bad := range []string{"1", "1-2", "1-2-3-4", "a-1-1", "-1", "1--1-0", "9223372036854775808-1-1", " 1-1-1"} {
		_, err := activity.ParseOffset(bad)
		require.Equal(t, fault.Invalid, fault.KindOf(err), bad)
	}
}
