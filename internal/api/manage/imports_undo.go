package manage

import (
	"cmp"
	"context"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/imports"
)

func (a *API) undoImports() {
	register(a, huma.Operation{
		OperationID: "undo-import", Method: http.MethodPost, Path: importsPath + "/{id}/undo", Tags: []string{"contacts"},
		Summary: "Take an import back",
		Description: "Contacts that it has made and that nothing has happened to since are removed for good: they have no chat, no events " +
			"but the import's own, no other groups, and nobody else has changed them. Whoever it has put into groups leaves them. What it " +
			"has changed of contacts that were there before stays, as do groups that they were removed from. It is done soon, in the " +
			"background: look at `undo` of the import. It can be repeated. An import that has not ended is a 409, `import_running`.",
		DefaultStatus: http.StatusAccepted,
	}, a.undoImport)
	register(a, huma.Operation{
		OperationID: "get-refused-rows", Method: http.MethodGet, Path: importsPath + "/{id}/failures.csv", Tags: []string{"contacts"},
		Summary: "Get the refused rows of an import as a file",
		Description: "The rows that could not be imported so far, as they were in the file, each with its number and the reason in the " +
			"last two columns. A cell that a spreadsheet could take for a formula has an apostrophe before it, which an import " +
			"takes off: mend the rows and send the file again. Of contacts that came in a request there are only the values by which " +
			"they would have been recognised.",
		Responses: tableResponse("The rows."),
	}, a.getRefusedRows)
}

func (a *API) undoImport(ctx context.Context, workspaceID int64, in *BySession) (*answer[importView], error) {
	i, err := a.Imports.AskUndo(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[importView]{viewImport(i)}, nil
}

func (a *API) getRefusedRows(ctx context.Context, workspaceID int64, in *BySession) (*huma.StreamResponse, error) {
	i, err := a.Imports.Find(ctx, workspaceID, in.ID)
	if err == nil {
		err = a.Audit.Tell(ctx)
	}
	if err != nil {
		return nil, err
	}
	name := cmp.Or(strings.TrimSuffix(i.FileName, path.Ext(i.FileName)), "import") + " refused"
	return a.table(ctx, name, func(w *table) error { return writeRefused(ctx, w, a.Imports, i) }), nil
}

func writeRefused(ctx context.Context, w *table, service *imports.Service, i imports.Import) error {
	names := i.Task.Names
	if len(names) == 0 {
		names = []string{"value"}
	}
	if err := w.row(append(slices.Clip(names), "row", "reason")...); err != nil {
		return err
	}
	return service.EachRefused(ctx, i, func(r imports.Refused) error {
		cells, row := slices.Clip(r.Cells), cmp.Or(r.Row, r.Index+1)
		if r.Cells == nil {
			cells = []string{r.Value}
		}
		for len(cells) < len(names) {
			cells = append(cells, "")
		}
		return w.row(append(cells, strconv.Itoa(row), r.Error)...)
	})
}
