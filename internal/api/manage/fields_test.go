package manage_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// A custom field is made with a key or gets one, and messages speak of it by that: the
// list of variables has it, a preview shows it, and a name that no field has is
// refused.
func TestFieldsInMessages(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	create := func(body string) (id int64, key string) {
		w := in.Call(http.MethodPost, "/manage/v1/fields", body)
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		return apitest.Field[int64](t, w, "id"), apitest.Field[string](t, w, "key")
	}
	card, key := create(`{"name":"Loyalty card","type":"text"}`)
	require.Equal(t, "loyalty_card", key)
	bonus, key := create(`{"key":"bonus","name":"Бонуси","type":"number"}`)
	require.Equal(t, "bonus", key)
	for body, code := range map[string]string{
		`{"key":"bonus","name":"x","type":"text"}`: "field_key_taken", `{"key":"No key","name":"x","type":"text"}`: "field_key_invalid",
	} {
		w := in.Call(http.MethodPost, "/manage/v1/fields", body)
		require.Equal(t, code, apitest.Field[string](t, w, "code"), w.Body)
		require.Equal(t, "key", apitest.Field[string](t, w, "field"), w.Body)
	}
	w := in.Call(http.MethodPatch, fmt.Sprint("/manage/v1/fields/", card), `{"name":"Club card"}`)
	require.Equal(t, "loyalty_card", apitest.Field[string](t, w, "key"))

	w = in.Call(http.MethodGet, messages+"/variables", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	items := apitest.Field[[]map[string]any](t, w, "items")
	require.Equal(t, map[string]any{"name": "contact.id", "type": "number"}, items[0])
	require.Equal(t, []map[string]any{
		{"name": "contact.fields.loyalty_card", "type": "text", "field": "Club card", "fieldId": float64(card)},
		{"name": "contact.fields.bonus", "type": "number", "field": "Бонуси", "fieldId": float64(bonus)},
	}, items[len(items)-2:])

	w = in.Call(http.MethodPost, messages+"/check", `{"text":"{{ contact.fields.bonnus }}"}`)
	faults := apitest.Field[[]map[string]string](t, w, "faults")
	require.Len(t, faults, 1)
	require.Equal(t, "line 1, column 4: there is no custom field bonnus; did you mean contact.fields.bonus?", faults[0]["message"])

	w = in.Call(http.MethodPost, messages,
		`{"name":"m","text":"{{ contact.fields.bonus | times: 2 }} {{ contact.fields['Loyalty card'] }}"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.NotContains(t, w.Body.String(), `"fields"`)
	message := fmt.Sprint(messages, "/", apitest.Field[int64](t, w, "id"))
	w = in.Call(http.MethodPost, contacts, fmt.Sprintf(`{"externalCustomerId":"e1","fields":[{"id":%d,"value":"12,5"}]}`, bonus))
	require.Less(t, w.Code, 300, w.Body)
	w = in.Call(http.MethodPost, message+"/preview", fmt.Sprintf(`{"contactId":%d}`, apitest.Field[int64](t, w, "id")))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Contains(t, w.Body.String(), `"text":"25 "`)
	require.Equal(t, []string{"contact.fields.loyalty_card"}, apitest.Field[[]string](t, w, "missing"))

	w = in.Call(http.MethodDelete, fmt.Sprint("/manage/v1/fields/", card), "")
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	w = in.Call(http.MethodPost, message+"/preview", `{}`)
	require.Equal(t, http.StatusUnprocessableEntity, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "there is no custom field Loyalty card")
}
