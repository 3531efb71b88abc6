package manage

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/problem"
)

func TestIfMatch(t *testing.T) {
	t.Parallel()
	type edited struct{ Name string }
	now, before := etag(edited{"Spring"}), etag(edited{"Winter"})
	require.NotEqual(t, now, before)
	require.Equal(t, now, etag(edited{"Spring"}))
	for header, good := range map[string]bool{
		"": true, "*": true, now: true, before + ", " + now: true, before: false, "W/" + now: false, "nonsense": false,
	} {
		err := IfMatch{header}.check(now, func() any { return edited{"Spring"} })
		if good {
			require.NoError(t, err, header)
			continue
		}
		p := problem.Of(err)
		require.Equal(t, http.StatusPreconditionFailed, p.Status, header)
		require.Equal(t, "changed_meanwhile", p.Code)
		require.Equal(t, edited{"Spring"}, p.Current)
	}
}

// What sorts as a text sorts as a time.
func TestInstant(t *testing.T) {
	t.Parallel()
	second := time.Date(2026, 3, 1, 9, 0, 0, 0, time.FixedZone("", 2*60*60))
	for want, at := range map[string]time.Time{
		`"2026-03-01T07:00:00.000Z"`: second,
		`"2026-03-01T07:00:00.100Z"`: second.Add(100 * time.Millisecond),
		`"2026-03-01T07:00:00.123Z"`: second.Add(123456 * time.Microsecond),
	} {
		text, err := json.Marshal(utc(at))
		require.NoError(t, err)
		require.Equal(t, want, string(text))
		var read instant
		require.NoError(t, json.Unmarshal(text, &read))
		require.True(t, read.Equal(at.Truncate(time.Millisecond)))
	}
	text, err := json.Marshal(moment(second))
	require.NoError(t, err)
	require.Equal(t, `"2026-03-01T07:00:00.000Z"`, string(text))
	require.Nil(t, moment(time.Time{}))
}
