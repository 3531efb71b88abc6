package integration

import (
	"errors"
	"strconv"

	"bellman/internal/api/loose"
	"bellman/internal/contact"
	"bellman/internal/fault"
)

// decodeProfile reads a contact in a request. Members that are absent or null leave
// their values unchanged. Channels that are neither an identifier nor a push token
// are ignored; of several channels of a type that a contact has one of, the first
// counts. The error is that of the first value that cannot be read.
func decodeProfile(v loose.Value) (contact.Profile, error) {
	var d profileDecoder
	d.read(v)
	if len(d.unread) > 0 {
		return d.profile, d.unread[0].err
	}
	return d.profile, nil
}

// decodeImported reads a contact of an import, whose other values are imported when
// one cannot be read.
func decodeImported(v loose.Value) contact.Profile {
	var d profileDecoder
	d.read(v)
	for _, u := range d.unread {
		d.profile.Unread = append(d.profile.Unread, contact.Gap{Attribute: u.attribute, FieldID: u.fieldID, Fault: faultOf(u.err)})
	}
	return d.profile
}

// faultOf returns the fault of a value that cannot be read; decoding returns no other
// errors.
func faultOf(err error) *fault.Error {
	shape, _ := errors.AsType[*loose.Error](err)
	return fault.New(fault.Invalid, "value_unreadable", "write %s", shape.Want).In(shape.Path)
}

// profileDecoder reads a contact as far as it can be read.
type profileDecoder struct {
	profile contact.Profile
	unread  []unread
}

// unread is a value that cannot be read.
type unread struct {
	attribute contact.Attribute
	fieldID   int64
	err       error
}

// note keeps the error, if there is one, with its place in the contact.
func (d *profileDecoder) note(a contact.Attribute, place string, err error) {
	if err != nil {
		d.unread = append(d.unread, unread{attribute: a, err: loose.Inside(place, err)})
	}
}

func (d *profileDecoder) read(v loose.Value) {
	p := &d.profile
	// Each member notes what it cannot read.
	d.note("", "", v.Members(func(name string, v loose.Value) error {
		switch name {
		case "id":
			d.note("", name, v.SetID(&p.ID))
		case "externalCustomerId":
			d.text(contact.AttributeExternalID, name, v, &p.ExternalCustomerID)
		case "firstName":
			d.text(contact.AttributeFirstName, name, v, &p.FirstName)
		case "lastName":
			d.text(contact.AttributeLastName, name, v, &p.LastName)
		case "contactKey":
			d.text(contact.AttributeContactKey, name, v, &p.ContactKey)
		case "languageCode":
			d.text(contact.AttributeLanguageCode, name, v, &p.LanguageCode)
		case "timeZone":
			d.text(contact.AttributeTimeZone, name, v, &p.TimeZone)
		case "address":
			d.note("", name, v.Members(d.address))
		case "ordersInfo":
			d.note(contact.AttributeOrders, name, decodeOrders(v, p))
		case "fields":
			p.Fields = nil
			d.each(name, v, d.field)
		case "channels":
			p.Email, p.Phone, p.Devices = nil, nil, nil
			d.each(name, v, d.channel)
		}
		return nil
	}))
}

// text reads a text into place.
func (d *profileDecoder) text(a contact.Attribute, name string, v loose.Value, place **string) {
	var s *string
	if err := v.SetText(&s); err != nil {
		d.note(a, name, err)
		return
	}
	if s != nil {
		*place = s
	}
}

func (d *profileDecoder) address(name string, v loose.Value) error {
	p := &d.profile
	place := map[string]**string{"region": &p.Region, "town": &p.Town, "address": &p.Address, "postcode": &p.Postcode}[name]
	if place != nil {
		d.text(contact.Attribute(name), "address."+name, v, place)
	}
	return nil
}

// maxUnread is how many elements of a list are named that could not be read.
const maxUnread = 20

// each reads the elements of a list; read returns what it could not read. What is more
// than the first maxUnread is left out without being named.
func (d *profileDecoder) each(name string, v loose.Value, read func(v loose.Value) unread) {
	var named int
	err := v.Elements(func(i int, element loose.Value) error {
		u := read(element)
		if u.err == nil || named == maxUnread {
			return nil
		}
		named++
		if v.IsArray() {
			u.err = loose.Inside("["+strconv.Itoa(i)+"]", u.err)
		}
		u.err = loose.Inside(name, u.err)
		d.unread = append(d.unread, u)
		return nil
	})
	d.note("", name, err)
}

func decodeOrders(v loose.Value, p *contact.Profile) error {
	if v.IsNull() {
		return nil
	}
	orders := &contact.Orders{}
	err := v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "lastDate":
			orders.LastAt, _, err = v.Time()
		case "count":
			orders.Count, err = v.Whole()
		}
		return err
	})
	if err == nil {
		p.Orders = orders
	}
	return err
}

// field reads a value of a custom field; null leaves it unchanged.
func (d *profileDecoder) field(v loose.Value) unread {
	var (
		id   int64
		sent *string
	)
	err := v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "id":
			id, err = v.ID()
		case "value":
			if !v.IsNull() {
				var s string
				s, err = v.Scalar()
				sent = &s
			}
		}
		return err
	})
	if err == nil && sent != nil && id == 0 {
		err = loose.Inside("id", loose.Want("that of a custom field"))
	}
	if err != nil || sent == nil {
		return unread{fieldID: id, err: err}
	}
	if d.profile.Fields == nil {
		d.profile.Fields = map[int64]string{}
	}
	d.profile.Fields[id] = *sent
	return unread{}
}

// channel reads one channel into the profile, which has room for one email and one
// phone, and for many push tokens.
func (d *profileDecoder) channel(v loose.Value) unread {
	var (
		kind    string
		address *string
		device  contact.Device
	)
	err := v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "type":
			kind, err = v.Text()
		case "value":
			err = v.SetText(&address)
		case "device", "webPushSubscription":
			err = decodeDevice(v, &device)
		}
		return err
	})
	p := &d.profile
	place := map[string]**string{"email": &p.Email, "sms": &p.Phone}[kind]
	push := kind == string(contact.MobilePush) || kind == string(contact.WebPush)
	switch {
	case err != nil:
		return unread{attribute: contact.Attribute(kind), err: err}
	case address == nil:
	case push && *address != "":
		device.Type, device.Token = contact.DeviceType(kind), *address
		p.Devices = append(p.Devices, device)
	case place != nil && (*place == nil || **place == ""):
		*place = address
	}
	return unread{}
}

// decodeDevice reads the data about a device.
func decodeDevice(v loose.Value, d *contact.Device) error {
	return v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "appId":
			d.AppID, err = v.Text()
		case "deviceModel":
			d.DeviceModel, err = v.Text()
		case "os":
			d.OS, err = v.Text()
		case "locale":
			d.Locale, err = v.Text()
		case "clientVersion":
			d.ClientVersion, err = v.Scalar()
		case "appVersion":
			d.AppVersion, err = v.Scalar()
		case "active":
			var active *bool
			if err = v.SetBool(&active); active != nil {
				d.Inactive = !*active
			}
		}
		return err
	})
}
