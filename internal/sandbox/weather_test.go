package sandbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/sandbox"
)

func TestWeather(t *testing.T) {
	t.Parallel()
	const calls = 5000
	// day returns how many messages were refused, lost and received.
	day := func(seed uint64) (counts [4]int64) {
		s := sandbox.Start(t, sandbox.Options{Rates: sandbox.Lifted()})
		for _, f := range sandbox.Weather(seed) {
			require.NoError(t, s.AddFault(f))
		}
		for range calls {
			status, _, err := attempt(t.Context(), s)
			switch {
			case err != nil:
				counts[0]++
			case status == 429:
				counts[1]++
			case status == 502:
				counts[2]++
			default:
				require.Equal(t, 200, status)
			}
		}
		counts[3] = int64(len(s.Messages(botID, 42, 0, calls)))
		return counts
	}
	first := day(1)
	lost, floods, gateways, arrived := first[0], first[1], first[2], first[3]
	require.InDelta(t, 0.01*calls, floods, 20)
	require.NotZero(t, gateways)
	require.NotZero(t, lost)
	require.Equal(t, calls-floods-gateways, arrived, "what is reset has arrived")
	require.Equal(t, first, day(1), "the same seed, the same day")
	require.NotEqual(t, first, day(2))
}

// Weather affects messages only: connecting a bot never fails because of it.
func TestWeatherSparesOtherCalls(t *testing.T) {
	t.Parallel()
	for _, f := range sandbox.Weather(1) {
		require.Regexp(t, "^send", f.Method)
	}
}
