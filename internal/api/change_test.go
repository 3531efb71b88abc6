package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// A change is a campaign of its own, under the key of its request once, that says what it
// does to which one; what cannot be is refused with what to do.
func TestChangesOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		a := newAgency(t, s)
		by := a.Join(t, workspace.Default, access.Owner).CallAnew(t)
		sent := a.reached(by, 2)
		messageID, draft := a.write(by, 1)
		w := a.Call("POST", draft+"/edit", fmt.Sprintf(`{"messageId":%d}`, messageID))
		require.Equal(t, "campaign_state", code(t, w), w.Body)
		w = a.Call("POST", a.failed(by, 1)+"/delete", ``)
		require.Equal(t, "nobody_got_it", code(t, w), w.Body)
		w = a.Call("POST", sent+"/edit", ``)
		require.Equal(t, http.StatusBadRequest, w.Code, w.Body)
		w = a.Call("POST", sent+"/edit", `{"messageId":999}`)
		require.Equal(t, "message_not_found", code(t, w), w.Body)
		w = a.Call("POST", "/manage/v1/messages", `{"name":"v","media":[{"kind":"photo","url":"https://shop.example/a.jpg"}]}`)
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		w = a.Call("POST", sent+"/edit", fmt.Sprintf(`{"messageId":%d}`, apitest.Field[int64](t, w, "id")))
		require.Equal(t, "edit_kind", code(t, w), w.Body)

		keyed := func() string {
			w := a.Call("POST", sent+"/edit", fmt.Sprintf(`{"messageId":%d}`, messageID), "Idempotency-Key", "k1")
			require.Equal(t, http.StatusCreated, w.Code, w.Body)
			return w.Body.String()
		}
		made := keyed()
		require.Equal(t, made, keyed())
		var v struct {
			ID       int64  `json:"id"`
			Action   string `json:"action"`
			ChangeOf int64  `json:"changeOf"`
			ResendOf int64  `json:"resendOf"`
			Message  int64  `json:"messageId"`
		}
		require.NoError(t, json.Unmarshal([]byte(made), &v))
		require.Equal(t, "edit", v.Action)
		require.Equal(t, path.Base(sent), fmt.Sprint(v.ChangeOf))
		require.Zero(t, v.ResendOf)
		require.Equal(t, messageID, v.Message)
		w = a.Call("POST", sent+"/delete", ``)
		require.Equal(t, "change_under_way", code(t, w), w.Body)
		w = a.Call("POST", fmt.Sprint("/manage/v1/campaigns/", v.ID, "/delete"), ``)
		require.Equal(t, "change_of_change", code(t, w), w.Body)
		w = a.Call("POST", fmt.Sprint("/manage/v1/campaigns/", v.ID, "/cancel"), ``)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		w = a.Call("POST", sent+"/delete", ``)
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		require.Equal(t, "delete", apitest.Field[string](t, w, "action"))

		w = a.Call("GET", fmt.Sprint("/v1/broadcast/", v.ID), ``)
		require.Equal(t, http.StatusNotFound, w.Code, "it is no broadcast of the integration API: %s", w.Body)
		w = a.Call("GET", "/v1/broadcasts", ``)
		require.Equal(t, []string{"3"}, w.Header()["TotalCount"], w.Body) //nolint:staticcheck // not canonical, on purpose

		for query, want := range map[string]int{
			"of=" + path.Base(sent): 2, "of=" + path.Base(sent) + "&action=edit": 1, "action=edit&action=delete": 2, "action=send": 3,
		} {
			w := a.Call("GET", "/manage/v1/campaigns?"+query, ``)
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			require.Len(t, apitest.Field[[]any](t, w, "items"), want, query)
		}
	})
}
