package integration

import (
	"bellman/internal/api/loose"
	"bellman/internal/contact"
)

// decodeProfile reads a contact in a request. Members that are absent or null leave
// their values unchanged. Channels that are neither an identifier nor a push token
// are ignored, and so are groups, which are read-only.
func decodeProfile(v loose.Value) (p contact.Profile, err error) {
	err = v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "id":
			err = v.SetID(&p.ID)
		case "externalCustomerId":
			err = v.SetText(&p.ExternalCustomerID)
		case "firstName":
			err = v.SetText(&p.FirstName)
		case "lastName":
			err = v.SetText(&p.LastName)
		case "contactKey":
			err = v.SetText(&p.ContactKey)
		case "languageCode":
			err = v.SetText(&p.LanguageCode)
		case "timeZone":
			err = v.SetText(&p.TimeZone)
		case "address":
			err = decodeAddress(v, &p)
		case "ordersInfo":
			err = decodeOrders(v, &p)
		case "fields":
			p.Fields = nil
			err = v.Elements(func(_ int, v loose.Value) error { return decodeField(v, &p) })
		case "channels":
			p.Email, p.Phone, p.Devices = nil, nil, nil
			err = v.Elements(func(_ int, v loose.Value) error { return decodeChannel(v, &p) })
		}
		return err
	})
	return p, err
}

func decodeAddress(v loose.Value, p *contact.Profile) error {
	return v.Members(func(name string, v loose.Value) error {
		switch name {
		case "region":
			return v.SetText(&p.Region)
		case "town":
			return v.SetText(&p.Town)
		case "address":
			return v.SetText(&p.Address)
		case "postcode":
			return v.SetText(&p.Postcode)
		}
		return nil
	})
}

func decodeOrders(v loose.Value, p *contact.Profile) error {
	if v.IsNull() {
		return nil
	}
	p.Orders = &contact.Orders{}
	return v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "lastDate":
			p.Orders.LastAt, _, err = v.Time()
		case "count":
			p.Orders.Count, err = v.Whole()
		}
		return err
	})
}

// decodeField reads a value of a custom field; null leaves it unchanged.
func decodeField(v loose.Value, p *contact.Profile) error {
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
	if err != nil || sent == nil {
		return err
	}
	if id == 0 {
		return loose.Inside("id", loose.Want("that of a custom field"))
	}
	if p.Fields == nil {
		p.Fields = map[int64]string{}
	}
	p.Fields[id] = *sent
	return nil
}

// decodeChannel reads one channel into the profile, which has room for one email
// and one phone, and for many push tokens.
func decodeChannel(v loose.Value, p *contact.Profile) error {
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
		return loose.Want("the only channel of type " + kind)
	}
	*place = address
	return nil
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
