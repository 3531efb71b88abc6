package imports

import (
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/imports/sheet"
)

// This file looks at the beginning of a file before it is imported, and guesses what its
// columns are.

// MaxLook is how much of a file is looked at, in bytes.
const MaxLook = 1 << 20

const (
	// lookRows are the rows by which columns are guessed, and shownRows those that are
	// shown; samples is how many values of a column are.
	lookRows  = 200
	shownRows = 20
	samples   = 3
)

// ErrLookTooLarge is returned for more than [MaxLook].
var ErrLookTooLarge = fault.New(fault.Invalid, "file_too_large", "send no more than the first MiB of the file").In("file")

// Sureness is how it is known what a column means.
type Sureness string

// The degrees.
const (
	// Known is by a name that is understood as it is.
	Known Sureness = "known"
	// Likely is by a name in another language, or by what is in it.
	Likely Sureness = "likely"
	// Unsure is not at all.
	Unsure Sureness = "unknown"
)

// Looked is what the beginning of a file tells.
type Looked struct {
	// Encoding is utf-8, utf-16le, utf-16be, or unknown.
	Encoding  string
	Separator string
	Columns   []LookedColumn
	// Rows are the first ones.
	Rows []LookedRow
	// DedupeOn is by what contacts could be recognised; empty when no column tells.
	DedupeOn contact.DedupeOn
}

// LookedColumn is a column of such a file.
type LookedColumn struct {
	Name string
	// Means is what it means, as [Task.Columns] has it: an attribute, the name of the field
	// FieldID, or [Ignore].
	Means   string
	FieldID int64
	Sure    Sureness
	// Samples are a few of its values, each another one.
	Samples []string
}

// LookedRow is a row of such a file.
type LookedRow struct {
	Number int
	Cells  []string
	// Broken says why it cannot be read; empty when it can be.
	Broken string
}

// Look reads the beginning of a file of the workspace, up to [MaxLook] bytes. What is no
// table is Invalid; a table of which nothing is known is not.
func (s *Service) Look(ctx context.Context, workspaceID int64, content io.Reader) (Looked, error) {
	w, err := s.Workspaces.Find(ctx, workspaceID)
	if err != nil {
		return Looked{}, err
	}
	fields, err := s.Contacts.Fields(ctx, workspaceID)
	if err != nil {
		return Looked{}, err
	}
	out, err := look(content, fields, contact.Reader{Region: w.PhoneRegion})
	return out, inFile(err)
}

func look(content io.Reader, fields []contact.Field, read contact.Reader) (out Looked, err error) {
	names := newNaming(Task{}, fields)
	var columns []column
	m := &meter{Reader: content}
	rows, err := sheet.NewReader(m, sheet.Hints{
		Known: func(name string) bool { return names.column(name).set != nil || guessedByName(name) != "" },
		Row:   func(cells []string) (fits, tells bool) { return looksLikeContact(columns, cells, read) },
	})
	if err != nil {
		return out, unreadable(err)
	}
	columns, _ = names.columns(rows.Names())
	all, err := beginning(rows, m)
	if err != nil {
		return out, err
	}
	out.Encoding, out.Separator, out.Rows = rows.Encoding(), rows.Separator(), all[:min(len(all), shownRows)]
	if !isUTF8(rows.Names(), all) {
		out.Encoding = "unknown"
	}
	g := guesser{names: names, read: read, taken: map[string]bool{}}
	out.Columns = g.columns(rows.Names(), all)
	out.DedupeOn = g.dedupeOn()
	return out, nil
}

// beginning returns the first rows. The last one may be torn where the file was cut.
func beginning(rows *sheet.Reader, m *meter) (all []LookedRow, err error) {
	for len(all) < lookRows {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			if m.n >= MaxLook && len(all) > 1 {
				all = all[:len(all)-1]
			}
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		looked := LookedRow{Number: row.Number, Cells: row.Cells}
		if row.Broken != nil {
			looked.Cells, looked.Broken = []string{row.Text}, row.Broken.Error()
		}
		all = append(all, looked)
	}
	return all, nil
}

func isUTF8(names []string, rows []LookedRow) bool {
	if !utf8.ValidString(strings.Join(names, "")) {
		return false
	}
	for _, row := range rows {
		if !utf8.ValidString(strings.Join(row.Cells, "")) {
			return false
		}
	}
	return true
}

// A guesser guesses what columns mean. taken are the meanings that columns have.
type guesser struct {
	names naming
	read  contact.Reader
	taken map[string]bool
}

func (g guesser) columns(names []string, rows []LookedRow) []LookedColumn {
	all := make([]LookedColumn, len(names))
	for n, name := range names {
		all[n] = LookedColumn{Name: cleanName(name), Means: Ignore, Sure: Unsure, Samples: samplesOf(n, rows)}
		c := g.names.column(cleanName(name))
		switch {
		case c.fieldID != 0:
			all[n].Means, all[n].FieldID, all[n].Sure = g.fieldName(c.fieldID), c.fieldID, Known
		case c.set != nil:
			all[n].Means, all[n].Sure = meaning(c.attribute), Known
			g.taken[all[n].Means] = true
		}
	}
	// What is known goes before what is likely, and a name before what is in a column.
	for _, guess := range []func(n int) contact.Attribute{
		func(n int) contact.Attribute { return guessedByName(names[n]) },
		func(n int) contact.Attribute { return g.byContent(n, rows) },
	} {
		for n := range all {
			if means := meaning(guess(n)); all[n].Sure == Unsure && means != "" && !g.taken[means] {
				all[n].Means, all[n].Sure = means, Likely
				g.taken[means] = true
			}
		}
	}
	return all
}

func (g guesser) fieldName(id int64) string {
	for _, f := range g.names.fields {
		if f.ID == id {
			return f.Name
		}
	}
	return ""
}

// meaning returns the name of an attribute, as people know it.
func meaning(a contact.Attribute) string {
	if a == contact.AttributeSMS {
		return "phone"
	}
	return string(a)
}

// dedupeOn returns by what contacts with the columns could be recognised.
func (g guesser) dedupeOn() contact.DedupeOn {
	email, phone := g.taken[meaning(contact.AttributeEmail)], g.taken[meaning(contact.AttributeSMS)]
	switch {
	case g.taken[meaning(contact.AttributeExternalID)]:
		return contact.OnExternalID
	case email && phone:
		return contact.OnEmailOrSMS
	case email:
		return contact.OnEmail
	case phone:
		return contact.OnSMS
	}
	return ""
}

// samplesOf returns a few values of a column.
func samplesOf(n int, rows []LookedRow) []string {
	all := []string{}
	seen := map[string]bool{"": true}
	for _, row := range rows {
		if cell := cellOf(n, row); len(all) < samples && !seen[cell] {
			seen[cell] = true
			all = append(all, clip(strings.ToValidUTF8(cell, "\ufffd"), maxValue))
		}
	}
	return all
}

func cellOf(n int, row LookedRow) string {
	if row.Broken != "" || n >= len(row.Cells) {
		return ""
	}
	return unguarded(strings.TrimSpace(row.Cells[n]))
}

// byContent guesses by what is in a column: four values of five have to be alike.
func (g guesser) byContent(n int, rows []LookedRow) contact.Attribute {
	var values, emails, phones int
	for _, row := range rows {
		cell := cellOf(n, row)
		if cell == "" {
			continue
		}
		values++
		if _, err := g.read.Email(cell); err == nil {
			emails++
		}
		if _, err := g.read.Phone(cell); err == nil && digits(cell) >= minPhone {
			phones++
		}
	}
	switch {
	case values == 0:
		return ""
	case emails*5 >= values*4:
		return contact.AttributeEmail
	case phones*5 >= values*4:
		return contact.AttributeSMS
	}
	return ""
}

// minPhone is how many digits a number has that is taken for a phone, and for no id.
const minPhone = 9

func digits(s string) (n int) {
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// guessedByName returns what the name of a column means in other languages and systems.
func guessedByName(name string) contact.Attribute {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune("'’ʼ.", r) {
			return -1
		}
		return r
	}, plainName(contact.Fold(cleanName(name))))
	return otherNames[plain]
}

// otherNames are names of columns in the files of others, as guessedByName has them.
var otherNames = func() map[string]contact.Attribute {
	all := map[string]contact.Attribute{}
	for attribute, names := range map[contact.Attribute]string{
		contact.AttributeFirstName: "name givenname імя имя imię imie vorname",
		contact.AttributeLastName:  "surname familyname прізвище фамилия nazwisko nachname",
		contact.AttributeEmail:     "mail emailaddress пошта елпошта електроннапошта почта элпочта электроннаяпочта емейл имейл",
		contact.AttributeSMS: "mobile mobilephone tel telephone cell telefon телефон номер номертелефону номертелефона " +
			"мобільний мобильный",
		contact.AttributeTown:         "місто город miasto stadt",
		contact.AttributeRegion:       "область регіон регион state province",
		contact.AttributeAddress:      "street адреса адрес",
		contact.AttributePostcode:     "zip zipcode postalcode індекс индекс поштовийіндекс почтовыйиндекс",
		contact.AttributeExternalID:   "id customerid clientid userid crmid idклієнта idклиента кодклієнта кодклиента",
		contact.AttributeLanguageCode: "lang locale мова язык język",
		contact.AttributeTimeZone:     "tz часовийпояс часовойпояс",
	} {
		for name := range strings.FieldsSeq(names) {
			all[contact.Fold(name)] = attribute
		}
	}
	return all
}()
