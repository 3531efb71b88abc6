package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// client has a short timeout: a stopped process would hold a call for ever. It keeps no connections, because the other
// side may be killed at any time, and a later call must not fail for that.
var client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// Client calls Bellman's APIs.
type Client struct {
	// Address is host:port.
	Address string
	Key     string
	// Header goes with every call; nil for nothing of its own.
	Header http.Header
}

// Bot is a connected bot.
type Bot struct {
	ID          int64
	AppUUID     string
	TelegramID  int64
	Subscribers int64
}

// Counts are a campaign's recipients by status; Recipients is the sum of the others.
type Counts struct {
	Recipients, Queued, Sending, Sent, Failed, Skipped, Unknown int64
}

// Settled is how many recipients have an outcome.
func (c Counts) Settled() int64 { return c.Sent + c.Failed + c.Skipped + c.Unknown }

// Campaign is a broadcast, or what a bot sends of a message one by one, with its counts.
type Campaign struct {
	ID          int64
	BotID       int64
	Kind        string
	State       string
	StateReason string
	Counts      Counts
}

// Delivery is a delivery as Bellman reports it.
type Delivery struct {
	ChatID            int64
	Status            string
	Reason            string
	Detail            string
	TelegramMessageID int64
}

// Call makes a call and decodes the answer into out, unless that is nil. Any status above 299 is an error.
func (c Client) Call(ctx context.Context, method, path string, in, out any) error {
	header := http.Header{}
	maps.Copy(header, c.Header)
	header.Set("Authorization", "Bearer "+c.Key)
	return call(ctx, method, "http://"+c.Address+path, header, in, out)
}

func call(ctx context.Context, method, address string, header http.Header, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
		header.Set("Content-Type", "application/json")
	}
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return err
	}
	request.Header = header
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: HTTP %d: %s", method, address, response.StatusCode, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// ConnectBot connects a bot by its token.
func (c Client) ConnectBot(ctx context.Context, token string) (b Bot, err error) {
	err = c.Call(ctx, http.MethodPost, "/manage/v1/bots", map[string]any{"token": token}, &b)
	return b, err
}

// Bot returns a connected bot.
func (c Client) Bot(ctx context.Context, id int64) (b Bot, err error) {
	err = c.Call(ctx, http.MethodGet, fmt.Sprintf("/manage/v1/bots/%d", id), nil, &b)
	return b, err
}

// maxTokens is how many items the tokens call accepts.
const maxTokens = 3000

// AddChats records n private chats from first on, each of a person of its own, by the tokens call. All must be new.
func (c Client) AddChats(ctx context.Context, appUUID string, first, n int64) error {
	for last := first + n; first < last; first += maxTokens {
		if err := c.addChats(ctx, appUUID, first, min(maxTokens, last-first)); err != nil {
			return err
		}
	}
	return nil
}

func (c Client) addChats(ctx context.Context, appUUID string, first, n int64) error {
	tokens := make([]map[string]any, n)
	for i := range tokens {
		chat := first + int64(i)
		tokens[i] = map[string]any{"token": chat, "externalCustomerId": appUUID + "/" + strconv.FormatInt(chat, 10)}
	}
	var answer struct {
		Results []struct{ Status, Message string }
	}
	if err := c.Call(ctx, http.MethodPost, "/api/v1/apps/"+appUUID+"/tokens", map[string]any{"tokens": tokens}, &answer); err != nil {
		return err
	}
	for i, r := range answer.Results {
		if r.Status != "CREATED" {
			return fmt.Errorf("chat %d was not created: %s %s", first+int64(i), r.Status, r.Message)
		}
	}
	return nil
}

// Broadcast writes a message and launches it as a broadcast to every chat of the bot.
func (c Client) Broadcast(ctx context.Context, botID int64, text string) (made Campaign, err error) {
	var message struct{ ID int64 }
	if err := c.Call(ctx, http.MethodPost, "/manage/v1/messages", map[string]any{"name": text, "text": text}, &message); err != nil {
		return made, err
	}
	draft := map[string]any{"name": text, "botId": botID, "messageId": message.ID, "audience": map[string]any{"all": true}}
	if err := c.Call(ctx, http.MethodPost, "/manage/v1/campaigns", draft, &made); err != nil {
		return made, err
	}
	return c.Do(ctx, made.ID, "launch")
}

// Do launches, pauses, resumes or cancels a campaign.
func (c Client) Do(ctx context.Context, campaignID int64, verb string) (after Campaign, err error) {
	err = c.Call(ctx, http.MethodPost, fmt.Sprintf("/manage/v1/campaigns/%d/%s", campaignID, verb), nil, &after)
	return after, err
}

// Campaign returns a campaign.
func (c Client) Campaign(ctx context.Context, id int64) (found Campaign, err error) {
	err = c.Call(ctx, http.MethodGet, fmt.Sprintf("/manage/v1/campaigns/%d", id), nil, &found)
	return found, err
}

// Deliveries returns every recipient of a campaign, in the order of sending.
func (c Client) Deliveries(ctx context.Context, campaignID int64) ([]Delivery, error) {
	return List[Delivery](ctx, c, fmt.Sprintf("/manage/v1/campaigns/%d/deliveries", campaignID), nil)
}

// List returns every item of a list of the management API.
func List[T any](ctx context.Context, c Client, path string, query url.Values) (all []T, err error) {
	asked := url.Values{"limit": {"500"}}
	maps.Copy(asked, query)
	for {
		var page struct {
			Items      []T
			NextCursor string
		}
		if err := c.Call(ctx, http.MethodGet, path+"?"+asked.Encode(), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.NextCursor == "" {
			return all, nil
		}
		asked.Set("cursor", page.NextCursor)
	}
}
