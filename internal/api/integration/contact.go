package integration

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/contact"
)

// contactObject is a contact as this API shows it.
type contactObject struct {
	ID                 int64           `json:"id"`
	ExternalCustomerID string          `json:"externalCustomerId,omitempty"`
	FirstName          string          `json:"firstName,omitempty"`
	LastName           string          `json:"lastName,omitempty"`
	Channels           []channelObject `json:"channels"`
	LanguageCode       string          `json:"languageCode,omitempty"`
	TimeZone           string          `json:"timeZone,omitempty"`
}

type channelObject struct {
	Type   string        `json:"type"`
	Value  string        `json:"value"`
	Device *deviceObject `json:"device,omitempty"`
}

type deviceObject struct {
	AppID string `json:"appId"`
}

type savedContact struct {
	ID int64 `json:"id"`
}

var (
	errContactID      = sentence(http.StatusBadRequest, "contact_id_invalid", fmt.Sprintf("A contact id is a whole number from 1 to %d", contact.MaxID))
	errContactMissing = sentence(http.StatusBadRequest, "contact_missing", "Contact must be specified")
)

func (a *API) contactCalls() []call {
	return []call{
		{method: http.MethodPost, path: "/contact", area: access.AreaContactsWrite, handle: a.saveContact},
		{method: http.MethodGet, path: "/contact/{id}", area: access.AreaContactsRead, handle: a.getContact},
	}
}

// saveContact serves POST /contact: the contact is created or updated.
func (a *API) saveContact(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	raw, err := body.Read(w, r)
	if err != nil {
		return nil, err
	}
	profile, err := decodeContact(raw)
	if err != nil {
		return nil, err
	}
	workspace, err := a.Access.Workspace(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	saved, err := a.Contacts.Save(r.Context(), workspaceID, workspace.PhoneRegion, profile)
	if err != nil {
		return nil, err
	}
	return savedContact{saved.ID}, nil
}

// getContact serves GET /contact/{id}.
func (a *API) getContact(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id < 1 || id > contact.MaxID {
		return nil, errContactID
	}
	c, chats, err := a.Contacts.Get(r.Context(), workspaceID, id)
	if err != nil {
		return nil, err
	}
	return showContact(c, chats), nil
}

func showContact(c contact.Contact, chats []contact.Chat) contactObject {
	out := contactObject{
		ID: c.ID, ExternalCustomerID: c.ExternalCustomerID, FirstName: c.FirstName, LastName: c.LastName,
		Channels: []channelObject{}, LanguageCode: c.LanguageCode, TimeZone: c.TimeZone,
	}
	if c.Email != "" {
		out.Channels = append(out.Channels, channelObject{Type: "email", Value: c.Email})
	}
	if c.Phone != "" {
		out.Channels = append(out.Channels, channelObject{Type: "sms", Value: c.Phone})
	}
	slices.SortFunc(chats, func(a, b contact.Chat) int {
		return cmp.Or(cmp.Compare(a.BotID, b.BotID), cmp.Compare(a.ChatID, b.ChatID))
	})
	for _, chat := range chats {
		out.Channels = append(out.Channels, channelObject{
			Type: "telegram", Value: strconv.FormatInt(chat.ChatID, 10), Device: &deviceObject{chat.AppUUID},
		})
	}
	return out
}

// decodeContact reads a contact as it is written. What is absent or null is
// left alone; channels other than email and sms are ignored.
func decodeContact(raw []byte) (p contact.Profile, err error) {
	if len(raw) == 0 {
		return p, errContactMissing
	}
	err = members(raw, func(name string, value []byte) (err error) {
		switch name {
		case "id":
			err = setID(&p.ID, value)
		case "externalCustomerId":
			err = set(&p.ExternalCustomerID, value)
		case "firstName":
			err = set(&p.FirstName, value)
		case "lastName":
			err = set(&p.LastName, value)
		case "languageCode":
			err = set(&p.LanguageCode, value)
		case "timeZone":
			err = set(&p.TimeZone, value)
		case "channels":
			p.Email, p.Phone = nil, nil
			err = elements(value, func(_ int, value []byte) error { return decodeChannel(value, &p) })
		}
		return err
	})
	return p, shaped(err)
}

// decodeChannel reads one channel into the profile, which has room for one
// email and one phone.
func decodeChannel(value []byte, p *contact.Profile) error {
	var kind string
	var address *string
	err := members(value, func(name string, value []byte) (err error) {
		switch name {
		case "type":
			kind, err = text(value)
		case "value":
			err = set(&address, value)
		}
		return err
	})
	place := map[string]**string{"email": &p.Email, "sms": &p.Phone}[kind]
	if err != nil || place == nil || address == nil {
		return err
	}
	if *place != nil && **place != *address {
		return want("the only channel of type " + kind)
	}
	*place = address
	return nil
}

// set reads a text; null leaves the place alone.
func set(place **string, value []byte) error {
	if isNull(value) {
		return nil
	}
	s, err := text(value)
	*place = &s
	return err
}

// setID reads a contact id; null leaves the place alone.
func setID(place **int64, value []byte) error {
	id, err := positive(value)
	if id != 0 {
		*place = &id
	}
	return err
}
