package imports

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"bellman/internal/contact"
	"bellman/internal/fault"
)

// Report is the result for the contacts of an import.
type Report struct {
	// Mapping lists the contacts that were created or updated, in the order sent.
	Mapping []Mapped `json:"mapping,omitempty"`
	// Failures lists those that could not be used, in the order sent.
	Failures []Failure `json:"failures,omitempty"`
	// LeftOut lists values that were not kept of contacts that were imported, at most
	// 100 of each part, which has up to 500 contacts.
	LeftOut []Failure `json:"leftOut,omitempty"`
}

// contactIDs returns the contacts of the mapping in ascending order, each once.
func (r Report) contactIDs() []int64 {
	ids := make([]int64, len(r.Mapping))
	for i, m := range r.Mapping {
		ids[i] = m.ContactID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Mapped is a contact that was created or updated.
type Mapped struct {
	// Value is the value that it was recognised by, as it was sent.
	Value     string `json:"value"`
	ContactID int64  `json:"contactId"`
}

// Failure is a contact, or one value of it, that could not be used.
type Failure struct {
	// Index is its index among those sent, from zero.
	Index int `json:"index"`
	// Row is the number of its row in the file, as a spreadsheet shows it; zero when
	// it came in a request.
	Row int `json:"row,omitzero"`
	// Value is what it would have been recognised by, as it was sent, up to 100
	// characters of it.
	Value string `json:"value,omitempty"`
	Code  string `json:"code"`
	Error string `json:"error"`
}

// maxLeftOut is how many values that were not kept are named of a part.
const maxLeftOut = 100

// Get returns an import of the workspace and its report, which is empty until the
// import has ended: callers ask many times a second, and all of its contacts would be
// read each time. NotFound means that there is none.
func (s *Service) Get(ctx context.Context, workspaceID int64, session string) (Import, Report, error) {
	var all Report
	i, err := s.Store.Import(ctx, workspaceID, session)
	if err != nil || i.State != Finished && i.State != Failed {
		return i, all, err
	}
	texts, err := s.Store.ImportReports(ctx, i.ID)
	if err != nil {
		return i, all, err
	}
	for _, text := range texts {
		var part Report
		if err := json.Unmarshal(text, &part); err != nil {
			return i, all, fmt.Errorf("imports: report of import %d: %w", i.ID, err)
		}
		all.Mapping, all.Failures = append(all.Mapping, part.Mapping...), append(all.Failures, part.Failures...)
		all.LeftOut = append(all.LeftOut, part.LeftOut...)
	}
	return i, all, nil
}

// Find returns an import of the workspace; NotFound when there is none.
func (s *Service) Find(ctx context.Context, workspaceID int64, session string) (Import, error) {
	return s.Store.Import(ctx, workspaceID, session)
}

// Listed is a failure in a list.
type Listed struct {
	// Key is where a list goes on behind it; keys are above zero and ascend.
	Key int64
	Failure
	// Imported is true when a value alone was not kept, and the contact is imported.
	Imported bool
}

// keysOfPart is how many keys a part has: more than failures, also of a part of 3000
// contacts, as earlier versions wrote them.
const keysOfPart = 3000 + maxLeftOut + 1

// listed returns what a report has of failures, in the order sent.
func (r Report) listed(part int) []Listed {
	all := make([]Listed, 0, len(r.Failures)+len(r.LeftOut))
	for _, f := range r.Failures {
		all = append(all, Listed{Failure: f})
	}
	for _, f := range r.LeftOut {
		all = append(all, Listed{Failure: f, Imported: true})
	}
	slices.SortStableFunc(all, func(a, b Listed) int { return cmp.Compare(a.Index, b.Index) })
	for n := range all {
		all[n].Key = int64(part)*keysOfPart + int64(n) + 1
	}
	return all
}

// Failures returns up to limit failures of an import of the workspace, of contacts and
// of single values, as far as they are known, with keys above after, in the order sent; NotFound when there is
// no such import.
func (s *Service) Failures(ctx context.Context, workspaceID int64, session string, after int64, limit int) (all []Listed, err error) {
	i, err := s.Store.Import(ctx, workspaceID, session)
	if err != nil {
		return nil, err
	}
	for from := int(after / keysOfPart); len(all) < limit; {
		part, err := s.Store.NextImportReport(ctx, i.ID, from)
		if err != nil || part.Number == 0 {
			return all, err
		}
		report, err := part.read()
		if err != nil {
			return nil, fmt.Errorf("imports: report of import %d: %w", i.ID, err)
		}
		for _, f := range report.listed(part.Number) {
			if f.Key > after && len(all) < limit {
				all = append(all, f)
			}
		}
		from = part.Number + 1
	}
	return all, nil
}

// newReport returns the report on the items of a part.
func newReport(t Task, items []item, results []contact.ImportResult) Report {
	var out Report
	for n, r := range results {
		it := items[n]
		value := recognisedBy(t.ImportOptions, it.Profile)
		failure := func(f *fault.Error) Failure {
			return Failure{cmp.Or(it.Index, n), it.Row, clip(value, maxValue), f.Code, f.Error()}
		}
		switch {
		case r.Status == contact.ImportCreated || r.Status == contact.ImportUpdated:
			out.Mapping = append(out.Mapping, Mapped{value, r.ContactID})
		case r.Fault != nil:
			out.Failures = append(out.Failures, failure(r.Fault))
		}
		for _, f := range r.LeftOut {
			if len(out.LeftOut) < maxLeftOut {
				out.LeftOut = append(out.LeftOut, failure(f))
			}
		}
	}
	return out
}

// maxValue is how long the value of a failure is told.
const maxValue = 100

// clip returns at most most characters of a text.
func clip(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i]
		}
		n++
	}
	return s
}

// recognisedBy returns the value by which a contact is recognised: that of the
// import's option, else the externalCustomerId.
func recognisedBy(o contact.ImportOptions, p contact.Profile) string {
	var value string
	switch o.DedupeOn {
	case contact.OnEmail:
		value = text(p.Email)
	case contact.OnSMS:
		value = text(p.Phone)
	case contact.OnEmailOrSMS:
		if value = text(p.Phone); value == "" {
			value = text(p.Email)
		}
	case contact.OnID:
		if p.ID != nil {
			value = strconv.FormatInt(*p.ID, 10)
		}
	case contact.OnField:
		value = p.Fields[o.FieldID]
	case contact.OnPush, contact.OnMobilePush, contact.OnWebPush:
		for _, d := range p.Devices {
			if o.DedupeOn == contact.OnPush || string(o.DedupeOn) == string(d.Type) {
				value = d.Token
				break
			}
		}
	}
	if value == "" {
		value = text(p.ExternalCustomerID)
	}
	return value
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func count(results []contact.ImportResult) (c Count) {
	for _, r := range results {
		switch r.Status {
		case contact.ImportCreated:
			c.Created++
		case contact.ImportUpdated:
			c.Updated++
		case contact.ImportSkipped:
			c.Skipped++
		case contact.ImportFailed:
			c.Failed++
		}
	}
	return c
}
