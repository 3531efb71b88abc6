package contact

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"bellman/internal/fault"
)

// Reader reads identifiers from the texts in which people and systems write them.
// All code that names contacts (tokens, contacts, imports, events, filters) reads
// identifiers here, so that a spelling means the same everywhere. An empty or blank
// text stands for no identifier: its reading is zero.
type Reader struct {
	// Region is the ISO 3166 country, in two capital letters, in which phones
	// without a country code are read; empty for none.
	Region string
}

// Identity reads the three identifiers that a contact may have beside its id. The
// first one that cannot be read is an Invalid fault that names its field.
func (r Reader) Identity(external, phone, email string) (id Identity, err error) {
	if id.ExternalCustomerID, err = r.ExternalCustomerID(external); err != nil {
		return id, err
	}
	if id.Phone, err = r.Phone(phone); err != nil {
		return id, err
	}
	id.Email, err = r.Email(email)
	return id, err
}

// ContactID reads the id of a contact: digits only, from 1 to [MaxID]. Any other
// text is Invalid.
func (Reader) ContactID(s string) (int64, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id < 1 || id > MaxID || s[0] == '+' {
		return 0, errContactID
	}
	return id, nil
}

var errContactID = fault.New(fault.Invalid, "contact_id_invalid",
	"a contactId is a whole number from 1 to %d", int64(MaxID)).In("contactId")

// ExternalCustomerID reads an id of the customer's own system: any text of up to
// [MaxExternalID] characters. Case and spaces are significant.
func (Reader) ExternalCustomerID(s string) (string, error) {
	if !isText(s, MaxExternalID) {
		return "", fault.New(fault.Invalid, "external_customer_id_invalid",
			"an externalCustomerId has at most %d characters", MaxExternalID).In("externalCustomerId")
	}
	return s, nil
}

// maxEmail is the longest email, in bytes (RFC 5321 §4.5.3.1.3, without the brackets).
const maxEmail = 254

// Email reads an email and returns it without surrounding space. It requires only
// what every address has: one local part, one @, one host, no blanks. Any other
// text is Invalid.
func (Reader) Email(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	person, host, ok := strings.Cut(s, "@")
	if !ok || person == "" || host == "" || strings.Contains(host, "@") ||
		len(s) > maxEmail || !isText(s, maxEmail) || strings.ContainsAny(s, " \t\r\n<>,;") {
		return "", fault.New(fault.Invalid, "email_invalid", "this is not an email address").In("email")
	}
	return s, nil
}

// isText reports whether s is UTF-8 of at most most characters, without NUL, which
// no database stores.
func isText(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsRune(s, 0)
}
