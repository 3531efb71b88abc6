package manage

import (
	"context"
	"encoding/csv"
	"mime"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"bellman/internal/imports"
)

// tableType is the media type of CSV files.
const tableType = "text/csv; charset=utf-8"

// tableResponse tells the document of an answer that is a CSV file.
func tableResponse(description string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: description, Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
}

// table is a CSV file that is written row by row.
type table struct {
	csv  *csv.Writer
	conn *http.ResponseController
	// rows is how many are written.
	rows int
}

// extendEvery is after how many rows the time for writing begins anew.
const extendEvery = 10_000

// row writes a row of cells that can be shown, and that no spreadsheet takes for formulas.
func (t *table) row(cells ...string) error {
	if t.rows++; t.rows%extendEvery == 0 {
		if err := extend(t.conn.SetWriteDeadline); err != nil {
			return err
		}
	}
	out := make([]string, len(cells))
	for n, cell := range cells {
		out[n] = imports.Guard(strings.ToValidUTF8(cell, "\ufffd"))
	}
	return t.csv.Write(out)
}

// table answers with a file of a name, without its ending, whose rows write writes. It has
// a byte order mark, by which spreadsheets know its encoding.
func (a *API) table(ctx context.Context, name string, write func(t *table) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		_, w := humago.Unwrap(c)
		w.Header().Set("Content-Type", tableType)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + ".csv"}))
		t := &table{csv: csv.NewWriter(w), conn: http.NewResponseController(w)}
		t.csv.UseCRLF = true
		err := extend(t.conn.SetWriteDeadline)
		if err == nil {
			_, err = w.Write([]byte("\ufeff"))
		}
		if err == nil {
			err = write(t)
		}
		if t.csv.Flush(); err == nil {
			err = t.csv.Error()
		}
		if err != nil {
			a.Log.WarnContext(ctx, "a table was not sent whole", "table", name, "error", err)
			panic(http.ErrAbortHandler) // half of it must not look like all
		}
	}}
}
