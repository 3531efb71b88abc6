package manage_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/campaign"
	"bellman/internal/track"
)

// A report has clicks by the hours since the launch.
func TestCampaignReport(t *testing.T) {
	t.Parallel()
	in := newTracked(t)
	var clicks []track.Click
	for _, minute := range []int{1, 59, 60, 150} {
		at := start.Add(time.Duration(minute) * time.Minute)
		id := fmt.Sprintf("%08x-%04x-7000-8000-%012x", at.UnixMilli()>>16, at.UnixMilli()&0xffff, minute)
		require.NoError(t, uuid.Validate(id))
		clicks = append(clicks, track.Click{ID: id, CampaignID: in.campaign, Seq: 1, ContactID: 70, At: at})
	}
	require.NoError(t, in.store.Clicks.RecordClicks(t.Context(), clicks))
	got := in.call(t, http.StatusOK, http.MethodGet, fmt.Sprintf("/campaigns/%d/report", in.campaign), "", nil)
	require.JSONEq(t, `{"reasons":[],"left":0,"clicks":[{"from":"2026-03-01T12:00:00.000Z","clicks":2},
		{"from":"2026-03-01T13:00:00.000Z","clicks":1},{"from":"2026-03-01T14:00:00.000Z","clicks":1}]}`, got)
}

// Deliveries show who the recipients are, as long as they are somebody; later campaigns are
// compared with theirs.
func TestDeliveriesShowPeople(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	w := in.Call(http.MethodPatch, "/manage/v1/contacts/1",
		`{"firstName":"Olena","lastName":"Koval","phone":"+380501234567","email":"o@x.ua"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	w = in.Call(http.MethodPost, "/manage/v1/campaigns", `{"name":"c","botId":1,"messageId":1,"audience":{"all":true}}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	w = in.Call(http.MethodPost, "/manage/v1/campaigns/1/launch", `{}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	_, err := in.Store.Campaigns.LayOut(t.Context(), 1, 10, time.Now().Add(time.Minute))
	require.NoError(t, err)
	page := `{"items":[{"chatId":-502,"contactId":1,"status":"queued"%[1]s},{"chatId":501,"contactId":1,"status":"queued"%[1]s}]}`
	list := apitest.Scenario{
		Name: "people", Method: http.MethodGet, Path: "/manage/v1/campaigns/1/deliveries", Status: http.StatusOK,
		Is: fmt.Sprintf(page, `,"contact":{"id":1,"firstName":"Olena","lastName":"Koval","phone":"+380501234567","email":"o@x.ua",`+
			`"externalCustomerId":"C1"}`),
	}
	list.Check(t, in)
	w = in.Call(http.MethodDelete, "/manage/v1/contacts/1", "")
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	list.Name, list.Is = "nobody", fmt.Sprintf(page, "")
	list.Check(t, in)

	_, _, err = in.Store.Campaigns.Change(t.Context(), 1, 1, func(c *campaign.Campaign) error {
		c.State = campaign.Finished
		return nil
	})
	require.NoError(t, err)
	w = in.Call(http.MethodPost, "/manage/v1/campaigns", `{"name":"d","botId":1,"messageId":1,"audience":{"all":true}}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	apitest.Scenario{
		Name: "draft", Method: http.MethodGet, Path: "/manage/v1/campaigns/2/report", Status: http.StatusOK,
		Is: `{"reasons":[],"left":0,"clicks":[],"previous":{"campaigns":1,"sent":0,"failed":0,"clicked":0}}`,
	}.Check(t, in)
}
