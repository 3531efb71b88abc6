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
	require.JSONEq(t, `{"reasons":[],"left":0,"clicks":[{"from":"2026-03-01T12:00:00.000Z","clicks":2,"people":1},
		{"from":"2026-03-01T13:00:00.000Z","clicks":1,"people":0},{"from":"2026-03-01T14:00:00.000Z","clicks":1,"people":0}]}`, got)
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

// Whoever a number of a report counts can be listed and had as a file, which no spreadsheet
// takes for formulas.
func TestReportsLeadToPeople(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	for _, c := range []struct{ method, path, body string }{
		{http.MethodPatch, "contacts/1", `{"firstName":"=Олена","lastName":"Koval","phone":"+380501234567","languageCode":"uk"}`},
		{http.MethodPost, "groups", `{"name":"Customers"}`},
		{http.MethodPost, "groups/1/attach", `{"contactIds":[1]}`},
		{http.MethodPost, "campaigns", `{"name":"Весна","botId":1,"messageId":1,"audience":{"all":true}}`},
		{http.MethodPost, "campaigns/1/launch", `{}`},
	} {
		w := in.Call(c.method, "/manage/v1/"+c.path, c.body)
		require.Less(t, w.Code, 300, w.Body)
	}
	_, err := in.Store.Campaigns.LayOut(t.Context(), 1, 10, time.Now().Add(time.Minute))
	require.NoError(t, err)
	click := track.Click{ID: "019cb8ac-0000-7000-8000-000000000001", CampaignID: 1, Seq: 2, ContactID: 1, At: start}
	require.NoError(t, in.Store.Clicks.RecordClicks(t.Context(), []track.Click{click}))
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, "/manage/v1/campaigns/1/cancel", "").Code)

	const (
		head = "\ufefffirstName,lastName,phone,email,externalCustomerId,contactId,chatId,status,reason,why,detail," +
			"settledAt (Europe/Kyiv),clickedAt (Europe/Kyiv)\r\n"
		why    = "skipped,cancelled,the campaign was cancelled first,,"
		first  = "'=Олена,Koval,'+380501234567,,C1,1,'-502," + why + ",\r\n"
		second = "'=Олена,Koval,'+380501234567,,C1,1,501," + why + ",2026-03-01 14:00:00\r\n"
	)
	for query, want := range map[string]string{
		"": first + second, "&reason=cancelled&reason=bot_blocked": first + second, "&reason=bot_blocked": "", "&status=failed&status=sent": "",
		"&clicked=true": second, "&link=0&link=7": second, "&link=7": "", "&languageCode=uk": first + second, "&languageCode=unknown": "",
		"&groupId=1&status=skipped&clicked=true": second, "&groupId=2": "",
	} {
		w := in.Call(http.MethodGet, "/manage/v1/campaigns/1/deliveries.csv?timeZone=Europe/Kyiv"+query, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, head+want, w.Body.String(), query)
		require.Equal(t, "text/csv; charset=utf-8", w.Header().Get("Content-Type"))
		require.Equal(t, "attachment; filename*=utf-8''%D0%92%D0%B5%D1%81%D0%BD%D0%B0.csv", w.Header().Get("Content-Disposition"))
	}
	w := in.Call(http.MethodGet, "/manage/v1/campaigns/1/report.csv", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	for _, line := range []string{
		"\ufeffpart,name,meaning,count,people,share\r\n", "\r\nrecipients,recipients,,,2,\r\n", "\r\nrecipients,skipped,,,2,1.0000\r\n",
		"\r\nskipped,cancelled,the campaign was cancelled first,,2,1.0000\r\n",
	} {
		require.Contains(t, w.Body.String(), line)
	}
	apitest.RunAll(t, in, []apitest.Scenario{
		{
			Name: "by language", Method: http.MethodGet, Path: "/manage/v1/campaigns/1/report/parts?by=language", Status: http.StatusOK,
			Is: `{"items":[{"languageCode":"uk","recipients":2,"sent":0,"failed":0,"skipped":2,"unknown":0,"clicked":1}]}`,
		},
		{
			Name: "by group", Method: http.MethodGet, Path: "/manage/v1/campaigns/1/report/parts?by=group", Status: http.StatusOK,
			Is: `{"items":[{"groupId":1,"groupName":"Customers","recipients":2,"sent":0,"failed":0,"skipped":2,"unknown":0,"clicked":1}]}`,
		},
		{
			Name: "by weather", Method: http.MethodGet, Path: "/manage/v1/campaigns/1/report/parts?by=weather",
			Status: http.StatusUnprocessableEntity, Contains: []string{`"field":"by"`},
		},
		{
			Name: "no such zone", Method: http.MethodGet, Path: "/manage/v1/campaigns/1/deliveries.csv?timeZone=Mars",
			Status: http.StatusUnprocessableEntity, Contains: []string{"time_zone_unknown"},
		},
		{
			Name: "no such campaign", Method: http.MethodGet, Path: "/manage/v1/campaigns/2/deliveries.csv", Status: http.StatusNotFound,
			Contains: []string{"campaign_not_found"},
		},
	})
	w = in.Call(http.MethodGet, "/manage/v1/campaigns/1/deliveries?reason=cancelled&limit=1", "")
	cursor := apitest.Field[string](t, w, "nextCursor")
	w = in.Call(http.MethodGet, "/manage/v1/campaigns/1/deliveries?reason=cancelled&limit=1&cursor="+cursor, "")
	require.Contains(t, w.Body.String(), `"chatId":501`)
	require.NotContains(t, w.Body.String(), "nextCursor")
	w = in.Call(http.MethodGet, "/manage/v1/audit?act=export-deliveries", "")
	require.Contains(t, w.Body.String(), `"subject":"campaigns/1"`)
}
