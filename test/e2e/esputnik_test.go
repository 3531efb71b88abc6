package e2e_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/sandbox"
)

// A customer is a client of eSputnik's, written by others and unchanged, with another host and another key.
type customer struct {
	in  io.Writer
	out *bufio.Scanner
}

func startCustomer(t *testing.T, b installation) *customer {
	t.Helper()
	needPackages(t, "node_modules")
	cmd := exec.Command("node", "esputnik.js")
	// Its configuration has a slash at the end of the host, as its documentation does.
	cmd.Env = append(cmd.Environ(), "ESPUTNIK_HOST=http://"+b.Address+"/", "ESPUTNIK_KEY="+b.Key)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, in.Close())
		require.NoError(t, cmd.Wait())
	})
	return &customer{in, bufio.NewScanner(out)}
}

// call makes a call and decodes its answer.
func (c *customer) call(t *testing.T, method string, body, options, answer any) {
	t.Helper()
	var got struct {
		Answer json.RawMessage
		Error  string
	}
	c.exchange(t, &got, method, body, options)
	require.Empty(t, got.Error, method)
	if answer != nil {
		require.NoError(t, json.Unmarshal(got.Answer, answer), "%s: %s", method, got.Answer)
	}
}

// refused makes a call that is refused, and returns the sentence that the client prints.
func (c *customer) refused(t *testing.T, method string, body, options any) string {
	t.Helper()
	var got struct {
		Answer json.RawMessage
		Error  string
	}
	c.exchange(t, &got, method, body, options)
	require.NotEmpty(t, got.Error, "%s: %s", method, got.Answer)
	return got.Error
}

func (c *customer) exchange(t *testing.T, got any, call ...any) {
	t.Helper()
	line, err := json.Marshal(call)
	require.NoError(t, err)
	_, err = c.in.Write(append(line, '\n'))
	require.NoError(t, err)
	require.True(t, c.out.Scan(), c.out.Err())
	require.NoError(t, json.Unmarshal(c.out.Bytes(), got))
}

// TestCustomersClient makes all calls of a client of eSputnik's to Bellman.
func TestCustomersClient(t *testing.T) {
	t.Parallel()
	for database, open := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "bellman.db") },
		"postgres": func(t *testing.T) string { t.Helper(); return pgtest.Schema(t) },
	} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			customersClient(t, open(t))
		})
	}
}

type object = map[string]any

func customersClient(t *testing.T, db string) {
	t.Helper()
	sandbox := sandbox.Start(t, sandbox.Options{})
	b := startBellman(t, db, sandbox.URL())
	var bot struct {
		ID         int64  `json:"id"`
		AppUUID    string `json:"appUuid"`
		TelegramID int64  `json:"telegramId"`
	}
	b.post(t, "/manage/v1/bots", object{"token": botToken}, &bot)
	c := startCustomer(t, b)

	var account struct{ UserEmail, OrganisationName string }
	c.call(t, "account.info", nil, nil, &account)
	require.NotEmpty(t, account.UserEmail)
	require.NotEmpty(t, account.OrganisationName)

	// A contact is written, changed, subscribed.
	var saved struct{ ID json.Number }
	c.call(t, "contact", object{
		"externalCustomerId": "c1", "firstName": "Olena", "channels": []object{{"type": "email", "value": "olena@example.com"}},
	}, nil, &saved)
	id := saved.ID
	c.call(t, "contact.id", object{"lastName": "Koval"}, object{"id": id.String()}, nil)
	// The package loses this method of its own when it makes the next one.
	c.call(t, "request", object{"path": "contact/subscribe", "body": object{
		"contact": object{"channels": []object{{"type": "email", "value": "olena@example.com"}}}, "groups": []string{"News"}, "formType": "site",
	}}, nil, &saved)
	require.Equal(t, id, saved.ID)
	var shown object
	b.get(t, "/api/v1/contact/"+id.String(), &shown)
	require.Equal(t, "Koval", shown["lastName"])
	require.Contains(t, c.refused(t, "contact.id", object{"lastName": "x"}, object{"id": "999999"}), "contact")

	// Contacts sent in bulk are stored soon.
	var session struct{ AsyncSessionID string }
	c.call(t, "addContact", object{
		"contacts": []object{
			{"channels": []object{{"type": "email", "value": "ann@example.com"}},
				"firstName": "Ann", "fields": object{"plan": "free", "wasPaid": "no"}},
			{"channels": []object{{"type": "email", "value": "bob@example.com"}}, "firstName": "Bob"},
		},
		"groupNames": []string{"Imported"}, "restoreDeleted": true,
	}, nil, &session)
	require.NotEmpty(t, session.AsyncSessionID)
	var found []object
	eventually(t, "the contacts are stored", func() bool {
		b.get(t, "/api/v1/contacts?email=ann@example.com", &found)
		return len(found) == 1
	})
	require.Equal(t, "Ann", found[0]["firstName"])

	c.call(t, "event", object{
		"eventTypeKey": "orderPaid", "keyValue": "olena@example.com", "params": []object{{"name": "email", "value": "olena@example.com"}},
	}, nil, nil)
	c.call(t, "emails.unsubscribed.add", object{"emails": []string{"bob@example.com"}}, nil, nil)
	c.call(t, "emails.unsubscribed.delete", object{"emails": []string{"bob@example.com"}}, nil, nil)

	// A message goes to the chat of the contact.
	b.post(t, "/v1/apps/"+bot.AppUUID+"/tokens", object{"tokens": object{"token": "501", "externalCustomerId": "c1"}}, nil)
	var message struct{ ID json.Number }
	b.post(t, "/v1/messages/telegram", object{"name": "Order", "text": "Order {{ data.number }} is paid, {{ contact.firstName }}"}, &message)
	var sent struct {
		Results struct{ Status, RequestID string }
	}
	c.call(t, "message.id.smartsend", object{
		"recipients": []object{{"contactId": id, "jsonParam": `{"number":"4711"}`}}, "email": false,
	}, object{"id": message.ID.String()}, &sent)
	require.Equal(t, "OK", sent.Results.Status)
	require.NotEmpty(t, sent.Results.RequestID)
	eventually(t, "the message arrives", func() bool {
		got := sandbox.Messages(bot.TelegramID, 501, 0, 10)
		return len(got) == 1 && got[0].Text == "Order 4711 is paid, Olena"
	})
	var status struct {
		Results struct{ Status, Delivered string }
	}
	eventually(t, "it is known to have arrived", func() bool {
		b.get(t, "/v1/message/status?ids="+sent.Results.RequestID, &status)
		return status.Results.Delivered == "true"
	})
	require.Equal(t, "DELIVERED", status.Results.Status)

	// Calls about other channels are refused with a sentence.
	require.Contains(t, c.refused(t, "message.email", object{"subject": "x"}, nil), "Telegram")
	require.Contains(t, c.refused(t, "message.sms", object{"text": "x"}, nil), "Telegram")

	// Orders of a shop are taken in; those that cannot be used are named.
	order := object{"externalOrderId": "4711", "externalCustomerId": "c1", "totalCost": 12.5, "status": "DELIVERED",
		"date": "2026-03-01T10:00:00+02:00", "currency": "UAH"}
	c.call(t, "orders", object{"orders": []object{order}}, nil, nil)
	var failed struct{ FailedOrders []struct{ Error string } }
	c.call(t, "orders", object{"orders": []object{order, {"externalOrderId": "4712"}}}, nil, &failed)
	require.Len(t, failed.FailedOrders, 1)
}
