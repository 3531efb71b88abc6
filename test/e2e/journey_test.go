package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
)

// TestJourney takes two people from opening a chat with a customer's bot to a broadcast that arrives there, for every
// database and every forwarder that can run here.
func TestJourney(t *testing.T) {
	t.Parallel()
	databases := map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "bellman.db") },
		"postgres": func(t *testing.T) string { t.Helper(); return pgtest.Schema(t) },
	}
	forwarders := map[string]func(*testing.T, []string){
		"node": func(t *testing.T, env []string) {
			t.Helper()
			needPackages(t, "../../examples/node-forwarder/node_modules")
			start(t, env, "node", "../../examples/node-forwarder/index.js")
		},
		"go": func(t *testing.T, env []string) { t.Helper(); start(t, env, goForwarder) },
	}
	for database, open := range databases {
		for forwarder, run := range forwarders {
			t.Run(database+"/"+forwarder, func(t *testing.T) {
				t.Parallel()
				journey(t, open(t), run)
			})
		}
	}
}

type campaign struct {
	ID     int64            `json:"id"`
	State  string           `json:"state"`
	Counts map[string]int64 `json:"counts"`
}

type delivery struct {
	ChatID            int64  `json:"chatId"`
	ContactID         int64  `json:"contactId"`
	Status            string `json:"status"`
	TelegramMessageID int64  `json:"telegramMessageId"`
}

func journey(t *testing.T, db string, runForwarder func(*testing.T, []string)) {
	t.Helper()
	telegram := startTelegram(t)
	b := startBellman(t, db, telegram.url)

	var bot struct {
		ID         int64  `json:"id"`
		AppUUID    string `json:"appUuid"`
		TelegramID int64  `json:"telegramId"`
		Username   string `json:"username"`
	}
	b.post(t, "/manage/v1/bots", map[string]any{"token": botToken}, &bot)
	require.Equal(t, int64(666), bot.TelegramID)
	require.Equal(t, "TestNameBot", bot.Username)

	runForwarder(t, []string{
		"BOT_TOKEN=" + botToken, "TELEGRAM_API_ROOT=" + telegram.url,
		"BELLMAN_URL=http://" + b.Address, "BELLMAN_KEY=" + b.Key, "BELLMAN_APP=" + bot.AppUUID, "LINK_SECRET=" + linkSecret,
	})
	alice, bob := person{telegram, 1001}, person{telegram, 1002}
	subscribe(t, b, bot.ID, alice, bob)

	done := broadcast(t, b, bot.ID, "<b>Hello</b> from Bellman")
	require.Equal(t, int64(2), done.Counts["recipients"])
	require.Equal(t, int64(2), done.Counts["sent"])

	byChat := deliveries(t, b, done.ID)
	require.Len(t, byChat, 2)
	for _, p := range []person{alice, bob} {
		arrived := p.awaitText(t, "<b>Hello</b> from Bellman")
		require.Equal(t, arrived, last(p.inbox(t)), "the broadcast arrives once, as the last message")
		require.Equal(t, "HTML", arrived.Message.ParseMode)
		require.Equal(t, "sent", byChat[p.id].Status)
		require.Equal(t, arrived.MessageID, byChat[p.id].TelegramMessageID)
	}
	require.Contains(t, contact(t, b, byChat[alice.id].ContactID), "380501234567")
	require.Contains(t, contact(t, b, byChat[bob.id].ContactID), "customer-42")

	require.NoError(t, b.server.Stop())
	_, secret, _ := strings.Cut(botToken, ":")
	leaks, err := b.program.Leaks(map[string]string{"the bot's token": secret, "the API key": b.Key})
	require.NoError(t, err)
	require.Empty(t, leaks)
}

// subscribe makes alice share her phone, after she tried somebody else's, and bob follow a link that names him.
func subscribe(t *testing.T, b installation, botID int64, alice, bob person) {
	t.Helper()
	alice.command(t, "/start")
	asked := alice.awaitText(t, "share your phone number")
	require.True(t, asked.Message.Markup.Keyboard[0][0].RequestContact)

	alice.shareContact(t, 9999, "+380509999999")
	alice.awaitText(t, "somebody else's number")
	require.Equal(t, int64(0), subscribers(t, b, botID))

	alice.shareContact(t, alice.id, "380501234567")
	alice.awaitText(t, "Thank you")
	require.Equal(t, int64(1), subscribers(t, b, botID))

	for _, bad := range []string{
		"customer-42", linkCode("customer-42", time.Now().Add(-time.Minute)),
		"customer-43" + linkCode("customer-42", soon())[len("customer-42"):],
		linkCode("customer-42", soon()) + "x", "_" + linkCode("", soon()),
	} {
		heard := len(bob.inbox(t))
		bob.command(t, "/start "+bad)
		eventually(t, "the link is refused", func() bool { return len(bob.inbox(t)) > heard })
		require.Contains(t, last(bob.inbox(t)).Message.Text, "This link has expired", bad)
	}
	require.Equal(t, int64(1), subscribers(t, b, botID))
	bob.command(t, "/start "+linkCode("customer-42", soon()))
	bob.awaitText(t, "You will hear from us")
	require.Equal(t, int64(2), subscribers(t, b, botID))
}

// linkSecret is what the shop signs its links with.
const linkSecret = "a secret of the shop and the forwarder"

func soon() time.Time { return time.Now().Add(time.Hour) }

// linkCode is the code of a link of the shop's, as the examples' READMEs describe it.
func linkCode(customer string, expires time.Time) string {
	signed := fmt.Sprintf("%s_%d", customer, expires.Unix())
	mac := hmac.New(sha256.New, []byte(linkSecret))
	mac.Write([]byte(signed))
	return signed + "_" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))[:22]
}

func subscribers(t *testing.T, b installation, botID int64) int64 {
	t.Helper()
	var bot struct {
		Subscribers int64 `json:"subscribers"`
	}
	b.get(t, fmt.Sprintf("/manage/v1/bots/%d", botID), &bot)
	return bot.Subscribers
}

// broadcast sends text to everybody and returns the finished campaign.
func broadcast(t *testing.T, b installation, botID int64, text string) campaign {
	t.Helper()
	var message struct {
		ID int64 `json:"id"`
	}
	b.post(t, "/manage/v1/messages", map[string]any{"name": "hello", "text": text}, &message)

	var c campaign
	b.post(t, "/manage/v1/campaigns", map[string]any{
		"name": "hello", "botId": botID, "messageId": message.ID, "audience": map[string]any{"all": true},
	}, &c)
	require.Equal(t, "draft", c.State)

	path := fmt.Sprintf("/manage/v1/campaigns/%d", c.ID)
	b.post(t, path+"/launch", map[string]any{}, nil)
	eventually(t, "the campaign finishes", func() bool {
		b.get(t, path, &c)
		return c.State == "finished"
	})
	return c
}

func deliveries(t *testing.T, b installation, campaignID int64) map[int64]delivery {
	t.Helper()
	var page struct {
		Items []delivery `json:"items"`
	}
	b.get(t, fmt.Sprintf("/manage/v1/campaigns/%d/deliveries", campaignID), &page)
	byChat := map[int64]delivery{}
	for _, d := range page.Items {
		byChat[d.ChatID] = d
	}
	return byChat
}

func last(messages []botMessage) botMessage { return messages[len(messages)-1] }

// contact returns a contact as the integration API shows it.
func contact(t *testing.T, b installation, id int64) string {
	t.Helper()
	var shown map[string]any
	b.get(t, fmt.Sprintf("/api/v1/contact/%d", id), &shown)
	return fmt.Sprint(shown)
}
