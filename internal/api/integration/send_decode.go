package integration

import (
	"encoding/json"

	"bellman/internal/api/body"
	"bellman/internal/campaign"
)

// badData stands for data that is no JSON object, so that its recipient alone
// is rejected.
var badData = json.RawMessage("null")

// add takes a recipient in.
func (s *sending) add(to campaign.Addressee, locator string) error {
	if len(s.addressees) == campaign.MaxAddressees {
		return errTooManyRecipients
	}
	s.addressees, s.locators = append(s.addressees, to), append(s.locators, locator)
	return nil
}

// shared reads a member that both ways to send have.
func (s *sending) shared(name string, value []byte) (err error) {
	switch name {
	case "appUuid", "app_uuid":
		s.appUUID, err = text(value)
	case "externalRequestId":
		s.requestID, err = text(value)
	}
	return err
}

// decodeSmartSend reads a smartsend. What concerns other channels is ignored.
func decodeSmartSend(raw []byte) (s sending, err error) {
	if len(raw) == 0 {
		return s, errRecipientsMissing
	}
	err = members(raw, func(name string, value []byte) error {
		if name != "recipients" {
			return s.shared(name, value)
		}
		s.addressees, s.locators = nil, nil
		return elements(value, func(_ int, value []byte) error {
			to, locator, err := decodeRecipient(value)
			if err != nil {
				return err
			}
			return s.add(to, locator)
		})
	})
	if err == nil && len(s.addressees) == 0 {
		err = errRecipientsMissing
	}
	return s, shaped(err)
}

// decodeRecipient reads a recipient of a smartsend. A contactId goes before a
// locator; a locator that is no chat id leaves nobody, who is rejected.
func decodeRecipient(value []byte) (to campaign.Addressee, locator string, err error) {
	err = members(value, func(name string, value []byte) (err error) {
		switch name {
		case "contactId":
			to.ContactID, err = positive(value)
		case "locator":
			to.ChatID, locator, err = chat(value)
		case "jsonParam":
			to.Data, err = decodeParam(value)
		case "languageCode":
			to.Language, err = text(value)
		case "externalRequestId":
			to.Key, err = text(value)
		}
		return err
	})
	if to.ContactID != 0 {
		to.ChatID = 0
	}
	return to, locator, err
}

// decodeParam reads an object, or a string that holds one; null and the empty
// string are none.
func decodeParam(value []byte) (json.RawMessage, error) {
	if isNull(value) {
		return nil, nil
	}
	if value[0] != '"' {
		return value, nil
	}
	inner, err := unquote(value)
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
func decodeOldSend(raw []byte) (s sending, err error) {
	if len(raw) == 0 {
		return s, errRecipientsMissing
	}
	var (
		contactID int64
		data      json.RawMessage
		language  string
	)
	err = members(raw, func(name string, value []byte) (err error) {
		switch name {
		case "params":
			data, err = decodeValues(value)
		case "contactId":
			contactID, err = positive(value)
		case "groupId":
			var groupID int64
			if groupID, err = positive(value); err == nil && groupID != 0 {
				err = errSendToGroup
			}
		case "languageCode":
			language, err = text(value)
		case "recipients":
			s.addressees, s.locators = nil, nil
			err = s.decodeLocators(value)
		default:
			err = s.shared(name, value)
		}
		return err
	})
	if err == nil && contactID != 0 {
		err = s.add(campaign.Addressee{ContactID: contactID}, "")
	}
	if err == nil && len(s.addressees) == 0 {
		err = errRecipientsMissing
	}
	for i := range s.addressees {
		s.addressees[i].Data, s.addressees[i].Language = data, language
	}
	return s, shaped(err)
}

// decodeLocators reads the chats to send to: a list, or the lone one that
// stands for it.
func (s *sending) decodeLocators(value []byte) error {
	one := func(_ int, value []byte) error {
		if value[0] == '{' {
			to, locator, err := decodeRecipient(value)
			if err != nil {
				return err
			}
			return s.add(to, locator)
		}
		id, locator, err := chat(value)
		if err != nil {
			return err
		}
		return s.add(campaign.Addressee{ChatID: id}, locator)
	}
	if value[0] == '[' || isNull(value) {
		return elements(value, one)
	}
	return one(0, value)
}

// decodeValues reads a list of names and values as one object; the last of two
// with the same name counts. null is none.
func decodeValues(value []byte) (json.RawMessage, error) {
	params := map[string]json.RawMessage{}
	err := elements(value, func(_ int, value []byte) error {
		var (
			key   string
			param = json.RawMessage("null")
		)
		err := members(value, func(name string, value []byte) (err error) {
			switch name {
			case "key", "name":
				key, err = text(value)
			case "value":
				param = value
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
