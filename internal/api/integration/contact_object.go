package integration

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"bellman/internal/audience"
	"bellman/internal/contact"
)

// contactObject is a contact as this API shows it.
type contactObject struct {
	ID                 int64           `json:"id"`
	ExternalCustomerID string          `json:"externalCustomerId,omitempty"`
	FirstName          string          `json:"firstName,omitempty"`
	LastName           string          `json:"lastName,omitempty"`
	Channels           []channelObject `json:"channels"`
	Address            *addressObject  `json:"address,omitempty"`
	Fields             []fieldObject   `json:"fields"`
	AddressBookID      int64           `json:"addressBookId"`
	ContactKey         string          `json:"contactKey,omitempty"`
	OrdersInfo         *ordersObject   `json:"ordersInfo,omitempty"`
	Groups             []groupObject   `json:"groups"`
	LanguageCode       string          `json:"languageCode,omitempty"`
	TimeZone           string          `json:"timeZone,omitempty"`
}

type channelObject struct {
	Type   string        `json:"type"`
	Value  string        `json:"value"`
	Device *deviceObject `json:"device,omitempty"`
}

type deviceObject struct {
	AppID         string `json:"appId,omitempty"`
	DeviceModel   string `json:"deviceModel,omitempty"`
	OS            string `json:"os,omitempty"`
	Locale        string `json:"locale,omitempty"`
	ClientVersion string `json:"clientVersion,omitempty"`
	AppVersion    string `json:"appVersion,omitempty"`
	Active        bool   `json:"active"`
}

type addressObject struct {
	Region   string `json:"region,omitempty"`
	Town     string `json:"town,omitempty"`
	Address  string `json:"address,omitempty"`
	Postcode string `json:"postcode,omitempty"`
}

type fieldObject struct {
	ID    int64  `json:"id"`
	Value string `json:"value"`
}

type ordersObject struct {
	LastDate string `json:"lastDate,omitempty"`
	Count    int64  `json:"count"`
}

// addressBookID is the id of the one catalog of custom fields that a workspace has.
const addressBookID = 1

// stamp is how this API writes times.
const stamp = "2006-01-02T15:04:05Z"

func showContact(c contact.Contact, chats []contact.Chat, groups []audience.Group, shown channelTypes) contactObject {
	out := contactObject{
		ID: c.ID, ExternalCustomerID: c.ExternalCustomerID, FirstName: c.FirstName, LastName: c.LastName,
		Channels: shown.among(showChannels(c, chats)), Fields: []fieldObject{}, AddressBookID: addressBookID,
		ContactKey: c.ContactKey, Groups: showGroups(groups), LanguageCode: c.LanguageCode, TimeZone: c.TimeZone,
	}
	if c.Address != (contact.Address{}) {
		out.Address = (*addressObject)(&c.Address)
	}
	for _, id := range slices.Sorted(maps.Keys(c.Fields)) {
		out.Fields = append(out.Fields, fieldObject{id, c.Fields[id]})
	}
	if c.Orders != (contact.Orders{}) {
		out.OrdersInfo = &ordersObject{Count: c.Orders.Count}
		if !c.Orders.LastAt.IsZero() {
			out.OrdersInfo.LastDate = c.Orders.LastAt.UTC().Format(stamp)
		}
	}
	return out
}

func showChannels(c contact.Contact, chats []contact.Chat) []channelObject {
	out := []channelObject{}
	if c.Email != "" {
		out = append(out, channelObject{Type: "email", Value: c.Email})
	}
	if c.Phone != "" {
		out = append(out, channelObject{Type: "sms", Value: c.Phone})
	}
	devices := slices.SortedFunc(slices.Values(c.Devices), func(a, b contact.Device) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Token, b.Token))
	})
	for _, d := range devices {
		out = append(out, channelObject{Type: string(d.Type), Value: d.Token, Device: &deviceObject{
			d.AppID, d.DeviceModel, d.OS, d.Locale, d.ClientVersion, d.AppVersion, !d.Inactive,
		}})
	}
	chats = slices.SortedFunc(slices.Values(chats), func(a, b contact.Chat) int {
		return cmp.Or(cmp.Compare(a.BotID, b.BotID), cmp.Compare(a.ChatID, b.ChatID))
	})
	for _, chat := range chats {
		out = append(out, channelObject{
			Type: channelTelegram, Value: strconv.FormatInt(chat.ChatID, 10), Device: &deviceObject{AppID: chat.AppUUID, Active: !chat.Inactive},
		})
	}
	return out
}
