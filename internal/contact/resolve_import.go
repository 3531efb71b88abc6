package contact

import (
	"slices"

	"bellman/internal/fault"
)

// imported is the result for one record. The contact may not be written yet; then
// its id is known once it is.
type imported struct {
	status  ImportStatus
	contact *Contact
	fault   *fault.Error
	leftOut []*fault.Error
}

// resultsOf returns the results of decisions whose contacts are written.
func resultsOf(decided []imported) []ImportResult {
	results := make([]ImportResult, len(decided))
	for i, d := range decided {
		results[i] = d.result()
	}
	return results
}

func (d imported) result() ImportResult {
	out := ImportResult{Status: d.status, Fault: d.fault, LeftOut: d.leftOut}
	if d.contact != nil {
		out.ContactID = d.contact.ID
	}
	return out
}

// resolve applies the rules of an import to the records in order. Each sees the
// results of those before it.
func (im importer) resolve(snap Snapshot, records []record) ([]imported, Plan) {
	d := newDraft(newIndex(snap, im.fieldID()), im.now)
	out := make([]imported, len(records))
	for i, r := range records {
		out[i] = im.one(d, r)
	}
	return out, d.finish()
}

func (im importer) one(d *draft, r record) imported {
	if r.gaps.has(AttributeExternalID) {
		return imported{status: ImportFailed, fault: r.gaps[0].Fault}
	}
	found, by, err := im.recognise(d.known, r)
	switch {
	case err != nil:
		return imported{status: ImportFailed, fault: err}
	case found != nil && !found.living() && !im.RestoreDeleted:
		return imported{status: ImportSkipped, contact: found}
	}
	out := imported{status: ImportUpdated, contact: found}
	var held gaps
	if found == nil {
		out.status = ImportCreated
		out.contact, held = d.create(im.workspaceID, r.apply)
	} else {
		held = d.change(found, func(c *Contact) { im.update(c, r, by) })
	}
	out.leftOut = append(r.gaps, held...).faults()
	return out
}

// A mark is an identifier or another attribute by which contacts are recognised,
// with the contacts that have it.
type mark struct {
	by      Attribute
	sent    bool
	holders []*Contact
}

// Marks that are no attributes.
const (
	markID    Attribute = "id"
	markField Attribute = "fieldId"
)

// recognise returns the contact that the profile is about, and what it was
// recognised by; nil for a new contact.
//
// spec: import-external-first
func (im importer) recognise(known *index, p record) (*Contact, Attribute, *fault.Error) {
	external := deref(p.ExternalCustomerID)
	if found := known.byExternal[external]; found != nil {
		return found, AttributeExternalID, nil
	}
	marks := slices.DeleteFunc(im.marks(known, p.Profile), func(m mark) bool { return !m.sent })
	if len(marks) == 0 && external == "" {
		if len(p.gaps) > 0 {
			return nil, "", p.gaps[0].Fault
		}
		return nil, "", fault.New(fault.Invalid, "dedupe_value_missing", "send what contacts are recognised by: %s", im.DedupeOn).In(im.place())
	}
	if im.DedupeOn == OnID && len(marks) > 0 {
		// A contact cannot be created under a given id, and an id names its contact
		// whatever the externalCustomerId.
		if len(marks[0].holders) == 0 {
			return nil, "", ErrNotFound.In("id")
		}
		return marks[0].holders[0], markID, nil
	}
	for _, m := range marks {
		if found := known.adoptable(m.holders, external); found != nil {
			return found, m.by, nil
		}
	}
	for _, m := range marks {
		deleted := func(c *Contact) bool { return !c.living() && (external == "" || c.ExternalCustomerID == "") }
		if found := known.preferred(m.holders, deleted); found != nil {
			return found, m.by, nil
		}
	}
	return nil, "", nil
}

// marks returns what the profile may be recognised by, in the order of preference.
func (im importer) marks(known *index, p Profile) []mark {
	sms := mark{AttributeSMS, deref(p.Phone) != "", known.byPhone[deref(p.Phone)]}
	email := mark{AttributeEmail, deref(p.Email) != "", known.byEmail[EmailKey(deref(p.Email))]}
	switch im.DedupeOn {
	case OnEmail:
		return []mark{email}
	case OnSMS:
		return []mark{sms}
	case OnEmailOrSMS:
		return []mark{sms, email}
	case OnExternalID:
		// An externalCustomerId that nobody has yet is given to who is known already.
		if deref(p.ExternalCustomerID) != "" {
			return []mark{email, sms}
		}
	case OnMobilePush:
		return []mark{deviceMark(known, p, MobilePush)}
	case OnWebPush:
		return []mark{deviceMark(known, p, WebPush)}
	case OnPush:
		return []mark{deviceMark(known, p, MobilePush), deviceMark(known, p, WebPush)}
	case OnID:
		m := mark{by: markID, sent: p.ID != nil}
		if found := known.byID[deref(p.ID)]; found != nil {
			m.holders = []*Contact{found}
		}
		return []mark{m}
	case OnField:
		value := p.Fields[im.FieldID]
		return []mark{{markField, value != "", known.byField[MatchKey(value)]}}
	}
	return nil
}

// deviceMark returns the mark of the tokens of one type, whichever of them is
// known.
func deviceMark(known *index, p Profile, kind DeviceType) mark {
	m := mark{by: Attribute(kind)}
	for _, d := range p.Devices {
		if d.Type == kind {
			m.sent = true
			m.holders = append(m.holders, known.byDevice[d.Key()]...)
		}
	}
	return m
}

// place returns the name, in an item, of the attribute that contacts are recognised
// by.
func (im importer) place() string {
	switch im.DedupeOn {
	case OnID, OnExternalID:
		return string(im.DedupeOn)
	case OnField:
		return "fields"
	}
	return "channels"
}

// identifies reports whether contacts are recognised by the attribute.
func identifies(a Attribute) bool {
	switch a {
	case AttributeExternalID, AttributeEmail, AttributeSMS, AttributeMobilePush, AttributeWebPush:
		return true
	}
	return false
}

// update writes the attributes and custom fields of the import to a known contact.
// The attribute that it was recognised by stays unchanged, and so does what was left
// out.
//
// spec: import-fields
func (im importer) update(c *Contact, p record, by Attribute) {
	updates := func(a Attribute, sent bool) bool {
		switch {
		case a == by, p.gaps.has(a):
			return false
		case im.Attributes == nil:
			// An identifier that was not named is not cleared.
			return sent || !identifies(a)
		}
		return slices.Contains(im.Attributes, a)
	}
	for _, f := range []struct {
		attribute Attribute
		to        *string
		sent      *string
	}{
		{AttributeFirstName, &c.FirstName, p.FirstName}, {AttributeLastName, &c.LastName, p.LastName},
		{AttributeEmail, &c.Email, p.Email}, {AttributeSMS, &c.Phone, p.Phone},
		{AttributeAddress, &c.Address.Address, p.Address}, {AttributeTown, &c.Address.Town, p.Town},
		{AttributeRegion, &c.Address.Region, p.Region}, {AttributePostcode, &c.Address.Postcode, p.Postcode},
		{AttributeContactKey, &c.ContactKey, p.ContactKey}, {AttributeLanguageCode, &c.LanguageCode, p.LanguageCode},
		{AttributeTimeZone, &c.TimeZone, p.TimeZone}, {AttributeExternalID, &c.ExternalCustomerID, p.ExternalCustomerID},
	} {
		if updates(f.attribute, f.sent != nil) {
			*f.to = deref(f.sent)
		}
	}
	if c.ExternalCustomerID == "" {
		c.ExternalCustomerID = deref(p.ExternalCustomerID)
	}
	if updates(AttributeOrders, p.Orders != nil) {
		c.Orders = deref(p.Orders)
	}
	for _, kind := range []DeviceType{MobilePush, WebPush} {
		sent := slices.ContainsFunc(p.Devices, func(d Device) bool { return d.Type == kind })
		if updates(Attribute(kind), sent) {
			c.Devices = replaceDevices(c.Devices, p.Devices, kind)
		}
	}
	values := map[int64]string{}
	for _, id := range im.FieldIDs {
		if (by != markField || id != im.FieldID) && !p.gaps.hasField(id) {
			values[id] = p.Fields[id]
		}
	}
	c.setFields(values)
}
