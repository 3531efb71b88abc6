package integration

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/subscription"
)

func (a *API) contactCalls() []call {
	const one = "/contact/{id}"
	return []call{
		{method: http.MethodPost, path: "/contact", area: access.AreaContactsWrite, handle: a.saveContact},
		{method: http.MethodDelete, path: "/contact", area: access.AreaContactsRead, handle: a.deleteByExternalID, act: "delete-contact"},
		{method: http.MethodPost, path: "/contact/subscribe", area: access.AreaContactsWrite, handle: a.subscribe},
		{method: http.MethodGet, path: one, area: access.AreaContactsRead, handle: a.getContact},
		{method: http.MethodPut, path: one, area: access.AreaContactsWrite, handle: a.updateContact},
		{method: http.MethodDelete, path: one, area: access.AreaContactsRead, handle: a.deleteContact, act: "delete-contact"},
	}
}

type savedContact struct {
	ID int64 `json:"id"`
}

var (
	errContactID = sentence(http.StatusBadRequest, "contact_id_invalid",
		fmt.Sprintf("A contact id is a whole number from 1 to %d", contact.MaxID))
	errContactMissing = sentence(http.StatusBadRequest, "contact_missing", "Contact must be specified")
)

// saveContact serves POST /contact: the contact is created or updated.
func (a *API) saveContact(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	sent, region, err := a.contactSent(w, r, workspaceID)
	if err != nil {
		return nil, err
	}
	saved, err := a.Contacts.Save(r.Context(), workspaceID, region, sent.profile)
	if err != nil {
		return nil, err
	}
	return savedContact{saved.ID}, a.Groups.Join(r.Context(), workspaceID, sent.groups, []int64{saved.ID})
}

// updateContact serves PUT /contact/{id}, which restores a deleted contact. An id in
// the body does not count.
func (a *API) updateContact(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	id, err := pathID(r, errContactID)
	if err != nil {
		return nil, err
	}
	sent, region, err := a.contactSent(w, r, workspaceID)
	if err != nil {
		return nil, err
	}
	if _, err := a.Contacts.Restore(r.Context(), workspaceID, region, id, sent.profile); err != nil {
		return nil, err
	}
	if err := a.Groups.Join(r.Context(), workspaceID, sent.groups, []int64{id}); err != nil {
		return nil, err
	}
	return sentenceOf(fmt.Sprintf("Contact with id='%d' has been updated", id)), nil
}

// contactSent reads a body that is a contact, and the region of its phone number.
// Unknown custom fields are created, so that no value is lost.
func (a *API) contactSent(w http.ResponseWriter, r *http.Request, workspaceID int64) (sent sentContact, region string, err error) {
	if sent, err = body.Decode(w, r, decodeContact); err != nil {
		return sent, "", err
	}
	if f := audience.CheckNames(sent.groups); f != nil {
		return sent, "", f.In("groups" + f.Field)
	}
	workspace, err := a.Workspaces.Find(r.Context(), workspaceID)
	if err != nil {
		return sent, "", err
	}
	return sent, workspace.PhoneRegion, a.Contacts.EnsureFields(r.Context(), workspaceID, slices.Collect(maps.Keys(sent.profile.Fields)))
}

// getContact serves GET /contact/{id}.
func (a *API) getContact(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	id, err := pathID(r, errContactID)
	if err != nil {
		return nil, err
	}
	c, chats, err := a.Contacts.Get(r.Context(), workspaceID, id)
	if err != nil {
		return nil, err
	}
	groups, err := a.Groups.GroupsOf(r.Context(), workspaceID, []int64{id})
	if err != nil {
		return nil, err
	}
	return showContact(c, chats, groups[id], channelsAsked(r.URL.Query())), nil
}

// deleteContact serves DELETE /contact/{id}.
func (a *API) deleteContact(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	id, err := pathID(r, errContactID)
	if err != nil {
		return nil, err
	}
	erase, err := erases(r)
	if err != nil {
		return nil, err
	}
	if err := a.Contacts.Delete(r.Context(), workspaceID, id, erase); err != nil {
		return nil, err
	}
	return deleted(id), nil
}

// deleteByExternalID serves DELETE /contact?externalCustomerId=.
func (a *API) deleteByExternalID(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	erase, err := erases(r)
	if err != nil {
		return nil, err
	}
	id, err := a.Contacts.DeleteByExternalID(r.Context(), workspaceID, r.URL.Query().Get("externalCustomerId"), erase)
	if err != nil {
		return nil, err
	}
	return deleted(id), nil
}

func deleted(id int64) reply {
	return sentenceOf(fmt.Sprintf("Contact with id='%d' has been deleted", id))
}

// erases reports whether a deletion is for good.
func erases(r *http.Request) (bool, error) {
	erase, err := loose.ParseBool(strings.Trim(r.URL.Query().Get("erase"), `"`))
	return erase, body.Shaped(loose.Inside("erase", err))
}

// subscribe serves POST /contact/subscribe.
func (a *API) subscribe(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	subscription, err := body.Decode(w, r, decodeSubscription)
	if err != nil {
		return nil, err
	}
	workspace, err := a.Workspaces.Find(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	saved, err := a.Subscriptions.Subscribe(r.Context(), workspace, subscription)
	if err != nil {
		return nil, err
	}
	return subscribedContact{saved.ID, saved.Created, emailStatus(saved)}, nil
}

type subscribedContact struct {
	ID          int64  `json:"id"`
	New         bool   `json:"new"`
	EmailStatus string `json:"emailStatus,omitempty"`
}

// emailStatus says in the vendor's words what the email of a contact that has
// subscribed is; empty without one. None needs a confirmation here.
//
// spec: subscribe-status
func emailStatus(saved contact.Saved) string {
	switch {
	case saved.Email == "":
		return ""
	case !saved.UnsubscribedAt.IsZero():
		return "BLACKLISTED"
	case saved.GotEmail:
		return "SUBSCRIBED"
	}
	return "ALREADY_SUBSCRIBED"
}

func decodeSubscription(v loose.Value) (s subscription.Subscription, err error) {
	sent := false
	err = v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "contact":
			sent = !v.IsNull()
			s.Contact, err = decodeProfile(v)
		case "groups":
			s.Groups, err = v.Texts()
		case "subscriptions":
			s.Categories, err = v.Texts()
		case "formType":
			s.FormType, err = v.Text()
		}
		return err
	})
	if err == nil && !sent {
		err = errContactMissing
	}
	return s, err
}

// sentContact is the body of a call that saves one contact.
type sentContact struct {
	profile contact.Profile
	// groups are the names of those that the contact joins.
	groups []string
}

// decodeContact reads a body that is a contact, bare or as the member that the
// subscription has it in.
func decodeContact(v loose.Value) (sent sentContact, err error) {
	if v.Empty() {
		return sent, errContactMissing
	}
	inner := v
	err = v.Members(func(name string, v loose.Value) error {
		if name == "contact" && v.IsObject() {
			inner = v
		}
		return nil
	})
	if err == nil {
		sent.profile, err = decodeProfile(inner)
	}
	if err == nil {
		sent.groups, err = decodeGroupNames(inner)
	}
	return sent, err
}

// decodeGroupNames reads the names among the groups of a contact.
func decodeGroupNames(v loose.Value) (names []string, err error) {
	err = v.Members(func(name string, v loose.Value) error {
		if name != "groups" {
			return nil
		}
		return v.Elements(func(_ int, v loose.Value) error {
			return v.Members(func(name string, v loose.Value) error {
				if name != "name" || v.IsNull() {
					return nil
				}
				group, err := v.Text()
				names = append(names, group)
				return err
			})
		})
	})
	return names, err
}
