package manage

import (
	"cmp"
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
	ID             string             `json:"id" format:"uuid"`
	State          string             `json:"state" enum:"started,importing,finished,failed" doc:"started waits for its turn; failed ended early, for the reason in why."`
	Why            string             `json:"why,omitempty" doc:"Why it failed. Contacts imported by then stay."`
	Created        int64              `json:"created" example:"2"`
	Updated        int64              `json:"updated" example:"1"`
	Skipped        int64              `json:"skipped" doc:"Contacts that were deleted and stay so." example:"0"`
	Failed         int64              `json:"failed" doc:"Rows that could not be used: see its failures." example:"0"`
	UnknownColumns []string           `json:"unknownColumns" nullable:"false" doc:"Columns of the file that were left out, because nothing is known of them; the first 100." example:"[\"Shoe size\"]"`
	DryRun         bool               `json:"dryRun,omitempty" doc:"Nobody is written: the counts tell what an import would do."`
	About          bool               `json:"about,omitempty" doc:"The file of a dry run has more new people than are remembered, 200,000: who stands in it twice may be counted as two."`
	FileName       string             `json:"fileName,omitempty" example:"customers.csv"`
	StartedBy      *authorView        `json:"startedBy,omitempty" doc:"Who started it; absent in imports of earlier versions."`
	Progress       importProgressView `json:"progress"`
	Undo           *undoView          `json:"undo,omitempty" doc:"How far it is taken back; absent when nobody has asked for that."`
	CreatedAt      instant            `json:"createdAt"`
	ChangedAt      instant            `json:"changedAt" doc:"When the state was reached."`
}

type importProgressView struct {
	Phase   string   `json:"phase" enum:"waiting,reading,importing,over" doc:"reading while the file arrives or is fetched; over after the end."`
	Rows    int64    `json:"rows" doc:"The rows that are done: created, updated, skipped or failed." example:"1840"`
	Of      int64    `json:"of" doc:"How many rows there are, as far as the file is read." example:"1961"`
	Bytes   int64    `json:"bytes,omitempty" doc:"How much of the file is read, in bytes."`
	OfBytes int64    `json:"ofBytes,omitempty" doc:"The size of the file in bytes, as it was announced; absent when that is not known."`
	Percent *float64 `json:"percent,omitempty" minimum:"0" maximum:"100" doc:"How much of the phase is done, rounded down to a tenth; absent while that is not known." example:"93.8"`
}

type undoView struct {
	State   string     `json:"state" enum:"running,done,failed" doc:"failed ended early, for the reason in why: ask for it again."`
	Why     string     `json:"why,omitempty"`
	Removed int64      `json:"removed" doc:"Contacts that the import had made and that are gone for good, as if they had never been." example:"1835"`
	Stayed  stayedView `json:"stayed" doc:"Contacts that the import had made and that something has happened to since: they stay, by the first reason."`
	Left    int64      `json:"left" doc:"How many times somebody was taken out of a group that the import had put them into, those who are gone aside." example:"117"`
}

type stayedView struct {
	Chat    int64 `json:"chat" doc:"They have subscribed to a bot." example:"4"`
	Event   int64 `json:"event" doc:"There are events about them, beside the import's own."`
	Group   int64 `json:"group" doc:"They are in other groups."`
	Changed int64 `json:"changed" doc:"Somebody has changed them, or deleted them so that they can be restored." example:"1"`
}

func viewImport(i imports.Import) importView {
	p := i.Progress()
	return importView{
		ID: i.Session, State: string(i.State), Why: i.Why, Created: i.Count.Created, Updated: i.Count.Updated, Skipped: i.Count.Skipped,
		Failed: i.Count.Failed, UnknownColumns: append([]string{}, i.Task.Unknown...), CreatedAt: utc(i.CreatedAt), ChangedAt: utc(i.ChangedAt),
		DryRun: i.Task.Dry, About: i.Task.About, FileName: i.FileName, StartedBy: viewAuthor(i.Author), Undo: viewUndo(i.Undo),
		Progress: importProgressView{
			Phase: string(p.Phase), Rows: p.Rows, Of: p.Of, Bytes: i.BytesRead, OfBytes: i.Size, Percent: p.Percent,
		},
	}
}

// viewUndo returns nil for an import that nobody takes back.
func viewUndo(u *imports.Undo) *undoView {
	if u == nil {
		return nil
	}
	v := &undoView{State: "running", Why: u.Error, Removed: u.Removed, Left: u.Left, Stayed: stayedView{
		Chat: u.Stayed[imports.HasChat], Event: u.Stayed[imports.HasEvent], Group: u.Stayed[imports.InGroup],
		Changed: u.Stayed[imports.Changed],
	}}
	switch {
	case u.Error != "":
		v.State = "failed"
	case u.Done:
		v.State = "done"
	}
	return v
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
	Columns        []string `query:"column,explode" doc:"What a column is, as NAME=MEANING, where its name does not tell: ID=externalCustomerId, or Notes=ignore for one that is left out. May be repeated." example:"[\"ID=externalCustomerId\"]"`
	DryRun         bool     `query:"dryRun" doc:"Read and decide the whole file, and write nobody: the import tells what it would do, with its failures."`
	Name           string   `query:"name" maxLength:"1000" doc:"The name of the file, when it does not come in a form." example:"customers.csv"`

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
		Groups: in.Groups, ExcludedGroups: in.ExcludedGroups, EventType: in.EventTypeKey, Dry: in.DryRun,
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

type listImportsInput struct {
	Paging
	Counting
	State []string `query:"state,explode" enum:"started,importing,finished,failed" doc:"Only those in this state; may be repeated."`
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
		OperationID: "list-imports", Method: http.MethodGet, Path: importsPath, Tags: []string{"contacts"},
		Summary:     "List imports",
		Description: "Newest first, those of the last 30 days, however the contacts were sent. They are counted up to 10,000.",
	}, a.listImports)
	a.lookAtImports()
	a.undoImports()
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
	name, file, err := in.arrival.file()
	if err != nil {
		return nil, err
	}
	session, err := a.Imports.Upload(ctx, workspaceID, imports.File{
		Name: cmp.Or(name, in.Name), Size: max(in.arrival.r.ContentLength, 0), Content: file,
	}, t)
	if err != nil {
		return nil, err
	}
	return a.getImport(ctx, workspaceID, &BySession{session})
}

func (a *API) listImports(ctx context.Context, workspaceID int64, in *listImportsInput) (*answer[page[importView]], error) {
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	states := make([]imports.State, len(in.State))
	for i, state := range in.State {
		states[i] = imports.State(state)
	}
	all, err := a.Imports.List(ctx, workspaceID, imports.ListFilter{States: states, Before: before, Limit: in.more()})
	if err != nil {
		return nil, err
	}
	out := paged(in.Paging, all, func(i imports.Import) int64 { return i.ID }, viewImport)
	if in.Total {
		n, more, err := a.Imports.CountAll(ctx, workspaceID, states)
		if err != nil {
			return nil, err
		}
		out.Body.Total = &totalView{n, more}
	}
	return out, nil
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
