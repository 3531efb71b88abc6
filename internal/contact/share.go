package contact

import (
	"slices"

	"bellman/internal/fault"
)

// yield gives back to a contact that was written, and is out of the index, the phone
// and the email that it had before where it may not share the new ones with those
// who hold them, and the externalCustomerId without which it may not share those
// that it had. It returns what the contact did not get.
func (x *index) yield(c *Contact, had Identity) gaps {
	var taken gaps
	if c.ExternalCustomerID == "" && had.ExternalCustomerID != "" &&
		(had.Phone != "" && c.barred(x.byPhone[had.Phone]) || had.Email != "" && c.barred(x.byEmail[EmailKey(had.Email)])) {
		c.ExternalCustomerID = had.ExternalCustomerID
		taken = append(taken, Gap{Attribute: AttributeExternalID, Fault: errSharing})
	}
	for _, shared := range []struct {
		attribute Attribute
		fault     *fault.Error
		value     *string
		had       string
		key       func(string) string
		holders   map[string][]*Contact
	}{
		{AttributeSMS, errPhoneTaken, &c.Phone, had.Phone, func(s string) string { return s }, x.byPhone},
		{AttributeEmail, errEmailTaken, &c.Email, had.Email, EmailKey, x.byEmail},
	} {
		value := *shared.value
		if value == "" || shared.key(value) == shared.key(shared.had) || !c.barred(shared.holders[shared.key(value)]) {
			continue
		}
		*shared.value = shared.had
		taken = append(taken, Gap{Attribute: shared.attribute, Fault: shared.fault})
	}
	return taken
}

// barred reports whether a living contact is among the holders with whom this one may
// not share. Contacts with different externalCustomerIds are different people to the
// owner's system, such as a family with one phone. One without an id may be anybody.
func (c *Contact) barred(holders []*Contact) bool {
	return slices.ContainsFunc(holders, func(h *Contact) bool {
		return h.living() && (h.ExternalCustomerID == "" || c.ExternalCustomerID == "")
	})
}

var (
	errSharing = fault.New(fault.Conflict, "external_customer_id_needed", "other contacts have the same phone or email, "+
		"and only contacts with different externalCustomerIds can share one").In("externalCustomerId")
	errPhoneTaken = fault.New(fault.Conflict, "phone_taken",
		"another contact has this phone, and only contacts with different externalCustomerIds can share one").In("phone")
	errEmailTaken = fault.New(fault.Conflict, "email_taken",
		"another contact has this email, and only contacts with different externalCustomerIds can share one").In("email")
)
