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

// addressBook is the id of the one catalog of custom fields that a workspace has.
const addressBook = 1

// stamp is how this API writes times.
const stamp = "2006-01-02T15:04:05Z"

func showContact(c contact.Contact, chats []contact.Chat, groups []audience.Group) contactObject {
	out := contactObject{
		ID: c.ID, ExternalCustomerID: c.ExternalCustomerID, FirstName: c.FirstName, LastName: c.LastName,
		Channels: showChannels(c, chats), Fields: []fieldObject{}, AddressBookID: addressBook,
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
			Type: "telegram", Value: strconv.FormatInt(chat.ChatID, 10), Device: &deviceObject{AppID: chat.AppUUID, Active: !chat.Inactive},
		})
	}
	return out
}

// decodeProfile reads a contact as it is written. What is absent or null is left
// alone; channels that are no identity and no push token are passed over, and so
// are groups, which are only read.
func decodeProfile(raw []byte) (p contact.Profile, err error) {
	return p, members(raw, func(name string, value []byte) (err error) {
		switch name {
		case "id":
			err = setID(&p.ID, value)
		case "externalCustomerId":
			err = set(&p.ExternalCustomerID, value)
		case "firstName":
			err = set(&p.FirstName, value)
		case "lastName":
			err = set(&p.LastName, value)
		case "contactKey":
			err = set(&p.ContactKey, value)
		case "languageCode":
			err = set(&p.LanguageCode, value)
		case "timeZone":
			err = set(&p.TimeZone, value)
		case "address":
			err = decodeAddress(value, &p)
		case "ordersInfo":
			err = decodeOrders(value, &p)
		case "fields":
			p.Fields = nil
			err = elements(value, func(_ int, value []byte) error { return decodeField(value, &p) })
		case "channels":
			p.Email, p.Phone, p.Devices = nil, nil, nil
			err = elements(value, func(_ int, value []byte) error { return decodeChannel(value, &p) })
		}
		return err
	})
}

func decodeAddress(raw []byte, p *contact.Profile) error {
	return members(raw, func(name string, value []byte) error {
		switch name {
		case "region":
			return set(&p.Region, value)
		case "town":
			return set(&p.Town, value)
		case "address":
			return set(&p.Address, value)
		case "postcode":
			return set(&p.Postcode, value)
		}
		return nil
	})
}

func decodeOrders(raw []byte, p *contact.Profile) error {
	if isNull(raw) {
		return nil
	}
	p.Orders = &contact.Orders{}
	return members(raw, func(name string, value []byte) (err error) {
		switch name {
		case "lastDate":
			p.Orders.LastAt, _, err = moment(value)
		case "count":
			p.Orders.Count, err = whole(value)
		}
		return err
	})
}

// decodeField reads a value of a custom field; one that is null is left alone.
func decodeField(raw []byte, p *contact.Profile) error {
	var (
		id   int64
		sent *string
	)
	err := members(raw, func(name string, value []byte) (err error) {
		switch name {
		case "id":
			id, err = positive(value)
		case "value":
			if !isNull(value) {
				var s string
				s, err = scalar(value)
				sent = &s
			}
		}
		return err
	})
	if err != nil || sent == nil {
		return err
	}
	if id == 0 {
		return inside("id", want("that of a custom field"))
	}
	if p.Fields == nil {
		p.Fields = map[int64]string{}
	}
	p.Fields[id] = *sent
	return nil
}

// decodeChannel reads one channel into the profile, which has room for one email
// and one phone, and for many push tokens.
func decodeChannel(raw []byte, p *contact.Profile) error {
	var (
		kind    string
		address *string
		device  contact.Device
	)
	err := members(raw, func(name string, value []byte) (err error) {
		switch name {
		case "type":
			kind, err = text(value)
		case "value":
			err = set(&address, value)
		case "device", "webPushSubscription":
			err = decodeDevice(value, &device)
		}
		return err
	})
	if err != nil || address == nil {
		return err
	}
	if kind == string(contact.MobilePush) || kind == string(contact.WebPush) {
		if *address != "" {
			device.Type, device.Token = contact.DeviceType(kind), *address
			p.Devices = append(p.Devices, device)
		}
		return nil
	}
	place := map[string]**string{"email": &p.Email, "sms": &p.Phone}[kind]
	if place == nil {
		return nil
	}
	if *place != nil && **place != *address {
		return want("the only channel of type " + kind)
	}
	*place = address
	return nil
}

// decodeDevice reads what is said of a device.
func decodeDevice(raw []byte, d *contact.Device) error {
	return members(raw, func(name string, value []byte) (err error) {
		switch name {
		case "appId":
			d.AppID, err = text(value)
		case "deviceModel":
			d.DeviceModel, err = text(value)
		case "os":
			d.OS, err = text(value)
		case "locale":
			d.Locale, err = text(value)
		case "clientVersion":
			d.ClientVersion, err = scalar(value)
		case "appVersion":
			d.AppVersion, err = scalar(value)
		case "active":
			if !isNull(value) {
				var active bool
				active, err = boolean(value)
				d.Inactive = !active
			}
		}
		return err
	})
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
