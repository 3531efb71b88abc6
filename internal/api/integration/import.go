package integration

import (
	"fmt"
	"net/http"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/contact"
	"bellman/internal/imports"
)

func (a *API) importCalls() []call {
	return []call{
		{method: http.MethodPost, path: "/contacts", area: access.AreaContactsWrite, handle: a.importContacts},
		{method: http.MethodPost, path: "/contacts/upload", area: access.AreaContactsWrite, handle: a.importFile},
		{method: http.MethodGet, path: "/importstatus/{session}", area: access.AreaContactsWrite, handle: a.importStatus},
	}
}

// spec: import-limit
var errTooManyContacts = sentence(http.StatusBadRequest, "too_many_contacts",
	fmt.Sprintf("At most %d contacts per request", contact.MaxImport))

type acceptedImport struct {
	AsyncSessionID string `json:"asyncSessionId"`
	ID             int64  `json:"id"`
	// FailedContacts is empty: failures are known later.
	FailedContacts []failedContact `json:"failedContacts"`
}

// importContacts serves POST /contacts: the contacts are imported soon.
func (a *API) importContacts(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	order, err := body.DecodeLarge(w, r, decodeImport)
	if err != nil {
		return nil, err
	}
	if len(order.contacts) == 0 {
		return nil, sentence(http.StatusBadRequest, "contacts_missing", "Contacts must be specified")
	}
	session, err := a.Imports.Accept(r.Context(), workspaceID, order.contacts, order.task)
	if err != nil {
		return nil, err
	}
	return acceptedImport{session, 0, []failedContact{}}, nil
}

type acceptedFile struct {
	AsyncSessionID string `json:"asyncSessionId"`
	// ImportID is the same, under the name that the vendor's newer clients look
	// for.
	ImportID string `json:"importId"`
	Valid    bool   `json:"valid"`
	Message  string `json:"message"`
}

// importFile serves POST /contacts/upload: the file is fetched and imported soon.
func (a *API) importFile(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	order, err := body.Decode(w, r, decodeImport)
	if err != nil {
		return nil, err
	}
	if order.link == "" {
		return nil, sentence(http.StatusBadRequest, "link_missing", "Link must be specified")
	}
	session, err := a.Imports.AcceptFile(r.Context(), workspaceID, order.link, order.task)
	if err != nil {
		return nil, err
	}
	return acceptedFile{session, session, true, ""}, nil
}

// importOrder is the body of both calls; only the second has the link.
type importOrder struct {
	contacts []contact.Profile
	link     string
	task     imports.Task
}

func decodeImport(v loose.Value) (o importOrder, err error) {
	err = v.Members(func(name string, v loose.Value) (err error) {
		t := &o.task
		switch name {
		case "contacts":
			o.contacts, err = decodeContacts(v)
		case "link":
			o.link, err = v.Text()
		case "dedupeOn":
			var on string
			on, err = v.Text()
			t.DedupeOn = contact.DedupeOn(on)
		case "fieldId":
			t.FieldID, err = v.ID()
		case "contactFields":
			t.Attributes, err = decodeAttributes(v)
		case "customFieldsIDs":
			t.FieldIDs, err = v.IDs()
		case "groupNames":
			t.Groups, err = v.Texts()
		case "groupNamesExclude":
			t.ExcludedGroups, err = v.Texts()
		case "restoreDeleted":
			t.RestoreDeleted, err = v.Bool()
		case "eventKeyForNewContacts":
			t.EventType, err = v.Text()
		}
		return err
	})
	return o, err
}

func decodeContacts(v loose.Value) (all []contact.Profile, err error) {
	err = v.Elements(func(_ int, v loose.Value) error {
		if len(all) == contact.MaxImport {
			return errTooManyContacts
		}
		all = append(all, decodeImported(v))
		return nil
	})
	return all, err
}

// decodeAttributes reads which attributes are updated. A list without names counts
// as none: all are updated.
func decodeAttributes(v loose.Value) (all []contact.Attribute, err error) {
	names, err := v.Texts()
	for _, name := range names {
		if name != "" {
			all = append(all, contact.Attribute(name))
		}
	}
	return all, err
}

type importObject struct {
	Status string `json:"status"`
	// Timestamp is when the status was reached.
	Timestamp      string          `json:"timestamp"`
	Description    string          `json:"description"`
	Mapping        []mappedContact `json:"mapping"`
	FailedContacts []failedContact `json:"failedContacts"`
	// LeftOut names values that were not kept of contacts that were imported.
	LeftOut []failedContact `json:"leftOut,omitempty"`
}

type mappedContact struct {
	DedupeValue string `json:"dedupeValue"`
	ContactID   int64  `json:"contactId"`
}

type failedContact struct {
	// Index is the index among the contacts that were sent, from zero.
	Index int `json:"index"`
	// Row is the number of its row in the file, as a spreadsheet shows it.
	Row         int    `json:"row,omitzero"`
	DedupeValue string `json:"dedupeValue,omitempty"`
	Error       string `json:"error"`
}

// importStatuses are the vendor's words.
var importStatuses = map[imports.State]string{
	imports.Started: "STARTED", imports.Importing: "IMPORTING", imports.Finished: "FINISHED", imports.Failed: "ERROR",
}

// importStatus serves GET /importstatus/{session}.
//
// spec: import-async
func (a *API) importStatus(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	i, report, err := a.Imports.Get(r.Context(), workspaceID, r.PathValue("session"))
	if err != nil {
		return nil, err
	}
	out := importObject{
		Status: importStatuses[i.State], Timestamp: i.ChangedAt.UTC().Format(stamp), Description: describeImport(i),
		Mapping: make([]mappedContact, len(report.Mapping)), FailedContacts: make([]failedContact, len(report.Failures)),
	}
	for n, m := range report.Mapping {
		out.Mapping[n] = mappedContact{m.Value, m.ContactID}
	}
	for n, f := range report.Failures {
		out.FailedContacts[n] = failedContact{f.Index, f.Row, f.Value, f.Error}
	}
	for _, f := range report.LeftOut {
		out.LeftOut = append(out.LeftOut, failedContact{f.Index, f.Row, f.Value, f.Error})
	}
	return out, nil
}

func describeImport(i imports.Import) string {
	counts := fmt.Sprintf("created: %d, updated: %d, skipped: %d, failed: %d",
		i.Count.Created, i.Count.Updated, i.Count.Skipped, i.Count.Failed)
	if len(i.Task.Unknown) > 0 {
		counts += "; unknown columns: " + strings.Join(i.Task.Unknown, ", ")
	}
	if i.State == imports.Failed {
		return i.Why + "; " + counts
	}
	return counts
}
