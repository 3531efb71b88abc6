package imports

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"bellman/internal/contact"
	"bellman/internal/fault"
)

// MaxFile is the size of the largest file, in bytes.
const MaxFile = 100 << 20

// Files fetches files from other hosts.
type Files interface {
	// Check returns an Invalid fault for an address that no file can have.
	Check(link string) error
	// Open returns the content of the file at the address, which ends with an error
	// after most bytes. Invalid means that there is no such file, or that the
	// address is not allowed; Unavailable that it may be there later.
	Open(ctx context.Context, link string, most int64) (io.ReadCloser, error)
}

// FileStore is what imports of files need of the database.
type FileStore interface {
	// EmptyImport removes the parts of an import whose file is not fetched yet.
	EmptyImport(ctx context.Context, l Lease) error
	// AddImportPart adds a part to such an import.
	AddImportPart(ctx context.Context, l Lease, part int, contacts []byte) error
	// FinishImportFile records that the file is fetched, removes the link, and
	// stores the task as it is with the file's columns.
	FinishImportFile(ctx context.Context, l Lease, t Task) error
}

// fetch reads the import's file into parts, and returns the task: a file updates
// what it has columns for, unless the task says otherwise. It begins anew when an
// earlier attempt did not finish.
func (s *Service) fetch(ctx context.Context, l Lease, i Import) (t Task, err error) {
	if err := s.Store.EmptyImport(ctx, l); err != nil {
		return t, err
	}
	fields, err := s.Contacts.Fields(ctx, i.WorkspaceID)
	if err != nil {
		return t, err
	}
	content, err := s.Files.Open(ctx, i.Link, MaxFile)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	f, err := newFile(content, fields)
	if err != nil {
		return t, err
	}
	if t, err = f.task(i.Task); err != nil {
		return t, err
	}
	for part := 1; ; part++ {
		profiles, err := f.read(contact.MaxImport)
		if err != nil {
			return t, err
		}
		if len(profiles) == 0 && part == 1 {
			return t, invalidFile("it has no rows below the names of its columns")
		}
		if len(profiles) == 0 {
			return t, s.Store.FinishImportFile(ctx, l, t)
		}
		text, err := json.Marshal(profiles)
		if err != nil {
			return t, err
		}
		if err := s.Store.AddImportPart(ctx, l, part, text); err != nil {
			return t, err
		}
	}
}

// A file contains contacts as CSV in UTF-8, one per row, below a row with the names
// of the columns. Columns are separated by commas, or by semicolons when the first
// row has no comma. A column with an unknown name is ignored.
type file struct {
	rows    *csv.Reader
	columns []column
	row     int
}

// A column puts its cells into profiles. An ignored column has no set.
type column struct {
	attribute contact.Attribute
	fieldID   int64
	set       func(p *contact.Profile, cell string) error
}

func invalidFile(format string, args ...any) error {
	return fault.New(fault.Invalid, "file_invalid", "the file cannot be read: "+format, args...).In("link")
}

// newFile reads the names of the columns.
func newFile(content io.Reader, fields []contact.Field) (*file, error) {
	text := bufio.NewReaderSize(content, 64<<10)
	if mark, err := text.Peek(3); err == nil && string(mark) == "\ufeff" {
		// These bytes have been peeked, so that discarding them does not fail.
		_, _ = text.Discard(3)
	}
	f := &file{rows: csv.NewReader(text), row: 1}
	// An error comes again when the row is read.
	first, _ := text.Peek(text.Size())
	if head, _, _ := bytes.Cut(first, []byte("\n")); !bytes.Contains(head, []byte(",")) && bytes.Contains(head, []byte(";")) {
		f.rows.Comma = ';'
	}
	f.rows.FieldsPerRecord, f.rows.ReuseRecord, f.rows.LazyQuotes = -1, true, true
	names, err := f.rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, invalidFile("it is empty")
	}
	if err != nil {
		return nil, f.broken(err)
	}
	for _, name := range names {
		f.columns = append(f.columns, newColumn(name, fields))
	}
	return f, nil
}

// task returns the task for the file's columns.
func (f *file) task(t Task) (Task, error) {
	var (
		attributes = []contact.Attribute{}
		known      bool
	)
	for _, c := range f.columns {
		known = known || c.set != nil
		if c.attribute != "" {
			attributes = append(attributes, c.attribute)
		}
		if c.fieldID != 0 && !slices.Contains(t.FieldIDs, c.fieldID) {
			t.FieldIDs = append(t.FieldIDs, c.fieldID)
		}
	}
	if !known {
		return t, invalidFile("its first row names no column that is known, such as Email or SMS")
	}
	if t.Attributes == nil {
		t.Attributes = attributes
	}
	return t, nil
}

// read returns up to most profiles; none at the end of the file.
func (f *file) read(most int) ([]contact.Profile, error) {
	var profiles []contact.Profile
	for len(profiles) < most {
		cells, err := f.rows.Read()
		if errors.Is(err, io.EOF) {
			return profiles, nil
		}
		f.row++
		if err != nil {
			return nil, f.broken(err)
		}
		p, err := f.profile(cells)
		if err != nil {
			return nil, err
		}
		profiles = append(profiles, p)
	}
	return profiles, nil
}

// profile reads a row. Missing cells of a short row are empty, cells beyond the
// last column are ignored.
func (f *file) profile(cells []string) (p contact.Profile, err error) {
	for n, c := range f.columns {
		if c.set == nil {
			continue
		}
		cell := ""
		if n < len(cells) {
			cell = strings.Clone(strings.TrimSpace(cells[n]))
		}
		if !utf8.ValidString(cell) {
			return p, invalidFile("row %d is not in UTF-8", f.row)
		}
		if err := c.set(&p, cell); err != nil {
			return p, invalidFile("row %d: %v", f.row, err)
		}
	}
	return p, nil
}

// broken returns the fault for a row that cannot be read.
func (f *file) broken(err error) error {
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		return invalidFile("row %d: %v", f.row, wrong.Err)
	}
	return err
}

// newColumn returns the column with the name: an attribute, in the words of the API
// or of the vendor, or a custom field, whose name may follow that of its group and
// a dot.
func newColumn(name string, fields []contact.Field) column {
	name = contact.Fold(strings.TrimSpace(name))
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-", r) {
			return -1
		}
		return r
	}, name)
	if c, ok := attributeColumns[plain]; ok {
		return c
	}
	_, last, _ := strings.Cut(name, ".")
	for _, f := range fields {
		if key := contact.Fold(f.Name); key == name || key == last {
			return fieldColumn(f.ID)
		}
	}
	return column{}
}

func fieldColumn(id int64) column {
	return column{fieldID: id, set: func(p *contact.Profile, cell string) error {
		if p.Fields == nil {
			p.Fields = map[int64]string{}
		}
		p.Fields[id] = cell
		return nil
	}}
}

// attributeColumns holds the columns by their names, without case, spaces, hyphens
// and underscores.
var attributeColumns = func() map[string]column {
	byName := map[string]column{"contactid": idColumn, "id": idColumn}
	for _, a := range []struct {
		attribute contact.Attribute
		place     func(*contact.Profile) **string
		names     []string
	}{
		{contact.AttributeFirstName, func(p *contact.Profile) **string { return &p.FirstName }, []string{"firstname"}},
		{contact.AttributeLastName, func(p *contact.Profile) **string { return &p.LastName }, []string{"lastname"}},
		{contact.AttributeEmail, func(p *contact.Profile) **string { return &p.Email }, []string{"email"}},
		{contact.AttributeSMS, func(p *contact.Profile) **string { return &p.Phone }, []string{"sms", "phone", "phonenumber"}},
		{contact.AttributeAddress, func(p *contact.Profile) **string { return &p.Address }, []string{"address"}},
		{contact.AttributeTown, func(p *contact.Profile) **string { return &p.Town }, []string{"city", "town"}},
		{contact.AttributeRegion, func(p *contact.Profile) **string { return &p.Region }, []string{"region"}},
		{contact.AttributePostcode, func(p *contact.Profile) **string { return &p.Postcode }, []string{"postcode"}},
		{contact.AttributeContactKey, func(p *contact.Profile) **string { return &p.ContactKey }, []string{"contactkey"}},
		{contact.AttributeLanguageCode, func(p *contact.Profile) **string { return &p.LanguageCode }, []string{"languagecode", "language"}},
		{contact.AttributeTimeZone, func(p *contact.Profile) **string { return &p.TimeZone }, []string{"timezone"}},
		{contact.AttributeExternalID,
			func(p *contact.Profile) **string { return &p.ExternalCustomerID }, []string{"externalcustomerid", "externalid"}},
	} {
		for _, name := range a.names {
			byName[name] = column{attribute: a.attribute, set: func(p *contact.Profile, cell string) error {
				*a.place(p) = &cell
				return nil
			}}
		}
	}
	return byName
}()

var idColumn = column{set: func(p *contact.Profile, cell string) error {
	id, err := contact.Reader{}.ContactID(cell)
	if err != nil {
		return fmt.Errorf("%.30q is no id of a contact", cell)
	}
	if id != 0 {
		p.ID = &id
	}
	return nil
}}
