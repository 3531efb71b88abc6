package contact

import (
	"maps"
	"strings"
	"time"
	_ "time/tzdata" // names of time zones are known on every machine

	"golang.org/x/text/language"

	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/workspace"
)

// Profile is what a caller writes about a contact. A nil field stays unchanged; an
// empty one is cleared.
type Profile struct {
	ID                 *int64  `json:",omitzero"`
	ExternalCustomerID *string `json:",omitzero"`
	Phone              *string `json:",omitzero"`
	Email              *string `json:",omitzero"`
	FirstName          *string `json:",omitzero"`
	LastName           *string `json:",omitzero"`
	LanguageCode       *string `json:",omitzero"`
	TimeZone           *string `json:",omitzero"`
	Region             *string `json:",omitzero"`
	Town               *string `json:",omitzero"`
	Address            *string `json:",omitzero"`
	Postcode           *string `json:",omitzero"`
	ContactKey         *string `json:",omitzero"`
	Orders             *Orders `json:",omitzero"`
	// Fields are values of custom fields, by the field's id; an empty value clears
	// that field.
	Fields map[int64]string `json:",omitzero"`
	// Devices are added to those on record, and replace those with the same tokens.
	Devices []Device `json:",omitzero"`
	// Unread are values that were sent in a form that could not be read. [Service.Save]
	// refuses them, [Service.Import] leaves them out.
	Unread []Gap `json:",omitzero"`
}

// cleanOrders returns the orders with their time as the store keeps it.
func cleanOrders(o *Orders) (*Orders, error) {
	if o == nil {
		return nil, nil
	}
	if o.Count < 0 || o.Count > MaxID {
		return nil, fault.New(fault.Invalid, "orders_invalid", "the number of orders is not negative").In("ordersInfo.count")
	}
	out := Orders{Count: o.Count}
	if !o.LastAt.IsZero() {
		if year := o.LastAt.Year(); year < 1970 || year > 9999 {
			return nil, fault.New(fault.Invalid, "orders_invalid", "the last order was between 1970 and 9999").In("ordersInfo.lastDate")
		}
		out.LastAt = o.LastAt.UTC().Truncate(time.Millisecond)
	}
	return &out, nil
}

// cleanLanguage returns a language tag (BCP 47, RFC 5646) in its canonical form. A
// tag with unregistered parts is kept, with its case and its hyphens corrected: it
// only has to be the same in contact and message.
func cleanLanguage(s string) (string, error) {
	s = strings.ReplaceAll(strings.TrimSpace(s), "_", "-")
	if s == "" {
		return "", nil
	}
	tag, err := language.Parse(s)
	if err == nil && len(tag.String()) <= message.MaxLanguage {
		return tag.String(), nil
	}
	if !isLanguage(s) {
		return "", fault.New(fault.Invalid, "language_code_invalid",
			"this is not a language code: write one such as uk or pt-BR").In("languageCode")
	}
	return strings.ToLower(s), nil
}

// isLanguage reports whether s has the form of a language tag: parts of at most
// eight letters and digits, the first of letters.
func isLanguage(s string) bool {
	if len(s) > message.MaxLanguage {
		return false
	}
	for i, part := range strings.Split(s, "-") {
		if len(part) == 0 || len(part) > 8 || i == 0 && len(part) < 2 {
			return false
		}
		for _, r := range part {
			letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
			if !letter && (i == 0 || r < '0' || r > '9') {
				return false
			}
		}
	}
	return true
}

// cleanTimeZone returns the name of an IANA time zone.
func cleanTimeZone(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" || workspace.IsZone(s) {
		return s, nil
	}
	return "", workspace.ErrZone
}

// identity returns the identifiers of a clean profile.
func (p Profile) identity() Identity {
	return Identity{ExternalCustomerID: deref(p.ExternalCustomerID), Phone: deref(p.Phone), Email: deref(p.Email)}
}

// apply writes the sent fields of a clean profile to c.
func (p Profile) apply(c *Contact) {
	for _, f := range []struct {
		to   *string
		sent *string
	}{
		{&c.ExternalCustomerID, p.ExternalCustomerID}, {&c.Phone, p.Phone}, {&c.Email, p.Email},
		{&c.FirstName, p.FirstName}, {&c.LastName, p.LastName}, {&c.LanguageCode, p.LanguageCode}, {&c.TimeZone, p.TimeZone},
		{&c.Address.Region, p.Region}, {&c.Address.Town, p.Town}, {&c.Address.Address, p.Address}, {&c.Address.Postcode, p.Postcode},
		{&c.ContactKey, p.ContactKey},
	} {
		if f.sent != nil {
			*f.to = *f.sent
		}
	}
	if p.Orders != nil {
		c.Orders = *p.Orders
	}
	if len(p.Devices) > 0 {
		c.Devices = mergeDevices(c.Devices, p.Devices)
	}
	c.setFields(p.Fields)
}

// setFields writes values of custom fields, to a copy of the present ones.
func (c *Contact) setFields(values map[int64]string) {
	if len(values) == 0 {
		return
	}
	fields := maps.Clone(c.Fields)
	if fields == nil {
		fields = map[int64]string{}
	}
	for id, value := range values {
		if value == "" {
			delete(fields, id)
		} else {
			fields[id] = value
		}
	}
	c.Fields = fields
}
