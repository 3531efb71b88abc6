package contact

import (
	"fmt"

	"bellman/internal/workspace"
)

// resolution is the result for one claim. The contact may not be written yet; then
// its id is known once it is.
type resolution struct {
	status  TokenStatus
	contact *Contact
	fresh   bool
	message string
}

func (r resolution) result() TokenResult {
	out := TokenResult{Status: r.status, Message: r.message, NewContact: r.fresh}
	if r.contact != nil {
		out.ContactID = r.contact.ID
	}
	return out
}

// resolve applies the identity rules to the claims in order. Each claim sees the
// results of those before it.
func (r resolver) resolve(snap Snapshot, claims []claim) ([]resolution, Plan) {
	d := newDraft(newIndex(snap, 0), r.now)
	out := make([]resolution, len(claims))
	for i, c := range claims {
		out[i] = r.one(d, c)
	}
	return out, d.finish()
}

// spec: app-first-decides app-created-with-all app-matched-untouched app-tokens-add
func (r resolver) one(d *draft, c claim) resolution {
	if c.rejected != "" {
		return resolution{status: TokenRejected, message: c.rejected}
	}
	known := d.known
	target := r.find(known, c)
	if holder := known.byChat[c.chatID]; holder != nil {
		out := resolution{status: TokenExists, contact: holder}
		if target != nil && target != holder {
			out.message = "this token belongs to another contact and stays there"
		}
		return out
	}
	out := resolution{status: TokenCreated}
	if target == nil {
		if c.Identity == (Identity{}) { // then there is a contactId
			return resolution{status: TokenRejected, message: fmt.Sprintf("there is no contact with contactId %d", c.contactID)}
		}
		id := known.free(c.Identity)
		target, _ = d.create(r.workspaceID, func(c *Contact) { c.Identity = id })
		out.fresh = true
	} else if !target.living() {
		d.change(target, func(*Contact) {})
		known.giveBack(target)
	}
	known.byChat[c.chatID] = target
	d.plan.Chats = append(d.plan.Chats, PlannedChat{ChatID: c.chatID, Contact: target})
	out.contact = target
	return out
}

// find returns the contact that the claim's identifiers name, by priority; nil when
// there is none. Under MatchFirst only the first identifier that was sent counts.
//
// spec: app-priority
func (r resolver) find(known *index, c claim) *Contact {
	steps := []struct {
		sent  bool
		match func() *Contact
	}{
		{c.contactID != 0, func() *Contact { return known.livingByID(c.contactID) }},
		{c.ExternalCustomerID != "", func() *Contact { return known.byExternal[c.ExternalCustomerID] }},
		{c.Phone != "", func() *Contact { return known.living(known.byPhone[c.Phone]) }},
		{c.Email != "", func() *Contact { return known.living(known.byEmail[EmailKey(c.Email)]) }},
	}
	for _, step := range steps {
		if !step.sent {
			continue
		}
		if found := step.match(); found != nil || r.match == workspace.MatchFirst {
			return found
		}
	}
	return nil
}
