package integration_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/workspace"
)

// smartSendTo sends message 1 to the recipients, which are JSON objects.
func smartSendTo(t *testing.T, in *apitest.Installation, recipients string) []sendResult {
	t.Helper()
	return results(t, in.Call(http.MethodPost, "/v1/message/1/smartsend", `{"recipients":[`+recipients+`]}`))
}

// people saves contacts with chats: C1 has 501 and -502, C2 has 600, and C3 none.
// C1 and C2 share an email.
func people(t *testing.T) *apitest.Installation {
	t.Helper()
	in := apitest.New(t)
	in.Prepare(t)
	bots, err := in.Config.Bots.All(t.Context(), workspace.Default)
	require.NoError(t, err)
	for _, body := range []string{
		`{"externalCustomerId":"C1","channels":[{"type":"email","value":"One@x.ua"},{"type":"sms","value":"+380501234567"}]}`,
		`{"externalCustomerId":"C2","channels":[{"type":"email","value":"one@x.ua"},{"type":"sms","value":"+380671234567"}]}`,
		`{"externalCustomerId":"C3","channels":[{"type":"email","value":"three@x.ua"}]}`,
	} {
		require.Equal(t, http.StatusOK, in.Call(http.MethodPost, "/v1/contact", body).Code, body)
	}
	w := in.Call(http.MethodPost, "/v1/apps/"+bots[0].AppUUID+"/tokens", `{"tokens":[{"token":600,"externalCustomerId":"C2"}]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	return in
}

// A recipient is named by contactId, else by externalCustomerId, else by a locator,
// which is a token, or an email or phone in the spellings of every other call.
//
// spec: send-recipient
func TestSmartSendByIdentifiers(t *testing.T) {
	t.Parallel()
	in := people(t)
	got := smartSendTo(t, in, `{"externalCustomerId":"C1"},{"locator":"+380 (50) 123-45-67"},{"locator":"THREE@x.ua"},
		{"externalCustomerId":"C9"},{"externalCustomerId":"C3","locator":"501"},{"locator":"380501234567"},{"locator":"nobody"},
		{"locator":" ONE@X.UA "},{"contactId":1,"externalCustomerId":"C2","locator":"600"},{"externalCustomerId":"","locator":"600"},
		{"externalCustomerId":null,"locator":"0501234567"}`)
	const nobody = "there is no contact with this "
	for i, want := range []sendResult{
		{Locator: "-502", Status: "OK"},
		{Locator: "+380 (50) 123-45-67", Status: "OK"},
		{Locator: "THREE@x.ua", Message: nobody + "email"},
		{Message: nobody + "externalCustomerId"},
		{Locator: "501", Message: nobody + "externalCustomerId"},
		{Locator: "380501234567", Message: "this bot has no chat with this locator"},
		{Locator: "nobody", Message: "name the recipient by contactId, by externalCustomerId"},
		{Locator: " ONE@X.UA ", Status: "OK"},
		{Locator: "600", Status: "OK"},
		{Locator: "600", Status: "OK"},
		{Locator: "0501234567", Message: "name the recipient"},
	} {
		if want.Status == "" {
			require.Equal(t, "ERROR", got[i].Status, i)
			require.Contains(t, got[i].Message, want.Message, i)
			require.Empty(t, got[i].RequestID)
		} else {
			require.Equal(t, want.Status, got[i].Status, i)
			require.NotEmpty(t, got[i].RequestID)
		}
		require.Equal(t, want.Locator, got[i].Locator, i)
	}
	require.Equal(t, []int64{600}, chatsOf(t, in, got[7]), "of those who share the email, C2 was saved last")
	require.Equal(t, got[0].RequestID, got[1].RequestID, "one person under two names")
	require.Equal(t, got[0].RequestID, got[8].RequestID)
	require.Equal(t, []int64{-502, 501}, chatsOf(t, in, got[0]))
}

// A phone without its country code is one where the workspace has a region.
func TestSmartSendToALocalPhone(t *testing.T) {
	t.Parallel()
	in := people(t)
	w := in.Call(http.MethodPatch, "/manage/v1/workspace", `{"phoneRegion":"UA"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	got := smartSendTo(t, in, `{"locator":"050 123-45-67"},{"locator":"0671234567"}`)
	require.Equal(t, []int64{-502, 501}, chatsOf(t, in, got[0]))
	require.Equal(t, []int64{600}, chatsOf(t, in, got[1]))
}

// Nothing is sent to a deleted contact by any of its names.
func TestSmartSendToADeletedContact(t *testing.T) {
	t.Parallel()
	in := people(t)
	require.Equal(t, http.StatusOK, in.Call(http.MethodDelete, "/v1/contact?externalCustomerId=C1", "").Code)
	for _, r := range smartSendTo(t, in, `{"externalCustomerId":"C1"},{"locator":"+380501234567"},{"contactId":1},{"locator":"501"}`) {
		require.Equal(t, "ERROR", r.Status)
		require.NotEmpty(t, r.Message)
	}
}

// The older send names recipients in the same ways.
func TestOldSendByIdentifiers(t *testing.T) {
	t.Parallel()
	in := people(t)
	got := results(t, in.Call(http.MethodPost, "/v1/message/1/send",
		`{"recipients":["+380501234567","three@x.ua",{"externalCustomerId":"C2"},"600"]}`))
	require.Equal(t, []string{"OK", "ERROR", "OK", "OK"}, []string{got[0].Status, got[1].Status, got[2].Status, got[3].Status})
	require.Equal(t, []int64{600}, chatsOf(t, in, got[2]))
}

// chatsOf returns the chats that an accepted recipient's message goes to.
func chatsOf(t *testing.T, in *apitest.Installation, r sendResult) (chats []int64) {
	t.Helper()
	request, err := in.Config.Triggers.Request(t.Context(), workspace.Default, r.RequestID)
	require.NoError(t, err)
	for _, d := range request.Deliveries {
		chats = append(chats, d.ChatID)
	}
	return chats
}
