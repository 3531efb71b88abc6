package imports

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"bellman/internal/contact"
)

// This file keeps the rows of files as they were, so that those that are refused can be
// mended where they come from.

// linesOf returns the rows of items of a file, as CSV.
func linesOf(items []item) []byte {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	for _, it := range items {
		writeLine(w, it.cells)
	}
	w.Flush()
	return text.Bytes()
}

// writeLine writes a row to a buffer, which takes everything.
func writeLine(w *csv.Writer, cells []string) {
	if len(cells) == 0 {
		cells = []string{""} // a blank line would be no row
	}
	_ = w.Write(cells)
}

// readLines returns the cells of each row.
func readLines(lines []byte) ([][]string, error) {
	r := csv.NewReader(bytes.NewReader(lines))
	r.FieldsPerRecord = -1
	return r.ReadAll()
}

// keepLines returns the rows at the places that keep wants, with the cells that it returns.
func keepLines(lines []byte, keep func(place int, cells []string) ([]string, bool)) ([]byte, error) {
	rows, err := readLines(lines)
	if err != nil {
		return nil, fmt.Errorf("imports: lines of a part: %w", err)
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	for n, cells := range rows {
		if cells, kept := keep(n, cells); kept {
			writeLine(w, cells)
		}
	}
	w.Flush()
	return text.Bytes(), nil
}

// refusedLines returns the rows whose contacts failed.
func refusedLines(lines []byte, results []contact.ImportResult) ([]byte, error) {
	failed := func(r contact.ImportResult) bool { return r.Status == contact.ImportFailed }
	if lines == nil || !slices.ContainsFunc(results, failed) {
		return nil, nil
	}
	return keepLines(lines, func(n int, cells []string) ([]string, bool) {
		return cells, n < len(results) && failed(results[n])
	})
}

// Reported is what became of a part.
type Reported struct {
	Number int
	// Report is the JSON of a [Report], and Lines the rows of its failures; nil when they
	// are not known.
	Report, Lines []byte
}

func (r Reported) read() (report Report, err error) { return report, json.Unmarshal(r.Report, &report) }

// Refused is a contact that could not be imported, with its row.
type Refused struct {
	Failure
	// Cells are those of its row, as they were in the file; nil for one of a request, and of
	// files that earlier versions have read.
	Cells []string
}

// EachRefused calls fn for each contact of an import that could not be imported so far, in
// the order sent. NotFound means that the workspace has no such import.
func (s *Service) EachRefused(ctx context.Context, i Import, fn func(Refused) error) error {
	for from := 0; ; {
		part, err := s.Store.NextImportReport(ctx, i.ID, from)
		if err != nil || part.Number == 0 {
			return err
		}
		if err := part.eachRefused(fn); err != nil {
			return fmt.Errorf("imports: report of import %d: %w", i.ID, err)
		}
		from = part.Number + 1
	}
}

func (r Reported) eachRefused(fn func(Refused) error) error {
	report, err := r.read()
	if err != nil {
		return err
	}
	lines := csv.NewReader(bytes.NewReader(r.Lines))
	lines.FieldsPerRecord = -1
	for _, f := range report.Failures {
		cells, err := lines.Read()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err := fn(Refused{f, cells}); err != nil {
			return err
		}
	}
	return nil
}
