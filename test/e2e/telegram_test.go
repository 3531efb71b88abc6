package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// botToken is of bot 666: for telegram-test-api, every bot is that one.
const botToken = "666:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"

// telegramAPI is a running telegram-test-api, seen from the people who use it.
type telegramAPI struct{ url string }

func startTelegram(t *testing.T) telegramAPI {
	t.Helper()
	needPackages(t, "node_modules/telegram-test-api")
	server := start(t, nil, "node", "telegram.js")
	eventually(t, "telegram-test-api prints its port", func() bool { return strings.HasSuffix(server.output.String(), "\n") })
	return telegramAPI{url: "http://127.0.0.1:" + strings.TrimSpace(server.output.String())}
}

// needPackages fails the test when npm has not installed what it needs.
func needPackages(t *testing.T, dir string) {
	t.Helper()
	_, err := os.Stat(dir)
	require.NoError(t, err, "the npm packages of this test are not installed: run `make test`, or `make tools` once")
}

// person is somebody with a private chat, whose chat id is their user id, as in Telegram.
type person struct {
	api telegramAPI
	id  int64
}

func (p person) message() map[string]any {
	return map[string]any{
		"botToken": botToken,
		"date":     time.Now().Unix(),
		"from":     map[string]any{"id": p.id, "is_bot": false, "first_name": "Person"},
		"chat":     map[string]any{"id": p.id, "type": "private", "first_name": "Person"},
	}
}

// command types a bot command such as "/start promo".
func (p person) command(t *testing.T, text string) {
	t.Helper()
	m := p.message()
	m["text"] = text
	name, _, _ := strings.Cut(text, " ")
	m["entities"] = []map[string]any{{"type": "bot_command", "offset": 0, "length": len(name)}}
	p.api.call(t, "/sendCommand", m, nil)
}

// shareContact sends the card of the user with the given id.
func (p person) shareContact(t *testing.T, userID int64, phone string) {
	t.Helper()
	m := p.message()
	m["contact"] = map[string]any{"phone_number": phone, "first_name": "Person", "user_id": userID}
	p.api.call(t, "/sendMessage", m, nil)
}

// botMessage is what a bot sent, as telegram-test-api keeps it.
type botMessage struct {
	MessageID int64 `json:"messageId"`
	Message   struct {
		ChatID    json.RawMessage `json:"chat_id"` // as the bot sent it: a number or a string
		Text      string          `json:"text"`
		ParseMode string          `json:"parse_mode"`
		Markup    struct {
			Keyboard [][]struct {
				RequestContact bool `json:"request_contact"`
			} `json:"keyboard"`
		} `json:"reply_markup"`
	} `json:"message"`
}

// inbox returns all that the bot sent to the person, oldest first.
func (p person) inbox(t *testing.T) []botMessage {
	t.Helper()
	var history struct{ Result []botMessage }
	p.api.call(t, "/getUpdatesHistory", map[string]any{"token": botToken}, &history)
	var own []botMessage
	for _, m := range history.Result {
		if strings.Trim(string(m.Message.ChatID), `"`) == strconv.FormatInt(p.id, 10) {
			own = append(own, m)
		}
	}
	return own
}

// awaitText waits for a message that contains text, and returns it.
func (p person) awaitText(t *testing.T, text string) botMessage {
	t.Helper()
	var found botMessage
	eventually(t, fmt.Sprintf("a message with %q arrives", text), func() bool {
		for _, m := range p.inbox(t) {
			if strings.Contains(m.Message.Text, text) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

func (a telegramAPI) call(t *testing.T, path string, in, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	require.NoError(t, err)
	response, err := http.Post(a.url+path, "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	require.Equal(t, http.StatusOK, response.StatusCode, path)
	if out != nil {
		require.NoError(t, json.NewDecoder(response.Body).Decode(out), path)
	}
}
