package imports

import (
	"bellman/internal/contact"
	"bellman/internal/fault"
)

// An item is a contact of an import as it waits in a part, or a row of its file that
// is none.
type item struct {
	contact.Profile
	// Row is the number of its row in the file; zero when it came in a request.
	Row int `json:"row,omitzero"`
	// Index is its index among all contacts of the request, or among the rows of the
	// file that are not blank. It is zero for the first one, and for those of requests
	// that earlier versions have accepted, which are in one part.
	Index int `json:"index,omitzero"`
	// Wrong says why no contact can be read from the row; nil when one can be.
	Wrong *wrong `json:"wrong,omitzero"`
	// cells are those of its row as they are in the file, on the way from there.
	cells []string
}

// wrong is a fault of a row, with a sentence that says what it is.
type wrong struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// profilesOf returns the contacts among the items.
func profilesOf(items []item) []contact.Profile {
	profiles := make([]contact.Profile, 0, len(items))
	for _, it := range items {
		if it.Wrong == nil {
			profiles = append(profiles, it.Profile)
		}
	}
	return profiles
}

// resultsOf returns the results for all items, from those for the contacts among
// them.
func resultsOf(items []item, imported []contact.ImportResult) []contact.ImportResult {
	results := make([]contact.ImportResult, len(items))
	for n, it := range items {
		if it.Wrong != nil {
			results[n] = contact.ImportResult{Status: contact.ImportFailed, Fault: it.Wrong.fault()}
			continue
		}
		results[n], imported = imported[0], imported[1:]
	}
	return results
}

func (w wrong) fault() *fault.Error { return fault.New(fault.Invalid, w.Code, "%s", w.Text) }
