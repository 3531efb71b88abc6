package integration

import (
	"encoding/json"

	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/campaign"
)

// badData stands for data that is no JSON object, so that only its recipient is
// rejected.
var badData = json.RawMessage("null")

// add adds a recipient.
//
// spec: send-limit
func (s *sending) add(to recipient) error {
	if len(s.recipients) == campaign.MaxAddressees {
		return errTooManyRecipients
	}
	to.settle()
	s.recipients = append(s.recipients, to)
	return nil
}

// addRecipient reads a recipient and adds it.
func (s *sending) addRecipient(_ int, v loose.Value) error {
	to, err := decodeRecipient(v)
	if err != nil {
		return err
	}
	return s.add(to)
}

// shared reads a member that both ways to send have in common.
func (s *sending) shared(name string, v loose.Value) (err error) {
	switch name {
	case "appUuid", "app_uuid":
		s.appUUID, err = v.Text()
	case "externalRequestId":
		s.requestID, err = v.Text()
	}
	return err
}

// decodeSmartSend reads a smartsend. Members about other channels are ignored.
func decodeSmartSend(v loose.Value) (s sending, err error) {
	err = v.Members(func(name string, v loose.Value) error {
		if name != "recipients" {
			return s.shared(name, v)
		}
		s.recipients = nil
		return v.Elements(s.addRecipient)
	})
	if err == nil && len(s.recipients) == 0 {
		err = errRecipientsMissing
	}
	return s, err
}

// decodeRecipient reads a recipient of a smartsend.
func decodeRecipient(v loose.Value) (to recipient, err error) {
	err = v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "contactId":
			to.ContactID, err = v.ID()
		case "locator":
			to.ChatID, to.locator, err = v.Chat()
		case "externalCustomerId":
			to.named.ExternalCustomerID, err = v.Text()
		case "jsonParam":
			to.Data, err = decodeParam(v)
		case "languageCode":
			to.Language, err = v.Text()
		case "externalRequestId":
			to.Label, err = v.Text()
		}
		return err
	})
	return to, err
}

// decodeParam reads an object, a string that contains one, or a list of names and
// values; null and the empty string are none.
//
// spec: send-json-param
func decodeParam(v loose.Value) (json.RawMessage, error) {
	if v.IsNull() {
		return nil, nil
	}
	if v.IsArray() {
		params, err := decodeValues(v)
		if err != nil {
			return badData, nil //nolint:nilerror // its recipient alone is rejected
		}
		return params, nil
	}
	if !v.IsString() {
		return v.Raw(), nil
	}
	inner, err := v.Text()
	if err != nil || inner == "" {
		return nil, err
	}
	if body.Check([]byte(inner)) != nil {
		return badData, nil
	}
	if inner == "null" {
		return nil, nil
	}
	return json.RawMessage(inner), nil
}

// decodeOldSend reads a send of the older kind: the same values for everybody,
// and recipients by their locators.
func decodeOldSend(v loose.Value) (s sending, err error) {
	var (
		contactID int64
		data      json.RawMessage
		language  string
	)
	err = v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "params":
			data, err = decodeValues(v)
		case "contactId":
			contactID, err = v.ID()
		case "groupId":
			var groupID int64
			if groupID, err = v.ID(); err == nil && groupID != 0 {
				err = errSendToGroup
			}
		case "languageCode":
			language, err = v.Text()
		case "recipients":
			s.recipients = nil
			err = s.decodeLocators(v)
		default:
			err = s.shared(name, v)
		}
		return err
	})
	if err == nil && contactID != 0 {
		err = s.add(recipient{Addressee: campaign.Addressee{ContactID: contactID}})
	}
	if err == nil && len(s.recipients) == 0 {
		err = errRecipientsMissing
	}
	for i := range s.recipients {
		s.recipients[i].Data, s.recipients[i].Language = data, language
	}
	return s, err
}

// decodeLocators reads whom to send to: a list, or a single one.
func (s *sending) decodeLocators(v loose.Value) error {
	one := func(i int, v loose.Value) error {
		if v.IsObject() {
			return s.addRecipient(i, v)
		}
		id, locator, err := v.Chat()
		if err != nil {
			return err
		}
		return s.add(recipient{Addressee: campaign.Addressee{ChatID: id}, locator: locator})
	}
	if v.IsArray() || v.IsNull() {
		return v.Elements(one)
	}
	return one(0, v)
}

// decodeValues reads a list of names and values as one object; the last of two with
// the same name counts. null is none.
func decodeValues(v loose.Value) (json.RawMessage, error) {
	params := map[string]json.RawMessage{}
	err := v.Elements(func(_ int, v loose.Value) error {
		var (
			key   string
			param = json.RawMessage("null")
		)
		err := v.Members(func(name string, v loose.Value) (err error) {
			switch name {
			case "key", "name":
				key, err = v.Text()
			case "value":
				param = v.Raw()
			}
			return err
		})
		params[key] = param
		return err
	})
	if err != nil || len(params) == 0 {
		return nil, err
	}
	return json.Marshal(params)
}
