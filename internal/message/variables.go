package message

import (
	"encoding/json"

	"bellman/internal/fault"
	"bellman/internal/message/liquid"
)

// contactFields are the fields of a contact that a message can speak of.
var contactFields = []string{
	"id", "externalCustomerId", "phone", "email", "firstName", "lastName", "languageCode", "timeZone",
}

// scope is what messages can speak of.
var scope = liquid.Scope{
	Fields: map[string][]string{"contact": contactFields}, Always: []string{"contact.id"},
	Open: "data", Hint: "what comes with a send is in data",
}

// variables are a person's fields and what came with the send.
type variables struct {
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
	if err := checkData(v.person.Data); err != nil {
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

// Variable implements [liquid.Variables].
func (sampleVariables) Variable(root string, path []string) any {
	if root == "data" {
		return liquid.Sample(sampleOf(inText))
	}
	return samplePerson.field(path)
}

// MaxData is how many bytes of JSON may come with a triggered send.
const MaxData = 64 << 10

func checkData(data json.RawMessage) error {
	switch {
	case len(data) > MaxData:
		return fault.New(fault.Invalid, "data_too_long", "data has %d bytes, %d are allowed", len(data), MaxData).In("data")
	case len(data) > 0 && !json.Valid(data):
		return fault.New(fault.Invalid, "data_invalid", "data is not a JSON object").In("data")
	}
	return nil
}
