package campaign

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"bellman/internal/access"
	"bellman/internal/fault"
	"bellman/internal/idempotency"
	"bellman/internal/loop"
	"bellman/internal/message"
)

// MaxAddressees is how many addressees one send may have.
const MaxAddressees = 1000

// Trigger asks for a message to be sent to some people, now.
type Trigger struct {
	BotID      int64
	Addressees []Addressee
	// Once is true when an addressee who is listed again, with the same label, data
	// and language, gets one message and the receipt of the first.
	Once bool
	// Test keeps the send out of the counts of the message's own campaign.
	Test bool
}

// Receipt is the answer for one addressee.
type Receipt struct {
	// RequestID leads to the deliveries; empty when the addressee was rejected.
	RequestID string `json:"requestId,omitempty"`
	// ChatID is the chat that the message goes to, the first of several; zero when
	// the addressee was rejected.
	ChatID int64 `json:"chatId,omitempty"`
	// Missing are the variables of data that the text writes out without a default and
	// that the addressee's data has no value for: the text has gaps there.
	Missing []string `json:"missing,omitempty"`
	// Code and Message say why an addressee was rejected; empty otherwise.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// Accepted reports whether the message will be sent.
func (r Receipt) Accepted() bool { return r.RequestID != "" }

// Request is one accepted addressee and the deliveries of the message.
type Request struct {
	ID         string
	MessageID  int64
	BotID      int64
	CampaignID int64
	// State is the campaign's.
	State      State
	Deliveries []Delivery
}

// TriggerStore is what triggered sends need of the database.
type TriggerStore interface {
	// Reach returns the bot's chats that are listed or belong to a listed contact,
	// in the order of their ids. A bot that the workspace does not have is
	// NotFound.
	Reach(ctx context.Context, workspaceID, botID int64, contactIDs, chatIDs []int64) ([]Chat, error)
	// AcceptedRequests returns the requests that were made under the keys of
	// addressees after the given time.
	AcceptedRequests(ctx context.Context, workspaceID int64, keys []string, since time.Time) ([]Accepted, error)
	// Append adds the messages to the open campaign, all under that campaign's row
	// lock and in one transaction. It opens a campaign when none fits. When a request
	// newer than [KeepRequests] is stored under an addressee's key, the addressee's
	// messages are left out.
	Append(ctx context.Context, a Append) error
	// Requests returns those of the requests that the workspace has, in
	// any order.
	Requests(ctx context.Context, workspaceID int64, ids []string) ([]Request, error)
	// Tidy rests triggered campaigns that have nothing to do, and finishes those that
	// take no more messages and those of periods before the given one.
	Tidy(ctx context.Context, period string, now time.Time) error
	// ApprovalAbove is [Store.ApprovalAbove].
	ApprovalAbove(ctx context.Context, workspaceID int64) (int64, error)
	// ForgetRequests removes up to limit keys of addressees that were stored before
	// the given time, and reports whether there may be more.
	ForgetRequests(ctx context.Context, before time.Time, limit int) (more bool, err error)
}

// Triggers sends messages one by one, as systems ask for it. The sends of one
// message by one bot within a month are one campaign, as long as the content stays
// the same.
type Triggers struct {
	store    TriggerStore
	messages Messages
	now      func() time.Time
	newID    func() string
	wake     func()
}

// NewTriggers returns a service. newID makes the request ids, UUIDs that should
// grow with time. wake is called after every send and must not block.
func NewTriggers(store TriggerStore, messages Messages, now func() time.Time, newID func() string, wake func()) *Triggers {
	return &Triggers{store: store, messages: messages, now: now, newID: newID, wake: wake}
}

// ErrRequestNotFound is returned for a request that the workspace does not
// have.
var ErrRequestNotFound = fault.New(fault.NotFound, "request_not_found", "there is no request with this id")

// Send queues the message for the addressees and returns a receipt for each, in
// their order. An addressee who cannot be sent to is rejected alone. A message or
// bot that the workspace does not have is NotFound; a message that Telegram would
// refuse, and a send to nobody or to more than [MaxAddressees], is Invalid. A person who
// wrote the message and sends it to more than the workspace lets an author reach is
// Forbidden to.
//
// A send that is repeated under its idempotency key sends nothing: it gets the
// receipts of the first.
func (t *Triggers) Send(ctx context.Context, workspaceID, messageID int64, trigger Trigger) ([]Receipt, error) {
	if n := len(trigger.Addressees); n < 1 || n > MaxAddressees {
		return nil, fault.New(fault.Invalid, "recipients_invalid", "send to 1 to %d recipients at a time", MaxAddressees).In("recipients")
	}
	if made, ok := idempotency.Earlier(ctx); ok {
		return decodeReceipts(made)
	}
	a, template, err := t.prepare(ctx, workspaceID, messageID, t.now())
	if err != nil {
		return nil, err
	}
	keys := trigger.keys(messageID)
	receipts, err := t.address(ctx, &a, trigger, keys)
	if err != nil {
		return nil, err
	}
	if err := t.allow(ctx, a); err != nil {
		return nil, err
	}
	missing := trigger.missing(template)
	a.Settled = func(ctx context.Context, earlier []Accepted) error {
		repeat(keys, earlier, receipts)
		for i := range receipts {
			if receipts[i].Accepted() {
				receipts[i].Missing = missing[i]
			}
		}
		return recordReceipts(ctx, receipts)
	}
	if err := t.store.Append(ctx, a); err != nil {
		return nil, err
	}
	t.wake()
	return receipts, nil
}

// allow returns a Forbidden fault when a person sends what that person wrote to more at once
// than the workspace lets an author reach. Systems send as things happen, all day.
func (t *Triggers) allow(ctx context.Context, a Append) error {
	by := access.AuthorOf(ctx, a.Now)
	if !by.IsPerson() {
		return nil
	}
	above, err := t.store.ApprovalAbove(ctx, a.WorkspaceID)
	asked := Approval{Above: above, Recipients: int64(len(a.Messages)), Message: a.Writer}
	if err != nil || !asked.Needed() {
		return err
	}
	return asked.Refusal(by, "send")
}

// recordReceipts records what a send made, for its repetitions.
func recordReceipts(ctx context.Context, receipts []Receipt) error {
	if idempotency.From(ctx) == nil {
		return nil
	}
	text, err := json.Marshal(receipts)
	if err != nil {
		return fmt.Errorf("campaign: encode receipts: %w", err)
	}
	idempotency.Record(ctx, string(text))
	return nil
}

func decodeReceipts(text string) (receipts []Receipt, err error) {
	if err := json.Unmarshal([]byte(text), &receipts); err != nil {
		return nil, fmt.Errorf("campaign: decode receipts: %w", err)
	}
	return receipts, nil
}

// keys returns the key of each addressee; empty for those without a label.
func (t Trigger) keys(messageID int64) []string {
	keys := make([]string, len(t.Addressees))
	for i, to := range t.Addressees {
		keys[i] = to.key(messageID)
	}
	return keys
}

// meanings returns what each addressee is sent, as a text to compare.
func (t Trigger) meanings(messageID int64) []string {
	meanings := make([]string, len(t.Addressees))
	for i, to := range t.Addressees {
		meanings[i] = to.meaning(messageID)
	}
	return meanings
}

// repeat replaces the receipts of addressees whose keys were used by those of the
// earlier requests.
func repeat(keys []string, earlier []Accepted, receipts []Receipt) {
	if len(earlier) == 0 {
		return
	}
	byKey := map[string]Receipt{}
	for _, e := range earlier {
		byKey[e.Key] = e.receipt()
	}
	for i, key := range keys {
		if receipt, ok := byKey[key]; ok {
			receipts[i] = receipt
		}
	}
}

// prepare returns an append of nothing, with the message as it is now.
func (t *Triggers) prepare(ctx context.Context, workspaceID, messageID int64, now time.Time) (Append, *message.Template, error) {
	m, err := t.messages.Checked(ctx, workspaceID, messageID)
	if err != nil {
		return Append{}, nil, err
	}
	template, err := message.Compile(m.Content)
	if err != nil {
		return Append{}, nil, err
	}
	content, err := m.Content.Encode()
	return Append{
		WorkspaceID: workspaceID, MessageID: messageID, Name: m.Name, Content: content, Writer: m.Author, Period: periodOf(now), Now: now,
	}, template, err
}

// missing returns what each addressee's data has no value for.
func (t Trigger) missing(template *message.Template) [][]string {
	missing := make([][]string, len(t.Addressees))
	for i, to := range t.Addressees {
		missing[i] = template.MissingData(to.Data, to.Language)
	}
	return missing
}

// periodOf returns the month of a time, in UTC.
func periodOf(t time.Time) string { return t.UTC().Format("2006-01") }

// address looks up the addressees' chats, adds a message for each chat and returns
// the receipts.
func (t *Triggers) address(ctx context.Context, a *Append, trigger Trigger, keys []string) ([]Receipt, error) {
	a.BotID, a.Test = trigger.BotID, trigger.Test
	var contactIDs, chatIDs []int64
	for _, to := range trigger.Addressees {
		if to.ContactID != 0 {
			contactIDs = append(contactIDs, to.ContactID)
		}
		if to.ChatID != 0 {
			chatIDs = append(chatIDs, to.ChatID)
		}
	}
	found, err := t.store.Reach(ctx, a.WorkspaceID, a.BotID, contactIDs, chatIDs)
	if err != nil {
		return nil, err
	}
	byContact, byChat := map[int64][]Chat{}, map[int64][]Chat{}
	for _, c := range found {
		byContact[c.ContactID] = append(byContact[c.ContactID], c)
		byChat[c.ChatID] = []Chat{c}
	}
	earlier, err := t.earlier(ctx, *a, keys)
	if err != nil {
		return nil, err
	}
	receipts := make([]Receipt, len(trigger.Addressees))
	repeat(keys, earlier, receipts)
	again := keys
	if trigger.Once {
		again = trigger.meanings(a.MessageID)
	}
	mine := map[string]Receipt{}
	for i, to := range trigger.Addressees {
		if receipts[i].Accepted() {
			continue
		}
		if receipt, ok := mine[again[i]]; ok {
			receipts[i] = receipt
			continue
		}
		chats := byChat[to.ChatID]
		if to.ContactID != 0 {
			chats = byContact[to.ContactID]
		}
		if why := to.check(chats); why != nil {
			receipts[i] = Receipt{Code: why.Code, Message: why.Message}
			continue
		}
		receipts[i] = Receipt{RequestID: t.newID(), ChatID: chats[0].ChatID}
		for _, c := range chats {
			a.Messages = append(a.Messages, Appended{
				Chat: c, RequestID: receipts[i].RequestID, Data: to.Data, Language: to.Language, Label: to.Label,
			})
		}
		if again[i] != "" {
			mine[again[i]] = receipts[i]
		}
		if keys[i] != "" {
			a.Accepted = append(a.Accepted, Accepted{keys[i], receipts[i].RequestID, receipts[i].ChatID})
		}
	}
	slices.SortFunc(a.Accepted, func(x, y Accepted) int { return strings.Compare(x.Key, y.Key) })
	return receipts, nil
}

// earlier returns the earlier requests under the keys of the addressees.
func (t *Triggers) earlier(ctx context.Context, a Append, keys []string) ([]Accepted, error) {
	keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return key == "" })
	if len(keys) == 0 {
		return nil, nil
	}
	return t.store.AcceptedRequests(ctx, a.WorkspaceID, keys, a.Now.Add(-KeepRequests))
}

// Request returns an accepted request with its deliveries; NotFound when the
// workspace has no such request.
func (t *Triggers) Request(ctx context.Context, workspaceID int64, id string) (Request, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return Request{}, ErrRequestNotFound
	}
	found, err := t.Requests(ctx, workspaceID, []string{parsed.String()})
	if err != nil {
		return Request{}, err
	}
	if len(found) == 0 {
		return Request{}, ErrRequestNotFound
	}
	return found[0], nil
}

// Requests returns those of the accepted requests that the workspace has, with
// their deliveries, in any order. Ids are UUIDs in lower case; nothing is found for
// others.
func (t *Triggers) Requests(ctx context.Context, workspaceID int64, ids []string) ([]Request, error) {
	found, err := t.store.Requests(ctx, workspaceID, ids)
	for _, r := range found {
		markCancelled(r.State, r.Deliveries)
	}
	return found, err
}

const (
	// tidyEvery is how often [Triggers.Run] tidies up; old requests are forgotten
	// forgetChunk at once.
	tidyEvery   = 10 * time.Second
	forgetChunk = 1000
)

// Run rests and finishes campaigns and forgets old requests until the context ends.
// Any number of processes may run it. Errors of the database are logged and retried.
func (t *Triggers) Run(ctx context.Context, log *slog.Logger) {
	loop.Every(ctx, tidyEvery, nil, func(ctx context.Context) error {
		now := t.now()
		if err := t.store.Tidy(ctx, periodOf(now), now); err != nil {
			return err
		}
		return loop.All(ctx, func(ctx context.Context) (more bool, err error) {
			return t.store.ForgetRequests(ctx, now.Add(-KeepRequests), forgetChunk)
		})
	}, func(err error) {
		log.ErrorContext(ctx, "triggered campaigns are tidied up later", "error", err)
	})
}
