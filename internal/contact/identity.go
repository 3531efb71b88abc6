package contact

import (
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"bellman/internal/fault"
)

// Identity is what a person is recognised by, beside the contact id. An empty
// identifier is absent.
type Identity struct {
	// ExternalCustomerID is the id in the customer's own system; unique in its
	// workspace, compared exactly.
	ExternalCustomerID string
	// Phone is in E.164 (+380501234567).
	Phone string
	// Email is as it was written; compared by [EmailKey].
	Email string
}

// MaxExternalID is the longest externalCustomerId, in characters.
const MaxExternalID = 300

// EmailKey returns the form in which emails are compared: without case.
func EmailKey(email string) string { return strings.ToLower(email) }

// cleanIdentity returns identifiers in the form in which they are compared. A
// phone without a country code is read in the region.
func cleanIdentity(external, phone, email, region string) (id Identity, err error) {
	if id.ExternalCustomerID, err = cleanExternalID(external); err != nil {
		return id, err
	}
	if id.Phone, err = normalPhone(phone, region); err != nil {
		return id, err
	}
	id.Email, err = normalEmail(email)
	return id, err
}

// isText tells whether s is UTF-8 of at most so many characters, without NUL,
// which no database keeps.
func isText(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsRune(s, 0)
}

func cleanExternalID(s string) (string, error) {
	if !isText(s, MaxExternalID) {
		return "", fault.New(fault.Invalid, "external_customer_id_invalid",
			"an externalCustomerId has at most %d characters", MaxExternalID).In("externalCustomerId")
	}
	return s, nil
}

var errPhone = fault.New(fault.Invalid, "phone_invalid",
	"this is not a phone number: write it in international form, such as +380501234567").In("phone")

// normalPhone returns the phone in E.164. One without a country code is read in
// the region; when that does not make a possible number, its digits are taken
// to begin with the country code, as many systems export them.
func normalPhone(s, region string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	if e164, ok := possiblePhone(s, region); ok {
		return e164, nil
	}
	number := strings.TrimPrefix(digits(s), "00")
	if strings.ContainsFunc(s, notPhone) || len(number) < 7 || len(number) > 15 {
		return "", errPhone
	}
	if e164, ok := possiblePhone("+"+number, ""); ok {
		return e164, nil
	}
	// A numbering plan that the library does not know is no reason to lose
	// somebody: the number only identifies, it is never dialled.
	return "+" + number, nil
}

func possiblePhone(s, region string) (string, bool) {
	number, err := phonenumbers.Parse(s, region)
	if err != nil || !phonenumbers.IsPossibleNumber(number) {
		return "", false
	}
	return phonenumbers.Format(number, phonenumbers.E164), true
}

// digits returns the digits in s.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// notPhone tells that a character has no place in a written phone number.
func notPhone(r rune) bool { return !strings.ContainsRune("+0123456789 ()-./\u00a0", r) }

// normalEmail returns the email without surrounding space. It asks only for
// what every address has: one person, one @, one host, no blanks.
func normalEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	person, host, ok := strings.Cut(s, "@")
	if !ok || person == "" || host == "" || strings.Contains(host, "@") || len(s) > 254 || !isText(s, 254) || strings.ContainsAny(s, " \t\r\n<>,;") {
		return "", fault.New(fault.Invalid, "email_invalid", "this is not an email address").In("email")
	}
	return s, nil
}
