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
	// Contacts are those that wait to be imported, as JSON; nil when none do any more. Lines are
	// their rows, and those of the report's failures once there is one.
	Contacts, Lines []byte
	// People and Report are JSON, empty for none; Events is how many of the people have
	// their events.
	People, Report string
	Events         int
	// Made is the JSON of a [Made]; empty for none.
	Made string
}

// Erase returns a part without the people, and how many contacts that wait are gone. The
// first result is equal to the part when none of them is in it.
func (r Remains) Erase(gone Matcher) (rest Remains, waiting int, err error) {
	rest = r
	if rest.Contacts, rest.Lines, waiting, err = r.eraseItems(gone); err != nil {
		return r, 0, err
	}
	if rest.People, rest.Events, err = erasePeople(r.People, r.Events, gone); err != nil {
		return r, 0, err
	}
	if rest.Made, err = eraseMade(r.Made, gone); err != nil {
		return r, 0, err
	}
	rest.Report, err = eraseReport(r.Report, gone)
	return rest, waiting, err
}

// Equal reports whether two parts have the same.
func (r Remains) Equal(other Remains) bool {
	return string(r.Contacts) == string(other.Contacts) && string(r.Lines) == string(other.Lines) && r.People == other.People &&
		r.Report == other.Report && r.Events == other.Events && r.Made == other.Made
}

// eraseItems drops those who wait, and what their rows and those of others say of the people.
func (r Remains) eraseItems(gone Matcher) (rest, lines []byte, erased int, err error) {
	if r.Contacts == nil {
		lines, err = eraseLines(r.Lines, gone)
		return nil, lines, 0, err
	}
	var items []item
	if err := json.Unmarshal(r.Contacts, &items); err != nil {
		return nil, nil, 0, fmt.Errorf("imports: contacts of a part: %w", err)
	}
	// An earlier version told the place of an item by its place in the part alone.
	for n := range items {
		if items[n].Index == 0 {
			items[n].Index = n
		}
	}
	is := func(it item) bool {
		return gone.IsProfile(it.Profile) || it.Wrong != nil && gone.Mentioned(it.Wrong.Text)
	}
	if r.Lines != nil && r.Report == "" {
		lines, err = keepLines(r.Lines, func(n int, cells []string) ([]string, bool) {
			return cells, n < len(items) && !is(items[n])
		})
		if err != nil {
			return nil, nil, 0, err
		}
	} else {
		lines = r.Lines
	}
	if lines, err = eraseLines(lines, gone); err != nil {
		return nil, nil, 0, err
	}
	kept := slices.DeleteFunc(slices.Clone(items), is)
	if len(kept) == len(items) {
		return r.Contacts, lines, 0, nil
	}
	rest, err = json.Marshal(kept)
	return rest, lines, len(items) - len(kept), err
}

// eraseLines empties the rows that say something of one of the people.
func eraseLines(lines []byte, gone Matcher) ([]byte, error) {
	if lines == nil {
		return nil, nil
	}
	return keepLines(lines, func(_ int, cells []string) ([]string, bool) {
		if slices.ContainsFunc(cells, func(cell string) bool { return gone.Named(cell) || gone.Mentioned(cell) }) {
			return nil, true
		}
		return cells, true
	})
}

// eraseMade drops the people from what a part has made.
func eraseMade(text string, gone Matcher) (string, error) {
	if text == "" {
		return "", nil
	}
	var m Made
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return "", fmt.Errorf("imports: what a part has made: %w", err)
	}
	before := m.Created.Len() + len(m.Again)
	m.Created = m.Created.without(gone.IsContact)
	m.Again = slices.DeleteFunc(m.Again, func(a Again) bool { return gone.IsContact(a.ContactID) })
	after := m.Created.Len() + len(m.Again)
	for n, j := range m.Joined {
		before += j.ContactIDs.Len()
		m.Joined[n].ContactIDs = j.ContactIDs.without(gone.IsContact)
		after += m.Joined[n].ContactIDs.Len()
	}
	if after == before {
		return text, nil
	}
	out, err := json.Marshal(m)
	return string(out), err
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
