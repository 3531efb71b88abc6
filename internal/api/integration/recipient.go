package integration

import (
	"context"
	"slices"
	"strings"

	"bellman/internal/campaign"
	"bellman/internal/contact"
)

// recipient is one of those that a message is sent to.
type recipient struct {
	campaign.Addressee
	// locator is as it was sent, to be repeated in the answer.
	locator string
	// named is what leads to the contact of a recipient without contactId and chat: one
	// identifier, as it was sent.
	named contact.Identity
}

// settle decides by what the recipient is named: by contactId, else by
// externalCustomerId, else by the locator. Digits are the id of a chat and never a
// phone: a chat that has left could be somebody else's number.
//
// spec: send-recipient
func (to *recipient) settle() {
	switch {
	case to.ContactID != 0:
		to.ChatID, to.named = 0, contact.Identity{}
	case to.named.ExternalCustomerID != "":
		to.ChatID = 0
	case to.ChatID != 0:
	case strings.Contains(to.locator, "@"):
		to.named.Email = to.locator
	default:
		to.named.Phone = to.locator
	}
}

// by names the identifier that the recipient has.
func (to *recipient) by() string {
	switch {
	case to.named.ExternalCustomerID != "":
		return "externalCustomerId"
	case to.named.Email != "":
		return "email"
	case to.named.Phone != "":
		return "phone"
	}
	return "id"
}

// locate gives recipients who are named by something else than an id that of their
// contact, if there is one. What cannot be read names nobody.
func (a *API) locate(ctx context.Context, workspaceID int64, recipients []recipient) error {
	if !slices.ContainsFunc(recipients, func(to recipient) bool { return to.named != contact.Identity{} }) {
		return nil
	}
	var (
		places []int
		who    []contact.Identity
	)
	workspace, err := a.Workspaces.Find(ctx, workspaceID)
	if err != nil {
		return err
	}
	read := contact.Reader{Region: workspace.PhoneRegion}
	for i := range recipients {
		to := &recipients[i]
		id, err := read.Identity(to.named.ExternalCustomerID, to.named.Phone, to.named.Email)
		if err != nil {
			id = contact.Identity{}
		}
		if to.named = id; id != (contact.Identity{}) {
			places, who = append(places, i), append(who, id)
		}
	}
	if len(who) == 0 {
		return nil
	}
	ids, err := a.Contacts.Locate(ctx, workspaceID, who)
	for i, id := range ids {
		recipients[places[i]].ContactID = id
	}
	return err
}
