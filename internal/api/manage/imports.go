package manage

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/imports"
)

const importsPath = "/imports"

type importView struct {
	ID             string   `json:"id" format:"uuid"`
	State          string   `json:"state" enum:"started,importing,finished,failed" doc:"started waits for its turn; failed ended early, for the reason in why."`
	Why            string   `json:"why,omitempty" doc:"Why it failed. Contacts imported by then stay."`
	Created        int64    `json:"created" example:"2"`
	Updated        int64    `json:"updated" example:"1"`
	Skipped        int64    `json:"skipped" doc:"Contacts that were deleted and stay so." example:"0"`
	Failed         int64    `json:"failed" doc:"Rows that could not be used: see its failures." example:"0"`
	UnknownColumns []string `json:"unknownColumns" nullable:"false" doc:"Columns of the file that were left out, because nothing is known of them; the first 100." example:"[\"Shoe size\"]"`
	CreatedAt      instant  `json:"createdAt"`
	ChangedAt      instant  `json:"changedAt" doc:"When the state was reached."`
}

func viewImport(i imports.Import) importView {
	return importView{
		ID: i.Session, State: string(i.State), Why: i.Why, Created: i.Count.Created, Updated: i.Count.Updated, Skipped: i.Count.Skipped,
		Failed: i.Count.Failed, UnknownColumns: append([]string{}, i.Task.Unknown...), CreatedAt: utc(i.CreatedAt), ChangedAt: utc(i.ChangedAt),
	}
}

type failureView struct {
	Index int    `json:"index" doc:"The place among those sent, from zero." example:"0"`
	Row   int    `json:"row,omitempty" doc:"The row in the file, as a spreadsheet shows it: the names of the columns are row 1." example:"2"`
	Value string `json:"value,omitempty" doc:"What the contact would have been recognised by." example:"rubbish"`
	Code  string `json:"code" example:"email_invalid"`
	Error string `json:"error" example:"email: this is not an email address"`
	// Imported is shown where it is true alone: a failure is what its name says.
	Imported bool `json:"imported,omitempty" doc:"The contact is imported, without the value that the error names."`
}

func viewFailure(f imports.Listed) failureView {
	return failureView{Index: f.Index, Row: f.Row, Value: f.Value, Code: f.Code, Error: f.Error, Imported: f.Imported}
}

type uploadImportInput struct {
	DedupeOn       string   `query:"dedupeOn" required:"true" enum:"email,sms,email_or_sms,id,externalCustomerId,fieldId" doc:"What contacts are recognised by whose externalCustomerId is not known." example:"email"`
	FieldID        int64    `query:"fieldId" minimum:"1" maximum:"9007199254740991" doc:"The custom field of dedupeOn=fieldId." example:"1"`
	RestoreDeleted bool     `query:"restoreDeleted" doc:"Restore deleted contacts; without it, they are skipped."`
	Groups         []string `query:"group,explode" doc:"The name of a group that contacts are added to; may be repeated." example:"[\"Customers\"]"`
	ExcludedGroups []string `query:"excludedGroup,explode" doc:"The name of a group that contacts are removed from; may be repeated." example:"[\"Leads\"]"`
	EventTypeKey   string   `query:"eventTypeKey" doc:"The event that is recorded for each new contact." example:"newContact"`
	Columns        []string `query:"column,explode" doc:"What a column is, as NAME=MEANING, where its name does not tell: ID=externalCustomerId. May be repeated." example:"[\"ID=externalCustomerId\"]"`

	arrival arrival
}

// Resolve implements [huma.Resolver].
func (in *uploadImportInput) Resolve(c huma.Context) []error {
	in.arrival = arrive(c, imports.MaxFile, imports.ErrTooLarge)
	return nil
}

// task returns how the contacts are treated.
func (in *uploadImportInput) task() (t imports.Task, err error) {
	t = imports.Task{
		ImportOptions: contact.ImportOptions{
			DedupeOn: contact.DedupeOn(in.DedupeOn), FieldID: in.FieldID, RestoreDeleted: in.RestoreDeleted,
		},
		Groups: in.Groups, ExcludedGroups: in.ExcludedGroups, EventType: in.EventTypeKey,
	}
	for _, text := range in.Columns {
		at := strings.LastIndex(text, "=")
		if at < 1 {
			return t, fault.New(fault.Invalid, "column_invalid", "write NAME=MEANING, such as ID=externalCustomerId").In("column")
		}
		if t.Columns == nil {
			t.Columns = map[string]string{}
		}
		t.Columns[text[:at]] = text[at+1:]
	}
	return t, nil
}

// BySession is the input of operations on an import; it is exported for the reason
// given at [ByID].
type BySession struct {
	ID string `path:"id" format:"uuid" doc:"The id."`
}

type importFailuresInput struct {
	BySession
	Paging
}

func (a *API) imports() {
	register(a, huma.Operation{
		OperationID: "upload-import", Method: http.MethodPost, Path: importsPath, Tags: []string{"contacts"},
		Summary: "Import contacts from a file",
		Description: "A CSV file of at most 100 MiB, as a form with the field `file`, or as the body itself; what it may look like is " +
			"described at `POST /contacts/upload` of the integration API. It is read while it arrives, its contacts are imported soon.",
		DefaultStatus: http.StatusAccepted,
	}, a.uploadImport)
	// If huma knew of it before, it would read the body.
	a.huma.OpenAPI().Paths[importsPath].Post.RequestBody = uploadBody()
	register(a, huma.Operation{
		OperationID: "get-import", Method: http.MethodGet, Path: importsPath + "/{id}", Tags: []string{"contacts"},
		Summary: "Get an import", Description: "Known for 30 days, however the contacts were sent.",
	}, a.getImport)
	register(a, huma.Operation{
		OperationID: "list-import-failures", Method: http.MethodGet, Path: importsPath + "/{id}/failures", Tags: []string{"contacts"},
		Summary: "List the failures of an import",
		Description: "In the order sent, as far as they are known. Of each part of an import, which has up to 500 contacts, " +
			"at most 100 values that were left out are listed.",
	}, a.listImportFailures)
}

func (a *API) uploadImport(ctx context.Context, workspaceID int64, in *uploadImportInput) (*answer[importView], error) {
	t, err := in.task()
	if err != nil {
		return nil, err
	}
	_, file, err := in.arrival.file()
	if err != nil {
		return nil, err
	}
	session, err := a.Imports.Upload(ctx, workspaceID, file, t)
	if err != nil {
		return nil, err
	}
	return a.getImport(ctx, workspaceID, &BySession{session})
}

func (a *API) getImport(ctx context.Context, workspaceID int64, in *BySession) (*answer[importView], error) {
	i, err := a.Imports.Find(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[importView]{viewImport(i)}, nil
}

func (a *API) listImportFailures(ctx context.Context, workspaceID int64, in *importFailuresInput) (*answer[page[failureView]], error) {
	after, err := in.after()
	if err != nil {
		return nil, err
	}
	all, err := a.Imports.Failures(ctx, workspaceID, in.ID, after, in.more())
	if err != nil {
		return nil, err
	}
	return paged(in.Paging, all, func(f imports.Listed) int64 { return f.Key }, viewFailure), nil
}
