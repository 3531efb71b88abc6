package message

import (
	"bytes"
	"encoding/json"
	"time"

	"bellman/internal/fault"
	"bellman/internal/message/liquid"
)

// contactFields are the fields of a contact that a message can speak of.
var contactFields = []string{
	"id", "externalCustomerId", "phone", "email", "firstName", "lastName", "languageCode", "timeZone",
}

// scope is what messages can speak of.
var scope = liquid.Scope{
	Fields: map[string][]string{"contact": contactFields}, Named: customFields, Always: []string{"contact.id"},
	Open: "data", Hint: "what comes with a send is in data",
}

// variables are a person's fields and what came with the send.
type variables struct {
	// fields are the custom fields, by what the message calls them.
	fields map[string]Field
	person *Person
	data   liquid.JSON
	// ready tells that data has been read.
	ready bool
}

// read makes the variables ready.
func (v *variables) read() error {
	if v.ready {
		return nil
	}
	if err := CheckData(v.person.Data); err != nil {
		return err
	}
	v.data.Read(v.person.Data)
	v.ready = true
	return nil
}

// forget lets go of whatever belongs to the person.
func (v *variables) forget() {
	v.data.Forget()
	v.person, v.ready = nil, false
}

// Variable implements [liquid.Variables].
func (v *variables) Variable(root string, path []string) any {
	if root == "data" {
		return v.data.Value(path)
	}
	if len(path) == 2 {
		f, known := v.fields[path[1]]
		if !known {
			return nil
		}
		return v.person.custom(f)
	}
	return v.person.field(path)
}

// field returns a field of the contact. One that is empty is nil, as Liquid's
// conditions have it.
func (p *Person) field(path []string) any {
	if len(path) != 1 {
		return nil
	}
	if path[0] == "id" {
		return int(p.ContactID)
	}
	if v := p.value(path[0]); v != "" {
		return v
	}
	return nil
}

// sampleVariables are values for everything.
type sampleVariables struct{}

// samplePerson is who messages are checked with.
var samplePerson = &Person{
	ContactID: 1, ExternalCustomerID: "1", Phone: "+380441234567", Email: "ann@example.com", FirstName: "Ann", LastName: "Lee",
	LanguageCode: "en", TimeZone: "UTC",
}

// sampleNow is when messages are checked with it.
var sampleNow = time.Date(2026, time.September, 30, 12, 0, 0, 0, time.UTC)

// Variable implements [liquid.Variables].
func (sampleVariables) Variable(root string, path []string) any {
	if root == "data" || len(path) == 2 {
		return liquid.Sample(sampleOf(inText))
	}
	return samplePerson.field(path)
}

// MaxData is how long the data of one recipient may be, in bytes of JSON.
const MaxData = 20 << 10

var errData = fault.New(fault.Invalid, "data_invalid", "data is a JSON object of at most %d bytes", MaxData).In("data")

// CheckData returns Invalid for data that no recipient can have: other than a JSON
// object of up to [MaxData] bytes. None is empty.
func CheckData(data json.RawMessage) *fault.Error {
	if len(data) == 0 || len(data) <= MaxData && json.Valid(data) && bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		return nil
	}
	return errData
}
