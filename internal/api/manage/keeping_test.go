package manage_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/retention"
)

// What is kept is set in months; a number that is out of bounds, or none, changes nothing.
func TestKeepingSettings(t *testing.T) {
	t.Parallel()
	in := newTracked(t)
	keeping := func(status int, method, body string) string {
		t.Helper()
		var got struct{ Keeping json.RawMessage }
		in.call(t, status, method, "/workspace", body, &got)
		return string(got.Keeping)
	}
	require.JSONEq(t, `{"recipientsMonths":13,"eventsMonths":13,"auditMonths":24}`, keeping(http.StatusOK, http.MethodGet, ""))
	got := keeping(http.StatusOK, http.MethodPatch, `{"keeping":{"recipientsMonths":6}}`)
	require.JSONEq(t, `{"recipientsMonths":6,"eventsMonths":13,"auditMonths":24}`, got)
	got = keeping(http.StatusOK, http.MethodPatch, `{"keeping":{"eventsMonths":1}}`)
	require.JSONEq(t, `{"recipientsMonths":6,"eventsMonths":1,"auditMonths":24}`, got)
	for _, wrong := range []string{`"recipientsMonths":0`, `"eventsMonths":121`, `"eventsMonths":1.5`} {
		keeping(http.StatusUnprocessableEntity, http.MethodPatch, `{"keeping":{`+wrong+`}}`)
	}
	got = keeping(http.StatusOK, http.MethodPatch, `{"phoneRegion":"UA"}`)
	require.JSONEq(t, `{"recipientsMonths":6,"eventsMonths":1,"auditMonths":24}`, got)
}

// A campaign whose recipients are not kept any more says so: its counts are there, its
// lists are refused with the reason, and it is not sent again.
func TestForgottenCampaigns(t *testing.T) {
	t.Parallel()
	in := newTracked(t)
	path := fmt.Sprintf("/campaigns/%d", in.campaign)
	lists := []string{"/deliveries", "/clicks", "/links", "/report"}
	for _, list := range lists {
		in.call(t, http.StatusOK, http.MethodGet, path+list, "", nil)
	}
	_, _, err := in.store.Campaigns.Change(t.Context(), 1, in.campaign, func(c *campaign.Campaign) error {
		c.State, c.FinishedAt = campaign.Finished, start
		return nil
	})
	require.NoError(t, err)
	later := start.AddDate(2, 0, 0)
	more, err := in.store.Retention.Forget(t.Context(), retention.Cutoff{WorkspaceID: 1, Before: later}, later, 10)
	require.NoError(t, err)
	require.False(t, more)

	var got struct{ ForgottenAt time.Time }
	in.call(t, http.StatusOK, http.MethodGet, path, "", &got)
	require.Equal(t, later, got.ForgottenAt)
	for _, list := range lists {
		require.Contains(t, in.call(t, http.StatusConflict, http.MethodGet, path+list, "", nil), `"code":"recipients_not_kept"`)
	}
	require.Contains(t, in.call(t, http.StatusConflict, http.MethodPost, path+"/resend", `{"statuses":["failed"]}`, nil),
		`"code":"recipients_not_kept"`)
	in.call(t, http.StatusNotFound, http.MethodGet, "/campaigns/77/clicks", "", nil)
}
