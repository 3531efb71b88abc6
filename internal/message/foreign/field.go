package foreign

import (
	"regexp"
	"strings"
)

// fields are the fields of contacts by the names that they have elsewhere, in lower
// case without signs between words.
var fields = map[string]string{
	"firstname": "firstName", "fname": "firstName", "name": "firstName", "contactname": "firstName", "username": "firstName",
	"lastname": "lastName", "lname": "lastName", "surname": "lastName",
	"email": "email", "emailaddress": "email", "mail": "email",
	"phone": "phone", "phonenumber": "phone", "mobile": "phone", "mobilephone": "phone", "sms": "phone", "tel": "phone",
	"contactid": "id", "externalcustomerid": "externalCustomerId", "customerid": "externalCustomerId",
	"languagecode": "languageCode", "language": "languageCode", "lang": "languageCode", "timezone": "timeZone",
}

var signs = strings.NewReplacer("_", "", ".", "", "-", "")

// contactField returns the variable of a contact's field that has a name elsewhere.
func contactField(name string) (variable string, ok bool) {
	field, ok := fields[signs.Replace(strings.ToLower(name))]
	return "contact." + field, ok
}

// isContactField tells that a name is exactly that of a field of contacts, or its
// form in capitals, as the vendor has them.
func isContactField(name string) bool {
	variable, ok := contactField(name)
	return ok && (variable == "contact."+name || strings.ToUpper(name) == name && "CONTACT."+name == strings.ToUpper(variable))
}

var (
	word     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	compound = regexp.MustCompile(`[a-z][A-Z]|[A-Za-z0-9]_[A-Za-z0-9]`)
	capitals = regexp.MustCompile(`^[A-Z][A-Z0-9]+$`)
)

// isCompound tells that a name is written as only programs write: firstName,
// first_name.
func isCompound(name string) bool { return compound.MatchString(name) }

// propertyOf returns Liquid for a property of a variable; ok is false for a name
// that Liquid cannot write.
func propertyOf(variable, name string) (liquid string, ok bool) {
	if word.MatchString(name) {
		return variable + "." + name, true
	}
	quoted, ok := quote(name)
	return variable + "[" + quoted + "]", ok
}

// quote writes a text as Liquid does; ok is false for one that it cannot write.
func quote(text string) (liquid string, ok bool) {
	if strings.ContainsAny(text, "\r\n{}%<>") {
		return "", false
	}
	if !strings.Contains(text, `"`) {
		return `"` + text + `"`, true
	}
	return "'" + text + "'", !strings.Contains(text, "'")
}
