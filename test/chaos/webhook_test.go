package main

import (
	"bytes"
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReceiver(t *testing.T) {
	t.Parallel()
	const array = `[{"sequence":7,"iid":"3-1"},{"sequence":8,"iid":"3-2"}]`
	for name, tt := range map[string]struct {
		mood mood
		body string
		// status is what is answered, 0 for nothing.
		status  int
		fate    fate
		objects int
		wrong   int
	}{
		"taken":       {body: array, status: 200, fate: taken, objects: 2},
		"late":        {mood: mood{dawdles: 1, dawdle: time.Millisecond}, body: array, status: 200, fate: taken, objects: 2},
		"refused":     {mood: mood{refuses: 1}, body: array, status: 500, fate: refused, objects: 2},
		"broken":      {mood: mood{breaks: 1}, body: array, fate: broken, objects: 2},
		"no array":    {body: `{"sequence":7}`, status: 200, fate: taken, wrong: 1},
		"no activity": {body: `[7]`, status: 200, fate: taken, wrong: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := openReceiver(tt.mood)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, r.close()) })
			require.Equal(t, http.StatusOK, status(t, r, http.MethodGet, ""), "a probe is always answered")
			require.Equal(t, tt.status, status(t, r, http.MethodPost, tt.body))
			posts, wrong := r.received()
			require.Len(t, posts, 1)
			require.Equal(t, tt.fate, posts[0].fate)
			require.Len(t, posts[0].activities, tt.objects)
			require.Len(t, wrong, tt.wrong)
			if tt.objects > 0 {
				a := posts[0].activities[1]
				require.Equal(t, int64(8), a.ID)
				require.Equal(t, "3-2", a.Delivery)
				require.JSONEq(t, `{"sequence":8,"iid":"3-2"}`, a.text)
			}
			r.calm()
			require.Equal(t, http.StatusOK, status(t, r, http.MethodPost, array), "a calm one takes everything")
		})
	}
}

// status makes a call and returns the status of its answer; 0 when there is none.
func status(t *testing.T, r *receiver, method, body string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+r.address, bytes.NewBufferString(body))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		require.NoError(t, ctx.Err())
		return 0
	}
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}
