package manage_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	l, ids := crowd(t)
	e := l.expect(t, http.StatusCreated, http.MethodPost, "/events",
		`{"eventTypeKey":"orderPaid","params":{"total":12.50,"externalCustomerId":"C-2","items":[{"sku":"a"}]}}`)
	require.Equal(t, map[string]any{
		"id": 1.0, "eventTypeKey": "orderPaid", "keyValue": "C-2", "contactId": float64(ids[1]),
		"params":   map[string]any{"total": 12.5, "externalCustomerId": "C-2", "items": []any{map[string]any{"sku": "a"}}},
		"occurred": "2027-01-15T08:00:00.000Z", "createdAt": "2027-01-15T08:00:00.000Z",
	}, e)
	require.Equal(t, e, l.expect(t, http.StatusOK, http.MethodGet, "/events/1", ""))
	l.expect(t, http.StatusCreated, http.MethodPost, "/events",
		`{"eventTypeKey":"viewed","keyValue":"nobody","past":true,"occurred":"2026-12-31T23:00:00Z"}`)

	require.Len(t, l.expect(t, http.StatusOK, http.MethodGet, "/events", "")["items"], 2)
	require.Equal(t, []any{e}, l.expect(t, http.StatusOK, http.MethodGet, "/events?eventTypeKey=orderPaid&contactId=2", "")["items"])
	require.NotEmpty(t, l.expect(t, http.StatusOK, http.MethodGet, "/events?limit=1", "")["nextCursor"])
	l.expect(t, http.StatusBadRequest, http.MethodGet, "/events?eventTypeKey=%00", "")
	require.Len(t, l.expect(t, http.StatusOK, http.MethodGet, "/event-types", "")["items"], 2)

	for body, want := range map[string][2]string{
		`{"eventTypeKey":"a|b","keyValue":"k"}`:                                 {"event_type_invalid", "eventTypeKey"},
		`{"eventTypeKey":"t"}`:                                                  {"event_key_missing", "keyValue"},
		`{"eventTypeKey":"t","keyValue":"k","params":{"":1}}`:                   {"param_name_invalid", "params[0].name"},
		`{"eventTypeKey":"t","keyValue":"k","params":[]}`:                       {"invalid_request", "params"},
		`{"eventTypeKey":"t","keyValue":"k","occurred":"2999-01-01T00:00:00Z"}`: {"occurred_invalid", "occurred"},
	} {
		p := l.expect(t, http.StatusUnprocessableEntity, http.MethodPost, "/events", body)
		require.Equal(t, want, [2]string{p["code"].(string), p["field"].(string)}, body)
	}
	require.Equal(t, "event_not_found", l.expect(t, http.StatusNotFound, http.MethodGet, "/events/77", "")["code"])

	require.EqualValues(t, 0, l.expect(t, http.StatusOK, http.MethodDelete, "/past-events?from=2027-01-01T00:00:00Z", "")["deleted"])
	require.EqualValues(t, 1, l.expect(t, http.StatusOK, http.MethodDelete,
		"/past-events?eventTypeKey=viewed&to=2027-01-01T00:00:00Z", "")["deleted"])
	require.Len(t, l.expect(t, http.StatusOK, http.MethodGet, "/events", "")["items"], 1)
}
