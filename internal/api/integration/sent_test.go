package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
	"bellman/internal/webhook"
)

// sent is what a view shows of the message that a person got, and of a click.
type sent struct {
	ActivityStatus      outcome.Activity
	ClickEventLink      string
	MessageLanguageCode string
	MessageName         string
	MessageTag          string
	Telegram            string
	StatusData          struct{ Token string }
}

// sentIn returns what a list shows, in order.
func sentIn(t *testing.T, text []byte) []string {
	t.Helper()
	var list []sent
	require.NoError(t, json.Unmarshal(text, &list), string(text))
	shown := make([]string, len(list))
	for i, s := range list {
		shown[i] = fmt.Sprintf("%s%s %s %q in %q of %s with %s",
			s.Telegram, s.StatusData.Token, s.ActivityStatus, s.ClickEventLink, s.MessageLanguageCode, s.MessageName, s.MessageTag)
	}
	slices.Sort(shown)
	return shown
}

// Webhook, activity, history, and the lists of links and clicks report the same of
// each person's message: the language of the version, tags, and links.
func TestViewsOfWhatWasSentAgree(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		in := apitest.NewOn(t, s)
		posted := &mailbox{}
		_, err := webhook.New(s.Webhooks, posted, unsealed{}, in.Config.Now, nil).Create(t.Context(), 1,
			webhook.Draft{Name: "w", URL: "https://shop.example/in"})
		require.NoError(t, err)
		// Each person has a language, and gets a version.
		people := []struct{ has, gets string }{
			{"", "zh-Hant"}, {"fr", "zh-Hant"}, {"uk-UA", "uk"}, {"zh-Hant-TW", "zh-Hant"}, {"zh-Hans", "zh"}, {"uk", "uk"},
		}
		version := func(site string) message.Version {
			return message.Version{Text: "x", Buttons: [][]message.Button{{
				{Text: "Shop", URL: "https://" + site + ".example/sale"}, {Text: "Yours", URL: "https://" + site + ".example/{{ contact.id }}"},
				{Text: "Yes", CallbackData: "yes"},
			}}}
		}
		content := message.Content{Version: version("a"), Language: "zh-Hant", Tags: []string{"sale", "spring"},
			Translations: map[string]message.Version{"uk": version("b"), "zh": version("c")}}
		sendTo(t, in, content, len(people))
		for i, p := range people {
			if p.has != "" {
				w := in.Call(http.MethodPut, fmt.Sprint("/v1/contact/", i+1), fmt.Sprintf(`{"languageCode":%q}`, p.has))
				require.Equal(t, http.StatusOK, w.Code, w.Body)
			}
		}
		settle(t, in, 1, func(dispatch.Recipient) dispatch.Outcome { return dispatch.Outcome{Status: dispatch.Sent} })
		at := in.Config.Now()
		links := map[string]int{"zh-Hant": 0, "uk": 2, "zh": 4}
		sites := map[string]string{"zh-Hant": "a", "uk": "b", "zh": "c"}
		var want []string
		for i, p := range people {
			id, seq, first, site := i+1, int64(i+1), links[p.gets], sites[p.gets]
			clicks := []track.Click{
				{Link: first},
				{Link: first + 1, Target: fmt.Sprintf("https://%s.example/%d", site, id)},
				{Press: fmt.Sprint(id), Data: "yes"},
			}
			for n := range clicks {
				c := &clicks[n]
				c.ID = fmt.Sprintf("%08x-%04x-7000-8000-%s", at.UnixMilli()>>16, at.UnixMilli()&0xffff, uuid.NewString()[24:])
				c.CampaignID, c.Seq, c.ContactID, c.At = 1, seq, seq, at
			}
			require.NoError(t, s.Clicks.RecordClicks(t.Context(), clicks))
			for _, line := range []string{`DELIVERED ""`, `CLICKED ""`,
				fmt.Sprintf(`CLICKED "https://%s.example/sale"`, site), fmt.Sprintf(`CLICKED "https://%s.example/%d"`, site, id)} {
				want = append(want, fmt.Sprintf("%d %s in %q of m with sale,spring", id, line, p.gets))
			}
		}
		slices.Sort(want)
		require.Equal(t, want, sentIn(t, posted.from(t, in)), "webhook")
		w := in.Call(http.MethodGet, "/v1/contacts/activity?dateFrom=2027-01-01&dateTo=2027-02-01", "")
		require.Equal(t, want, sentIn(t, w.Body.Bytes()), "activity")
		for i, p := range people {
			w := in.Call(http.MethodGet, fmt.Sprint("/v1/contacts/messages?contactId=", i+1), "")
			var history []struct {
				MessageLanguageCode string
				MessageTags         []string
			}
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &history), w.Body)
			require.Equal(t, p.gets, history[0].MessageLanguageCode, "history")
			require.Equal(t, content.Tags, history[0].MessageTags)
		}
		reports, err := in.Config.Clicks.Links(t.Context(), 1, 1)
		require.NoError(t, err)
		require.Len(t, reports, 6)
		clicks, err := in.Config.Clicks.Clicks(t.Context(), 1, 1, "", 100)
		require.NoError(t, err)
		require.Len(t, clicks, 3*len(people))
		for _, c := range clicks {
			language := people[c.Seq-1].gets
			line := fmt.Sprintf("%d CLICKED %q in %q of m with %s", c.Seq, c.Target, language, strings.Join(content.Tags, ","))
			require.Contains(t, want, line, "the list of clicks")
			if c.Press == "" {
				require.Equal(t, language, reports[c.Link].Language, "the list of links")
			}
		}
	})
}

// sendTo lays a broadcast of the content out to n contacts, whose chats have
// their ids.
func sendTo(t *testing.T, in *apitest.Installation, content message.Content, n int) {
	t.Helper()
	_, err := in.Config.Messages.Create(t.Context(), 1, "m", content)
	require.NoError(t, err)
	reachable(t, in, n)
}
