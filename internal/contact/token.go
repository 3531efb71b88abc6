package contact

import (
	"context"
	"errors"
	"time"

	"bellman/internal/fault"
	"bellman/internal/workspace"
)

// MaxTokens is how many items one call may contain.
const MaxTokens = 3000

// MaxID is the largest contact id and chat id: JSON clients read numbers exactly
// only below 2^53, and Telegram promises at most 52 significant bits.
const MaxID = 1<<53 - 1

// Token is one item of the tokens call: a chat id and the identifiers of its
// contact. An empty identifier was not sent.
type Token struct {
	// ChatID is the chat's Telegram id; zero when the item's token is malformed.
	ChatID             int64
	ContactID          int64
	ExternalCustomerID string
	Phone              string
	Email              string
}

// TokenStatus is the result for an item.
type TokenStatus string

// The results for an item.
const (
	// TokenCreated means that the chat was recorded.
	TokenCreated TokenStatus = "CREATED"
	// TokenExists means that the chat was known; nothing changed.
	TokenExists TokenStatus = "EXISTS"
	// TokenRejected means that the item cannot be used; nothing changed.
	TokenRejected TokenStatus = "REJECTED"
)

// TokenResult is the result for one item, with its contact.
type TokenResult struct {
	// ContactID is the contact that has the chat; zero when the item was
	// rejected.
	ContactID int64
	Status    TokenStatus
	// NewContact is true when the contact was created for this item.
	NewContact bool
	// Message says why an item was rejected, or that the chat belongs to another
	// contact than the one named.
	Message string
}

// AddTokens records chats of the bot on contacts, creating contacts by the identity
// rules. Items act in order, as if sent one by one; a bad item is rejected alone.
// The results are in the order of the items. More than [MaxTokens] items are
// Invalid.
func (s *Service) AddTokens(ctx context.Context, w workspace.Workspace, botID int64, items []Token) ([]TokenResult, error) {
	if len(items) > MaxTokens {
		return nil, fault.New(fault.Invalid, "too_many_tokens", "send at most %d tokens in one request", MaxTokens).In("tokens")
	}
	r := resolver{match: w.IdentityMatch, workspaceID: w.ID, now: s.now()}
	look := Lookup{WorkspaceID: w.ID, BotID: botID}
	claims := newClaims(items, Reader{w.PhoneRegion})
	for _, c := range claims {
		if c.rejected == "" {
			look.add(c.contactID, c.Identity)
			look.ChatIDs = append(look.ChatIDs, c.chatID)
		}
	}
	var decided []resolution
	err := s.store.Decide(ctx, look, r.now, func(snap Snapshot) (Plan, error) {
		var plan Plan
		decided, plan = r.resolve(snap, claims)
		return plan, nil
	})
	if err != nil {
		return nil, err
	}
	results := make([]TokenResult, len(items))
	for i, d := range decided {
		results[i] = d.result()
	}
	return results, nil
}

// claim is an item whose identifiers are in the form in which they are
// compared, or the reason why it cannot be used.
type claim struct {
	chatID    int64
	contactID int64
	Identity
	rejected string
}

// newClaims checks items.
func newClaims(items []Token, read Reader) []claim {
	claims := make([]claim, len(items))
	spread(len(items), func(i int) { claims[i] = newClaim(items[i], read) })
	return claims
}

// newClaim checks an item. An identifier that cannot be read rejects it: going on
// with the next one could record the chat on the wrong contact.
//
// spec: app-identifier-needed
func newClaim(t Token, read Reader) claim {
	c := claim{chatID: t.ChatID, contactID: t.ContactID}
	if t.ChatID == 0 {
		c.rejected = "token must be a Telegram chat id"
		return c
	}
	id, err := read.Identity(t.ExternalCustomerID, t.Phone, t.Email)
	if f, ok := errors.AsType[*fault.Error](err); ok {
		c.rejected = f.Error()
		return c
	}
	c.Identity = id
	if c.contactID == 0 && id == (Identity{}) {
		c.rejected = "send at least one of contactId, externalCustomerId, phone, email"
	}
	return c
}

// resolver decides the results for claims. It is pure.
type resolver struct {
	match       workspace.IdentityMatch
	workspaceID int64
	now         time.Time
}
