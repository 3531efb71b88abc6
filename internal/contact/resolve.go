package contact

import (
	"fmt"

	"bellman/internal/access"
)

// resolution is what becomes of one claim. The contact may be one that is yet
// to be written; its id is known once it is.
type resolution struct {
	status  TokenStatus
	contact *Contact
	message string
}

func (r resolution) result() TokenResult {
	out := TokenResult{Status: r.status, Message: r.message}
	if r.contact != nil {
		out.ContactID = r.contact.ID
	}
	return out
}

// resolve applies the identity rules to the claims in order. Each claim sees
// what those before it did.
func (r resolver) resolve(snap Snapshot, claims []claim) ([]resolution, Plan) {
	known := newIndex(snap)
	var plan Plan
	out := make([]resolution, len(claims))
	for i, c := range claims {
		out[i] = r.one(known, c, &plan)
	}
	return out, plan
}

func (r resolver) one(known *index, c claim, plan *Plan) resolution {
	if c.rejected != "" {
		return resolution{status: TokenRejected, message: c.rejected}
	}
	target := r.find(known, c)
	if holder := known.byChat[c.chatID]; holder != nil {
		out := resolution{status: TokenExists, contact: holder}
		if target != nil && target != holder {
			out.message = "this token belongs to another contact and stays there"
		}
		return out
	}
	if target == nil {
		if c.contactID != 0 && c.Identity == (Identity{}) {
			return resolution{status: TokenRejected, message: fmt.Sprintf("there is no contact with contactId %d", c.contactID)}
		}
		target = &Contact{WorkspaceID: r.workspaceID, Identity: known.free(c.Identity), CreatedAt: r.now, UpdatedAt: r.now}
		known.add(target)
		plan.Create = append(plan.Create, target)
	}
	known.byChat[c.chatID] = target
	plan.Chats = append(plan.Chats, PlannedChat{ChatID: c.chatID, Contact: target})
	return resolution{status: TokenCreated, contact: target}
}

// find returns the contact that the claim's identifiers name, by priority; nil
// when that is nobody. Under MatchFirst only the first identifier that was
// sent counts.
func (r resolver) find(known *index, c claim) *Contact {
	steps := []struct {
		sent  bool
		match func() *Contact
	}{
		{c.contactID != 0, func() *Contact { return known.byID[c.contactID] }},
		{c.ExternalCustomerID != "", func() *Contact { return known.byExternal[c.ExternalCustomerID] }},
		{c.Phone != "", func() *Contact { return preferred(known.byPhone[c.Phone]) }},
		{c.Email != "", func() *Contact { return preferred(known.byEmail[EmailKey(c.Email)]) }},
	}
	for _, step := range steps {
		if !step.sent {
			continue
		}
		if found := step.match(); found != nil || r.match == access.MatchFirst {
			return found
		}
	}
	return nil
}

// preferred picks among contacts that share a phone or an email: the one
// without an externalCustomerId, else the most recently updated, else the
// oldest.
func preferred(holders []*Contact) *Contact {
	var best *Contact
	for _, c := range holders {
		if best == nil || before(c, best) {
			best = c
		}
	}
	return best
}

func before(a, b *Contact) bool {
	if (a.ExternalCustomerID == "") != (b.ExternalCustomerID == "") {
		return a.ExternalCustomerID == ""
	}
	if !a.UpdatedAt.Equal(b.UpdatedAt) {
		return a.UpdatedAt.After(b.UpdatedAt)
	}
	// An id of zero belongs to a contact that is only about to be written.
	return a.ID != 0 && (b.ID == 0 || a.ID < b.ID)
}

// index finds contacts and chats by what they are known by.
type index struct {
	byID       map[int64]*Contact
	byExternal map[string]*Contact
	byPhone    map[string][]*Contact
	byEmail    map[string][]*Contact
	byChat     map[int64]*Contact
}

func newIndex(snap Snapshot) *index {
	known := &index{
		byID:       make(map[int64]*Contact, len(snap.Contacts)),
		byExternal: map[string]*Contact{},
		byPhone:    map[string][]*Contact{},
		byEmail:    map[string][]*Contact{},
		byChat:     make(map[int64]*Contact, len(snap.Chats)),
	}
	for i := range snap.Contacts {
		known.add(&snap.Contacts[i])
	}
	for _, chat := range snap.Chats {
		holder := known.byID[chat.ContactID]
		if holder == nil {
			// Whoever has the chat was not named by the lookup: the id is all
			// that is asked of them.
			holder = &Contact{ID: chat.ContactID}
			known.byID[chat.ContactID] = holder
		}
		known.byChat[chat.ChatID] = holder
	}
	return known
}

func (x *index) add(c *Contact) {
	if c.ID != 0 {
		x.byID[c.ID] = c
	}
	if c.ExternalCustomerID != "" {
		x.byExternal[c.ExternalCustomerID] = c
	}
	if c.Phone != "" {
		x.byPhone[c.Phone] = append(x.byPhone[c.Phone], c)
	}
	if c.Email != "" {
		x.byEmail[EmailKey(c.Email)] = append(x.byEmail[EmailKey(c.Email)], c)
	}
}

// free returns those identifiers that nobody holds.
func (x *index) free(id Identity) Identity {
	if x.byExternal[id.ExternalCustomerID] != nil {
		id.ExternalCustomerID = ""
	}
	if len(x.byPhone[id.Phone]) > 0 {
		id.Phone = ""
	}
	if len(x.byEmail[EmailKey(id.Email)]) > 0 {
		id.Email = ""
	}
	return id
}

// adoptable returns the contact that an email, else a phone, leads to when its
// externalCustomerId does not contradict the one sent; nil when that is
// nobody.
func (x *index) adoptable(id Identity) *Contact {
	for _, holders := range [][]*Contact{x.byEmail[EmailKey(id.Email)], x.byPhone[id.Phone]} {
		fit := holders[:0:0]
		for _, c := range holders {
			if id.ExternalCustomerID == "" || c.ExternalCustomerID == "" {
				fit = append(fit, c)
			}
		}
		if found := preferred(fit); found != nil {
			return found
		}
	}
	return nil
}
