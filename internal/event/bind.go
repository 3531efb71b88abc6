package event

import (
	"context"

	"bellman/internal/contact"
)

// Lookup names contacts by their identifiers.
type Lookup struct {
	ContactIDs  []int64
	ExternalIDs []string
	EmailKeys   []string
	Phones      []string
	// DeviceKeys are the keys of push tokens.
	DeviceKeys []string
}

// Holder is a contact with the identifiers that it holds.
type Holder struct {
	ContactID          int64
	ExternalCustomerID string
	EmailKey           string
	Phone              string
	DeviceKey          string
}

// claim holds the identifiers of the contact that an event may be about; empty or
// zero ones were not sent.
type claim struct {
	// id is known to the caller; those up to deviceKeys come from parameters.
	id, contactID               int64
	externalID, emailKey, phone string
	deviceKeys                  []string
	key, keyEmail, keyPhone     string
	keyID                       int64
}

// claim returns the identifiers in the item. A text that cannot be read as an
// identifier is left out.
func (i Item) claim(key string, read contact.Reader) claim {
	named := i.identifiers()
	return claim{
		id:         i.ContactID,
		contactID:  readable(read.ContactID(named["contactId"])),
		externalID: readable(read.ExternalCustomerID(named["externalCustomerId"])),
		emailKey:   contact.EmailKey(readable(read.Email(named["email"]))),
		phone:      readable(read.Phone(named["phone"])),
		deviceKeys: deviceKeys(named["pushToken"]),
		key:        readable(read.ExternalCustomerID(key)),
		keyEmail:   contact.EmailKey(readable(read.Email(key))),
		keyPhone:   readable(read.Phone(key)),
		keyID:      readable(read.ContactID(key)),
	}
}

// readable returns the value that was read, or zero.
func readable[T any](value T, err error) (none T) {
	if err != nil {
		return none
	}
	return value
}

// deviceKeys returns the keys by which a push token of either kind is matched.
func deviceKeys(token string) []string {
	if token == "" {
		return nil
	}
	return []string{
		contact.Device{Type: contact.MobilePush, Token: token}.Key(),
		contact.Device{Type: contact.WebPush, Token: token}.Key(),
	}
}

// bind finds the contacts of the events by their claims.
func (s *Service) bind(ctx context.Context, workspaceID int64, events []Event, claims []claim) error {
	var look Lookup
	for _, c := range claims {
		look.ContactIDs = named(look.ContactIDs, c.id, c.contactID, c.keyID)
		look.ExternalIDs = named(look.ExternalIDs, c.externalID, c.key)
		look.EmailKeys = named(look.EmailKeys, c.emailKey, c.keyEmail)
		look.Phones = named(look.Phones, c.phone, c.keyPhone)
		look.DeviceKeys = append(look.DeviceKeys, c.deviceKeys...)
	}
	holders, err := s.store.Holders(ctx, workspaceID, look)
	if err != nil {
		return err
	}
	known := newIndex(holders)
	for i, c := range claims {
		events[i].ContactID = known.find(c)
	}
	return nil
}

// named appends those of the values that are not empty.
func named[T comparable](list []T, values ...T) []T {
	var none T
	for _, v := range values {
		if v != none {
			list = append(list, v)
		}
	}
	return list
}

// index finds contacts by their identifiers. No contact has an empty one.
type index struct {
	byID                                   map[int64]int64
	byExternal, byEmail, byPhone, byDevice map[string]int64
}

// newIndex returns an index; the first of several holders counts.
func newIndex(holders []Holder) index {
	x := index{map[int64]int64{}, map[string]int64{}, map[string]int64{}, map[string]int64{}, map[string]int64{}}
	for _, h := range holders {
		x.byID[h.ContactID] = h.ContactID
		put(x.byExternal, h.ExternalCustomerID, h.ContactID)
		put(x.byEmail, h.EmailKey, h.ContactID)
		put(x.byPhone, h.Phone, h.ContactID)
		put(x.byDevice, h.DeviceKey, h.ContactID)
	}
	return x
}

func put(to map[string]int64, key string, id int64) {
	if _, taken := to[key]; !taken && key != "" {
		to[key] = id
	}
}

// find returns the contact that a claim names first; zero for none.
func (x index) find(c claim) int64 {
	ids := []int64{x.byID[c.id], x.byID[c.contactID], x.byExternal[c.externalID], x.byEmail[c.emailKey], x.byPhone[c.phone]}
	for _, key := range c.deviceKeys {
		ids = append(ids, x.byDevice[key])
	}
	ids = append(ids, x.byEmail[c.keyEmail], x.byExternal[c.key], x.byPhone[c.keyPhone], x.byID[c.keyID])
	for _, id := range ids {
		if id != 0 {
			return id
		}
	}
	return 0
}
