package contact

import "strings"

// Identity holds the identifiers of a person, beside the contact id. An empty
// identifier is absent.
type Identity struct {
	// ExternalCustomerID is the id in the customer's own system; unique in its
	// workspace, compared exactly.
	ExternalCustomerID string
	// Phone is in E.164 (+380501234567).
	Phone string
	// Email is as it was written, without surrounding space; it is compared by
	// [EmailKey].
	Email string
}

// MaxExternalID is the longest externalCustomerId, in characters.
const MaxExternalID = 300

// EmailKey returns the form in which emails are compared: without case.
func EmailKey(email string) string { return strings.ToLower(email) }
