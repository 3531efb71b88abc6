package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bellman/internal/fault"
)

// Item is an event as it is reported.
type Item struct {
	// Type is the key of its type, which is created if necessary.
	Type string
	// Key says whose event it is. Without one, the first parameter that names a
	// contact is the key, unless KeyRequired.
	Key         string
	KeyRequired bool
	// ContactID is the contact that it happened to, where the caller knows it; zero
	// to find it by the parameters and the key.
	ContactID int64
	Params    []Param
	// Past marks history.
	Past bool
	// OccurredAt is zero for now.
	OccurredAt time.Time
}

// Param is a parameter of an event; its value is any JSON.
type Param struct {
	Name  string
	Value json.RawMessage
}

// TextParam returns a parameter that is a text.
func TextParam(name, value string) Param {
	// Marshal does not fail for a string.
	quoted, _ := json.Marshal(value)
	return Param{Name: name, Value: quoted}
}

// The limits of an event, as the vendors of the integration API document them
// ("Validating Event Parameters").
const (
	// MaxType, MaxKey and MaxParamName are in characters.
	MaxType      = 100
	MaxKey       = 300
	MaxParamName = 100
	// MaxParams is how large the parameters of an event may be altogether, in bytes
	// of JSON.
	// spec: event-size
	MaxParams = 20 << 10
)

// forbidden are the characters that neither the key of a type nor that of an event
// may contain.
const forbidden = "<;'’\\/|\"`^?!,>"

// identifiers are the parameters that name a contact, by priority.
//
// spec: event-key
var identifiers = []string{"contactId", "externalCustomerId", "email", "phone", "pushToken"}

// event returns the event that the item reports, without its ids, or an Invalid
// fault.
func (i Item) event(workspaceID int64, now time.Time) (Event, error) {
	params, err := encode(i.Params)
	if err != nil {
		return Event{}, err
	}
	e := Event{
		WorkspaceID: workspaceID, Type: i.Type, Key: i.key(), Params: params, Past: i.Past,
		OccurredAt: i.OccurredAt, CreatedAt: now,
	}
	if err := checkKeys(e); err != nil {
		return Event{}, err
	}
	if e.OccurredAt.IsZero() {
		e.OccurredAt = now
	}
	// A day of tolerance, because many systems write their local time as UTC.
	if e.OccurredAt.UnixMilli() <= 0 || e.OccurredAt.After(now.Add(24*time.Hour)) {
		return Event{}, fault.New(fault.Invalid, "occurred_invalid", "an event has occurred in the past, after 1970").In("occurred")
	}
	return e, nil
}

func checkKeys(e Event) error {
	if f := CheckType(e.Type); f != nil {
		return f
	}
	if f := CheckKey(e.Key); f != nil {
		return f
	}
	return nil
}

// CheckType returns an Invalid fault unless the text may be the key of a type of
// events.
func CheckType(key string) *fault.Error {
	if key == "" {
		return fault.New(fault.Invalid, "event_type_missing", "write the eventTypeKey: what has happened").In("eventTypeKey")
	}
	if utf8.RuneCountInString(key) > MaxType || !allowed(key) {
		return fault.New(fault.Invalid, "event_type_invalid",
			"an eventTypeKey has at most %d characters, and none of %s", MaxType, forbidden).In("eventTypeKey")
	}
	return nil
}

// CheckKey returns an Invalid fault unless the text may be the key of an event.
func CheckKey(key string) *fault.Error {
	if key == "" {
		return fault.New(fault.Invalid, "event_key_missing",
			"say whose event it is: by keyValue, or by one of the parameters %s", strings.Join(identifiers, ", ")).In("keyValue")
	}
	if utf8.RuneCountInString(key) > MaxKey || !allowed(key) {
		return fault.New(fault.Invalid, "event_key_invalid",
			"a keyValue has at most %d characters, and none of %s", MaxKey, forbidden).In("keyValue")
	}
	return nil
}

// spec: event-names
func allowed(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsAny(s, forbidden) && !strings.ContainsFunc(s, unicode.IsControl)
}

// key returns the key that was sent, else the first parameter that names a
// contact; empty when there is neither.
func (i Item) key() string {
	if i.Key != "" || i.KeyRequired {
		return i.Key
	}
	named := i.identifiers()
	for _, name := range identifiers {
		if text := strings.TrimSpace(named[name]); text != "" {
			return text
		}
	}
	return ""
}

// identifiers returns the parameters that name a contact.
func (i Item) identifiers() map[string]string {
	named := map[string]string{}
	for _, p := range i.Params {
		for _, name := range identifiers {
			if p.Name == name {
				named[name] = plain(p.Value)
			}
		}
	}
	return named
}

// plain returns a JSON string or number as text; any other value gives an empty
// text, because it names no contact.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(value, &number) == nil {
		return number.String()
	}
	return ""
}

// encode returns parameters as a JSON object, in their order, with every value
// as it was written.
func encode(params []Param) (json.RawMessage, error) {
	seen := map[string]bool{}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range params {
		field := fmt.Sprintf("params[%d]", i)
		if n := utf8.RuneCountInString(p.Name); n < 1 || n > MaxParamName || strings.ContainsFunc(p.Name, unicode.IsControl) {
			return nil, fault.New(fault.Invalid, "param_name_invalid",
				"the name of a parameter has 1 to %d characters", MaxParamName).In(field + ".name")
		}
		if seen[p.Name] {
			return nil, fault.New(fault.Invalid, "param_name_twice", "there is another parameter with this name").In(field + ".name")
		}
		seen[p.Name] = true
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeMember(&b, p); err != nil {
			return nil, fault.New(fault.Invalid, "param_value_invalid", "the value of a parameter is JSON").In(field + ".value").Because(err)
		}
		if b.Len() >= MaxParams {
			return nil, fault.New(fault.Invalid, "params_too_large", "the parameters of an event are %d bytes at most", MaxParams).In("params")
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func writeMember(b *bytes.Buffer, p Param) error {
	name, err := json.Marshal(p.Name)
	if err != nil {
		return err
	}
	b.Write(name)
	b.WriteByte(':')
	if len(p.Value) == 0 {
		b.WriteString("null")
		return nil
	}
	return json.Compact(b, p.Value)
}

// ParamsOf returns the members of a JSON object as parameters, in their order; an
// empty text and null have none.
func ParamsOf(object json.RawMessage) ([]Param, error) {
	if text := bytes.TrimSpace(object); len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	invalid := fault.New(fault.Invalid, "params_invalid", "parameters are a JSON object").In("params")
	d := json.NewDecoder(bytes.NewReader(object))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return nil, invalid.Because(err)
	}
	var params []Param
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, invalid.Because(err)
		}
		p := Param{Name: fmt.Sprint(name)}
		if err := d.Decode(&p.Value); err != nil {
			return nil, invalid.Because(err)
		}
		params = append(params, p)
	}
	if _, err := d.Token(); err != nil || d.More() {
		return nil, invalid.Because(err)
	}
	return params, nil
}
