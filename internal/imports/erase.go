package imports

import (
	"encoding/json"
	"fmt"
	"slices"

	"bellman/internal/contact"
)

// This file takes people who are erased out of imports.

// A Matcher knows the people who are erased.
type Matcher interface {
	// IsProfile reports whether a profile is about one of them, IsContact whether an id
	// is that of one, Named whether a text is an identifier of one, and Mentioned whether
	// one is in a text.
	IsProfile(p contact.Profile) bool
	IsContact(id int64) bool
	Named(text string) bool
	Mentioned(text string) bool
}

// Remains is what a part keeps of people: all that the database has of it.
type Remains struct {
	// Contacts are those that wait to be imported, as JSON; nil when none do any more.
	Contacts []byte
	// People and Report are JSON, empty for none; Events is how many of the people have
	// their events.
	People, Report string
	Events         int
}

// Erase returns a part without the people, and how many contacts that wait are gone. The
// first result is equal to the part when none of them is in it.
func (r Remains) Erase(gone Matcher) (rest Remains, waiting int, err error) {
	rest = r
	if rest.Contacts, waiting, err = eraseItems(r.Contacts, gone); err != nil {
		return r, 0, err
	}
	if rest.People, rest.Events, err = erasePeople(r.People, r.Events, gone); err != nil {
		return r, 0, err
	}
	rest.Report, err = eraseReport(r.Report, gone)
	return rest, waiting, err
}

// Equal reports whether two parts have the same.
func (r Remains) Equal(other Remains) bool {
	return string(r.Contacts) == string(other.Contacts) && r.People == other.People && r.Report == other.Report && r.Events == other.Events
}

func eraseItems(contacts []byte, gone Matcher) (rest []byte, erased int, err error) {
	if contacts == nil {
		return nil, 0, nil
	}
	var items []item
	if err := json.Unmarshal(contacts, &items); err != nil {
		return nil, 0, fmt.Errorf("imports: contacts of a part: %w", err)
	}
	// An earlier version told the place of an item by its place in the part alone.
	for n := range items {
		if items[n].Index == 0 {
			items[n].Index = n
		}
	}
	kept := slices.DeleteFunc(slices.Clone(items), func(it item) bool {
		return gone.IsProfile(it.Profile) || it.Wrong != nil && gone.Mentioned(it.Wrong.Text)
	})
	if len(kept) == len(items) {
		return contacts, 0, nil
	}
	rest, err = json.Marshal(kept)
	return rest, len(items) - len(kept), err
}

func erasePeople(text string, events int, gone Matcher) (rest string, left int, err error) {
	if text == "" {
		return text, events, nil
	}
	var people, kept []Person
	if err := json.Unmarshal([]byte(text), &people); err != nil {
		return "", 0, fmt.Errorf("imports: people of a part: %w", err)
	}
	left = events
	for n, p := range people {
		switch {
		case !gone.IsContact(p.ContactID):
			kept = append(kept, p)
		case n < events:
			left--
		}
	}
	if len(kept) == len(people) {
		return text, events, nil
	}
	out, err := json.Marshal(kept)
	return string(out), left, err
}

// eraseReport drops what a report says of people who were imported, and by what those
// would have been recognised who were not.
func eraseReport(text string, gone Matcher) (string, error) {
	if text == "" {
		return text, nil
	}
	var r Report
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return "", fmt.Errorf("imports: report of a part: %w", err)
	}
	before := len(r.Mapping)
	r.Mapping = slices.DeleteFunc(r.Mapping, func(m Mapped) bool { return gone.IsContact(m.ContactID) })
	changed := len(r.Mapping) < before
	for _, list := range [][]Failure{r.Failures, r.LeftOut} {
		for n := range list {
			changed = list[n].erase(gone) || changed
		}
	}
	if !changed {
		return text, nil
	}
	out, err := json.Marshal(r)
	return string(out), err
}

// erase reports whether the failure was about one of the people. Its code stays.
func (f *Failure) erase(gone Matcher) bool {
	if !gone.Named(f.Value) && !gone.Mentioned(f.Value) && !gone.Mentioned(f.Error) {
		return false
	}
	f.Value, f.Error = "", f.Code
	return true
}

// Find returns the profiles of the people that wait, and what the report says of those who
// were imported.
func (r Remains) Find(people Matcher) (waiting []contact.Profile, imported []Mapped, err error) {
	if r.Contacts != nil && r.Report == "" {
		var items []item
		if err := json.Unmarshal(r.Contacts, &items); err != nil {
			return nil, nil, fmt.Errorf("imports: contacts of a part: %w", err)
		}
		for _, it := range items {
			if people.IsProfile(it.Profile) {
				waiting = append(waiting, it.Profile)
			}
		}
	}
	if r.Report == "" {
		return waiting, nil, nil
	}
	var report Report
	if err := json.Unmarshal([]byte(r.Report), &report); err != nil {
		return nil, nil, fmt.Errorf("imports: report of a part: %w", err)
	}
	for _, m := range report.Mapping {
		if people.IsContact(m.ContactID) {
			imported = append(imported, m)
		}
	}
	return waiting, imported, nil
}
