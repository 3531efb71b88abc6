package contact

import "slices"

// index finds contacts and chats by their identifiers. It includes deleted
// contacts; each query says whether they count.
type index struct {
	byID       map[int64]*Contact
	byExternal map[string]*Contact
	byPhone    map[string][]*Contact
	byEmail    map[string][]*Contact
	byDevice   map[string][]*Contact
	byField    map[string][]*Contact
	byChat     map[int64]*Contact
	// kept are the chats that return with a deleted contact, by its id.
	kept map[int64][]int64
	// fieldID is the custom field whose values byField has.
	fieldID int64
	// turn numbers the contacts in the order in which they were changed.
	turn map[*Contact]int
}

func newIndex(snap Snapshot, fieldID int64) *index {
	known := &index{
		byID:       make(map[int64]*Contact, len(snap.Contacts)),
		byExternal: map[string]*Contact{},
		byPhone:    map[string][]*Contact{},
		byEmail:    map[string][]*Contact{},
		byDevice:   map[string][]*Contact{},
		byField:    map[string][]*Contact{},
		byChat:     make(map[int64]*Contact, len(snap.Chats)),
		kept:       map[int64][]int64{},
		fieldID:    fieldID,
		turn:       map[*Contact]int{},
	}
	for i := range snap.Contacts {
		known.add(&snap.Contacts[i])
	}
	for _, chat := range snap.Chats {
		holder := known.byID[chat.ContactID]
		if holder == nil {
			// The lookup did not name the chat's contact: only its id is needed.
			holder = &Contact{ID: chat.ContactID}
			known.byID[chat.ContactID] = holder
		}
		known.byChat[chat.ChatID] = holder
	}
	for _, chat := range snap.Kept {
		known.kept[chat.ContactID] = append(known.kept[chat.ContactID], chat.ChatID)
	}
	return known
}

// giveBack records the chats that return with a contact, unless others have them.
func (x *index) giveBack(c *Contact) {
	for _, chatID := range x.kept[c.ID] {
		if x.byChat[chatID] == nil {
			x.byChat[chatID] = c
		}
	}
}

func (x *index) add(c *Contact) {
	if c.ID != 0 {
		x.byID[c.ID] = c
	}
	if c.ExternalCustomerID != "" {
		x.byExternal[c.ExternalCustomerID] = c
	}
	x.shared(c, func(holders map[string][]*Contact, key string) { holders[key] = append(holders[key], c) })
}

func (x *index) remove(c *Contact) {
	if x.byExternal[c.ExternalCustomerID] == c {
		delete(x.byExternal, c.ExternalCustomerID)
	}
	x.shared(c, func(holders map[string][]*Contact, key string) {
		holders[key] = slices.DeleteFunc(holders[key], func(h *Contact) bool { return h == c })
	})
}

// shared calls fn for every identifier that several contacts may share.
func (x *index) shared(c *Contact, fn func(holders map[string][]*Contact, key string)) {
	if c.Phone != "" {
		fn(x.byPhone, c.Phone)
	}
	if c.Email != "" {
		fn(x.byEmail, EmailKey(c.Email))
	}
	for _, d := range c.Devices {
		fn(x.byDevice, d.Key())
	}
	if value := c.Fields[x.fieldID]; value != "" {
		fn(x.byField, MatchKey(value))
	}
}

// livingByID returns the contact with the id unless it was deleted.
func (x *index) livingByID(id int64) *Contact {
	if c := x.byID[id]; c != nil && c.living() {
		return c
	}
	return nil
}

// free returns those of the identifiers that no contact holds; a deleted contact
// holds its externalCustomerId only.
func (x *index) free(id Identity) Identity {
	if x.byExternal[id.ExternalCustomerID] != nil {
		id.ExternalCustomerID = ""
	}
	if slices.ContainsFunc(x.byPhone[id.Phone], (*Contact).living) {
		id.Phone = ""
	}
	if slices.ContainsFunc(x.byEmail[EmailKey(id.Email)], (*Contact).living) {
		id.Email = ""
	}
	return id
}

// living returns the preferred one of the holders that were not deleted; nil when
// there is none.
func (x *index) living(holders []*Contact) *Contact {
	return x.preferred(holders, (*Contact).living)
}

// adoptable returns the preferred one of the living holders whose
// externalCustomerId does not contradict the one that was sent.
func (x *index) adoptable(holders []*Contact, external string) *Contact {
	return x.preferred(holders, func(c *Contact) bool {
		return c.living() && (external == "" || c.ExternalCustomerID == "")
	})
}

// preferred chooses among contacts that share something and fit: the one without an
// externalCustomerId, else the most recently updated, else the oldest.
func (x *index) preferred(holders []*Contact, fits func(*Contact) bool) *Contact {
	var best *Contact
	for _, c := range holders {
		if fits(c) && (best == nil || x.before(c, best)) {
			best = c
		}
	}
	return best
}

func (x *index) before(a, b *Contact) bool {
	if (a.ExternalCustomerID == "") != (b.ExternalCustomerID == "") {
		return a.ExternalCustomerID == ""
	}
	if !a.UpdatedAt.Equal(b.UpdatedAt) {
		return a.UpdatedAt.After(b.UpdatedAt)
	}
	// Within one decision all contacts have the same time.
	if x.turn[a] != x.turn[b] {
		return x.turn[a] > x.turn[b]
	}
	// An id of zero belongs to a contact that is not written yet.
	return a.ID != 0 && (b.ID == 0 || a.ID < b.ID)
}
