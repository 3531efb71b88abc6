package contact

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"

	"bellman/internal/fault"
)

// MaxText is the longest name, part of an address or contactKey, in characters.
const MaxText = 200

// A Gap is a value of a profile that cannot be read or kept, and is left out.
type Gap struct {
	// Attribute is empty for a custom field, and for a value whose attribute is not
	// known.
	Attribute Attribute `json:",omitempty"`
	// FieldID is the custom field, or zero.
	FieldID int64 `json:",omitempty"`
	// Fault says which value it is and what to do.
	Fault *fault.Error
}

// gaps are those of one profile, in the order of its fields.
type gaps []Gap

// error returns the fault of the first gap.
func (g gaps) error() error {
	if len(g) == 0 {
		return nil
	}
	return g[0].Fault
}

// has reports whether the attribute was left out.
func (g gaps) has(a Attribute) bool {
	return slices.ContainsFunc(g, func(x Gap) bool { return x.Attribute == a })
}

// hasField reports whether the custom field was left out.
func (g gaps) hasField(id int64) bool {
	return slices.ContainsFunc(g, func(x Gap) bool { return x.Attribute == "" && x.FieldID == id })
}

// faults returns what was left out and why.
func (g gaps) faults() []*fault.Error {
	var faults []*fault.Error
	for _, x := range g {
		faults = append(faults, x.Fault)
	}
	return faults
}

// clean returns the profile with every value in the form in which it is stored, and
// without those that cannot be read.
func (p Profile) clean(read Reader, types fieldTypes) (Profile, gaps) {
	c := cleaner{gaps: slices.Clone(p.Unread)}
	for _, text := range []struct {
		attribute Attribute
		value     **string
		clean     func(string) (string, error)
	}{
		{AttributeExternalID, &p.ExternalCustomerID, read.ExternalCustomerID},
		{AttributeSMS, &p.Phone, read.Phone}, {AttributeEmail, &p.Email, read.Email},
		{AttributeFirstName, &p.FirstName, cleanLine("firstName")}, {AttributeLastName, &p.LastName, cleanLine("lastName")},
		{AttributeRegion, &p.Region, cleanLine("address.region")}, {AttributeTown, &p.Town, cleanLine("address.town")},
		{AttributeAddress, &p.Address, cleanLine("address.address")}, {AttributePostcode, &p.Postcode, cleanLine("address.postcode")},
		{AttributeContactKey, &p.ContactKey, cleanText("contactKey")},
		{AttributeLanguageCode, &p.LanguageCode, cleanLanguage}, {AttributeTimeZone, &p.TimeZone, cleanTimeZone},
	} {
		*text.value = c.text(text.attribute, *text.value, text.clean)
	}
	var err error
	p.Orders, err = cleanOrders(p.Orders)
	c.leaveOut(Gap{Attribute: AttributeOrders}, err)
	p.Devices = c.devices(p.Devices)
	p.Fields = c.fields(p.Fields, types)
	return p, c.gaps
}

// cleaner collects what it leaves out.
type cleaner struct{ gaps gaps }

// leaveOut notes the gap if there is an error. Those who clean values return faults
// alone.
func (c *cleaner) leaveOut(g Gap, err error) bool {
	if err == nil {
		return false
	}
	g.Fault, _ = errors.AsType[*fault.Error](err)
	c.gaps = append(c.gaps, g)
	return true
}

func (c *cleaner) text(a Attribute, sent *string, clean func(string) (string, error)) *string {
	if sent == nil {
		return nil
	}
	value, err := clean(*sent)
	if c.leaveOut(Gap{Attribute: a}, err) {
		return nil
	}
	return &value
}

// devices returns the devices that can be kept; the last one with a token counts.
func (c *cleaner) devices(sent []Device) []Device {
	var kept []Device
	for _, d := range sent {
		if !c.leaveOut(Gap{Attribute: Attribute(d.Type)}, d.check()) {
			kept = append(kept, d)
		}
	}
	kept = mergeDevices(nil, kept)
	if len(kept) > MaxDevices {
		for _, kind := range []DeviceType{MobilePush, WebPush} {
			c.leaveOut(Gap{Attribute: Attribute(kind)}, errTooManyDevices)
		}
		return nil
	}
	return kept
}

func (c *cleaner) fields(sent map[int64]string, types fieldTypes) map[int64]string {
	kept := make(map[int64]string, len(sent))
	for _, id := range slices.Sorted(maps.Keys(sent)) {
		value, err := types.clean(id, sent[id])
		if !c.leaveOut(Gap{FieldID: id}, err) {
			kept[id] = value
		}
	}
	return kept
}

// cleanText returns a function that checks a text of the field.
func cleanText(field string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !isText(s, MaxText) {
			return "", fault.New(fault.Invalid, "text_invalid", "write at most %d characters", MaxText).In(field)
		}
		return s, nil
	}
}

// cleanLine returns a function that reads a name or a line of an address: without
// surrounding blanks, also those that have no width. One of nothing else is none, so
// that a greeting falls back to what its message says.
func cleanLine(field string) func(string) (string, error) {
	check := cleanText(field)
	return func(s string) (string, error) {
		return check(strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }))
	}
}
