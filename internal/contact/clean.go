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

// profileTexts are the texts of a profile and how they are read.
var profileTexts = []struct {
	attribute Attribute
	of        func(*Profile) **string
	clean     func(Reader, string) (string, error)
}{
	{AttributeExternalID, func(p *Profile) **string { return &p.ExternalCustomerID }, Reader.ExternalCustomerID},
	{AttributeSMS, func(p *Profile) **string { return &p.Phone }, Reader.Phone},
	{AttributeEmail, func(p *Profile) **string { return &p.Email }, Reader.Email},
	{AttributeFirstName, func(p *Profile) **string { return &p.FirstName }, cleanLine("firstName")},
	{AttributeLastName, func(p *Profile) **string { return &p.LastName }, cleanLine("lastName")},
	{AttributeRegion, func(p *Profile) **string { return &p.Region }, cleanLine("address.region")},
	{AttributeTown, func(p *Profile) **string { return &p.Town }, cleanLine("address.town")},
	{AttributeAddress, func(p *Profile) **string { return &p.Address }, cleanLine("address.address")},
	{AttributePostcode, func(p *Profile) **string { return &p.Postcode }, cleanLine("address.postcode")},
	{AttributeContactKey, func(p *Profile) **string { return &p.ContactKey }, cleanText("contactKey")},
	{AttributeLanguageCode, func(p *Profile) **string { return &p.LanguageCode }, readerless(cleanLanguage)},
	{AttributeTimeZone, func(p *Profile) **string { return &p.TimeZone }, readerless(cleanTimeZone)},
}

// readerless lets a text be read that is no identifier.
func readerless(clean func(string) (string, error)) func(Reader, string) (string, error) {
	return func(_ Reader, s string) (string, error) { return clean(s) }
}

// clean returns the profile with every value in the form in which it is stored, and
// without those that cannot be read.
func (p Profile) clean(read Reader, types fieldTypes) (Profile, gaps) {
	c := cleaner{gaps: slices.Clone(p.Unread)}
	for _, text := range profileTexts {
		of := text.of(&p)
		if *of == nil {
			continue
		}
		value, err := text.clean(read, **of)
		switch {
		case c.leaveOut(Gap{Attribute: text.attribute}, err):
			*of = nil
		case value != **of:
			*of = &value
		}
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
	if len(sent) == 0 {
		return nil
	}
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
func cleanText(field string) func(Reader, string) (string, error) {
	return func(_ Reader, s string) (string, error) {
		if !isText(s, MaxText) {
			return "", fault.New(fault.Invalid, "text_invalid", "write at most %d characters", MaxText).In(field)
		}
		return s, nil
	}
}

// cleanLine returns a function that reads a name or a line of an address: without
// surrounding blanks, also those that have no width. One of nothing else is none, so
// that a greeting falls back to what its message says.
func cleanLine(field string) func(Reader, string) (string, error) {
	check := cleanText(field)
	return func(r Reader, s string) (string, error) {
		return check(r, strings.TrimFunc(s, func(c rune) bool { return unicode.IsSpace(c) || unicode.Is(unicode.Cf, c) }))
	}
}
