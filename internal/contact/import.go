package contact

import (
	"context"
	"slices"
	"time"

	"bellman/internal/fault"
	"bellman/internal/workspace"
)

// MaxImport is how many contacts one import may contain.
const MaxImport = 3000

// DedupeOn is how an import recognises contacts that are not recognised by their
// externalCustomerId.
type DedupeOn string

// The ways to recognise contacts.
const (
	OnEmail DedupeOn = "email"
	OnSMS   DedupeOn = "sms"
	// OnEmailOrSMS is the phone, else the email.
	OnEmailOrSMS DedupeOn = "email_or_sms"
	OnMobilePush DedupeOn = "mobilepush"
	OnWebPush    DedupeOn = "webpush"
	// OnPush is a mobile push token, else one of web push.
	OnPush       DedupeOn = "push"
	OnID         DedupeOn = "id"
	OnExternalID DedupeOn = "externalCustomerId"
	// OnField is a custom field.
	OnField DedupeOn = "fieldId"
)

// Attribute is a part of a contact that an import may update.
type Attribute string

// The attributes, by the names that the integration API gives them.
const (
	AttributeFirstName    Attribute = "firstName"
	AttributeLastName     Attribute = "lastName"
	AttributeEmail        Attribute = "email"
	AttributeSMS          Attribute = "sms"
	AttributeMobilePush   Attribute = "mobilepush"
	AttributeWebPush      Attribute = "webpush"
	AttributeAddress      Attribute = "address"
	AttributeTown         Attribute = "town"
	AttributeRegion       Attribute = "region"
	AttributePostcode     Attribute = "postcode"
	AttributeContactKey   Attribute = "contactKey"
	AttributeOrders       Attribute = "ordersInfo"
	AttributeLanguageCode Attribute = "languageCode"
	AttributeTimeZone     Attribute = "timeZone"
	AttributeExternalID   Attribute = "externalCustomerId"
)

// Attributes returns all attributes.
func Attributes() []Attribute {
	return []Attribute{
		AttributeFirstName, AttributeLastName, AttributeEmail, AttributeSMS, AttributeMobilePush, AttributeWebPush,
		AttributeAddress, AttributeTown, AttributeRegion, AttributePostcode, AttributeContactKey, AttributeOrders,
		AttributeLanguageCode, AttributeTimeZone, AttributeExternalID,
	}
}

// ImportOptions say how an import treats known contacts.
type ImportOptions struct {
	DedupeOn DedupeOn
	// FieldID is the custom field of [OnField].
	FieldID int64
	// Attributes are the attributes to update; those that an item lacks are
	// cleared. nil means all of them, but then identifiers and push tokens that an
	// item lacks stay unchanged. The attribute that a contact was recognised by is
	// never updated.
	Attributes []Attribute
	// FieldIDs are the custom fields to update.
	FieldIDs []int64
	// RestoreDeleted restores deleted contacts; without it, items about deleted
	// contacts are skipped.
	RestoreDeleted bool
}

// ImportStatus is the result for an item of an import.
type ImportStatus string

// The results for an item.
const (
	ImportCreated ImportStatus = "created"
	ImportUpdated ImportStatus = "updated"
	// ImportSkipped means that the contact was deleted and stays so.
	ImportSkipped ImportStatus = "skipped"
	// ImportFailed means that the item cannot be used.
	ImportFailed ImportStatus = "failed"
)

// ImportResult is the result for one item, with its contact.
type ImportResult struct {
	// ContactID is zero for an item that failed.
	ContactID int64
	Status    ImportStatus
	// Fault says why an item failed; nil for the others.
	Fault *fault.Error
	// LeftOut says which values of an item were not kept, and why: they cannot be
	// read, or another contact holds them. The rest of the item was imported.
	LeftOut []*fault.Error
}

// Import creates and updates contacts, as if the items were sent one by one in
// their order, and returns the result for each. An item that cannot be used fails
// alone; a value that cannot be is left out alone, unless it is the
// externalCustomerId. A contact is recognised by the externalCustomerId, else as the options
// say: among several contacts the one without an externalCustomerId, else the one
// updated last, but never one with another externalCustomerId than the item's. A
// recognised contact without an externalCustomerId gets the item's. A new contact
// takes everything that was sent. Contradictory options, and more than [MaxImport]
// items, are Invalid.
func (s *Service) Import(ctx context.Context, w workspace.Workspace, items []Profile, o ImportOptions) ([]ImportResult, error) {
	if len(items) > MaxImport {
		return nil, fault.New(fault.Invalid, "too_many_contacts", "send at most %d contacts in one request", MaxImport).In("contacts")
	}
	types, err := s.fieldTypes(ctx, w.ID)
	if err != nil {
		return nil, err
	}
	if err := o.check(types); err != nil {
		return nil, err
	}
	im := importer{ImportOptions: o, workspaceID: w.ID, now: s.now()}
	records := newRecords(items, Reader{w.PhoneRegion}, types)
	var results func() []ImportResult
	err = s.store.Decide(ctx, im.lookup(records), im.now, func(snap Snapshot) (Plan, error) {
		decided, plan := im.resolve(snap, records)
		results = func() []ImportResult { return resultsOf(decided) }
		plan.Imported = results
		return plan, nil
	})
	if err != nil {
		return nil, err
	}
	return results(), nil
}

// Check returns an Invalid fault for options that no import of the workspace can
// have, so that they can be refused before the items are read.
func (s *Service) Check(ctx context.Context, workspaceID int64, o ImportOptions) error {
	types, err := s.fieldTypes(ctx, workspaceID)
	if err != nil {
		return err
	}
	return o.check(types)
}

func (o ImportOptions) check(types fieldTypes) error {
	known := []DedupeOn{OnEmail, OnSMS, OnEmailOrSMS, OnMobilePush, OnWebPush, OnPush, OnID, OnExternalID, OnField}
	if !slices.Contains(known, o.DedupeOn) {
		return fault.New(fault.Invalid, "dedupe_on_unknown",
			"write email, sms, email_or_sms, push, mobilepush, webpush, id, externalCustomerId or fieldId").In("dedupeOn")
	}
	if _, known := types[o.FieldID]; o.DedupeOn == OnField && !known {
		return fault.New(fault.Invalid, "field_unknown", "there is no custom field %d", o.FieldID).In("fieldId")
	}
	for _, a := range o.Attributes {
		if !slices.Contains(Attributes(), a) {
			return fault.New(fault.Invalid, "contact_field_unknown",
				"%.50q is no field of a contact that can be updated", string(a)).In("contactFields")
		}
	}
	for _, id := range o.FieldIDs {
		if _, known := types[id]; !known {
			return fault.New(fault.Invalid, "field_unknown", "there is no custom field %d", id).In("customFieldsIDs")
		}
	}
	return nil
}

// record is an item with clean values and what was left out of it.
type record struct {
	Profile
	gaps gaps
}

// newRecords cleans items.
func newRecords(items []Profile, read Reader, types fieldTypes) []record {
	records := make([]record, len(items))
	spread(len(items), func(i int) {
		records[i].Profile, records[i].gaps = items[i].clean(read, types)
	})
	return records
}

// importer decides the results for records. It is pure.
type importer struct {
	ImportOptions
	workspaceID int64
	now         time.Time
}

// lookup names everything that a decision on the records depends on.
func (im importer) lookup(records []record) Lookup {
	look := Lookup{
		WorkspaceID: im.workspaceID, FieldID: im.fieldID(), Details: true,
		// An import of externalCustomerIds may clear one.
		Sharers: slices.Contains(im.Attributes, AttributeExternalID),
	}
	for _, r := range records {
		look.addProfile(r.Profile)
		if value := r.Fields[im.fieldID()]; value != "" {
			look.FieldKeys = append(look.FieldKeys, MatchKey(value))
		}
	}
	return look
}

// fieldID returns the custom field by which contacts are recognised, or zero.
func (im importer) fieldID() int64 {
	if im.DedupeOn == OnField {
		return im.FieldID
	}
	return 0
}
