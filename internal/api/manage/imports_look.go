package manage

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/imports"
)

const lookPath = importsPath + "/look"

type importLookInput struct {
	arrival arrival
}

// Resolve implements [huma.Resolver].
func (in *importLookInput) Resolve(c huma.Context) []error {
	in.arrival = arrive(c, imports.MaxLook, imports.ErrLookTooLarge)
	return nil
}

type lookView struct {
	Encoding  string             `json:"encoding" enum:"utf-8,utf-16le,utf-16be,unknown" doc:"unknown for a file that is in none of these: save it as CSV UTF-8, or its rows will be refused."`
	Delimiter string             `json:"delimiter" doc:"What separates cells." example:";"`
	DedupeOn  string             `json:"dedupeOn,omitempty" doc:"By what contacts could be recognised, for the import; absent when no column tells." example:"email_or_sms"`
	Columns   []lookedColumnView `json:"columns" nullable:"false"`
	Rows      []lookedRowView    `json:"rows" nullable:"false" doc:"The first 20 rows below the names of the columns."`
}

type lookedColumnView struct {
	Name    string   `json:"name" doc:"As it stands in the file, up to 100 characters." example:"Телефон"`
	Means   string   `json:"means" doc:"What it is taken for, as the import's column=NAME=MEANING has it: externalCustomerId, phone, email, firstName, lastName, town, region, address, postcode, contactKey, languageCode, timeZone, the name of a custom field, or ignore." example:"phone"`
	FieldID int64    `json:"fieldId,omitempty" doc:"The custom field, when it is one."`
	Sure    string   `json:"sure" enum:"known,likely,unknown" doc:"known: the import understands the name as it is. likely: guessed by the name in another language, or by the values; the import has to be told. unknown: ignored."`
	Samples []string `json:"samples" nullable:"false" doc:"Up to three different values." example:"[\"+380501234567\"]"`
}

type lookedRowView struct {
	Row   int      `json:"row" doc:"The row in the file, as a spreadsheet shows it." example:"2"`
	Cells []string `json:"cells" nullable:"false" doc:"As they stand; of a row that cannot be read, the line."`
	Error string   `json:"error,omitempty" doc:"Why the row cannot be read."`
}

func (a *API) lookAtImports() {
	register(a, huma.Operation{
		OperationID: "look-at-import", Method: http.MethodPost, Path: lookPath, Tags: []string{"contacts"},
		Summary: "Look at a file before it is imported",
		Description: "The first part of a CSV file, up to 1 MiB, as a form with the field `file` or as the body itself. " +
			"Tells what it is, and guesses what its columns mean. Nothing is kept.",
	}, a.lookAtImport)
	// If huma knew of it before, it would read the body.
	a.huma.OpenAPI().Paths[lookPath].Post.RequestBody = uploadBody()
}

func (a *API) lookAtImport(ctx context.Context, workspaceID int64, in *importLookInput) (*answer[lookView], error) {
	_, file, err := in.arrival.file()
	if err != nil {
		return nil, err
	}
	l, err := a.Imports.Look(ctx, workspaceID, file)
	if err != nil {
		return nil, err
	}
	v := lookView{
		Encoding: l.Encoding, Delimiter: l.Separator, DedupeOn: string(l.DedupeOn),
		Columns: make([]lookedColumnView, len(l.Columns)), Rows: make([]lookedRowView, len(l.Rows)),
	}
	for i, c := range l.Columns {
		v.Columns[i] = lookedColumnView{Name: c.Name, Means: c.Means, FieldID: c.FieldID, Sure: string(c.Sure), Samples: c.Samples}
	}
	for i, r := range l.Rows {
		cells := make([]string, len(r.Cells))
		for n, cell := range r.Cells {
			cells[n] = strings.ToValidUTF8(cell, "\ufffd")
		}
		v.Rows[i] = lookedRowView{Row: r.Number, Cells: cells, Error: r.Broken}
	}
	return &answer[lookView]{v}, nil
}
