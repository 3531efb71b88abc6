package imports

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"bellman/internal/contact"
	"bellman/internal/fault"
)

// A column is what a file says about each contact: an attribute, a custom field or
// the contact's id. Several columns of the file may be named as one; the first one
// that is not empty in a row counts.
type column struct {
	attribute contact.Attribute
	fieldID   int64
	set       func(p *contact.Profile, cell string) error
	// ignored is true for one that is to be left out.
	ignored bool
	// places are the file's columns, names their names.
	places []int
	names  []string
}

// is reports whether both are the same attribute, field or id.
func (c column) is(other column) bool {
	return c.attribute == other.attribute && c.fieldID == other.fieldID && c.set != nil && other.set != nil
}

// cell returns the cell of a row that counts, without space around it, and the name
// of its column. Cells that a row lacks are empty.
func (c column) cell(cells []string) (name, cell string) {
	for n, place := range c.places {
		if place < len(cells) {
			if cell := unguarded(strings.TrimSpace(cells[place])); cell != "" {
				return c.names[n], cell
			}
		}
	}
	return c.names[0], ""
}

// Guard returns a cell as no spreadsheet takes it for a formula.
func Guard(cell string) string {
	if cell != "" && strings.IndexByte("=+-@\t\r", cell[0]) >= 0 {
		return "'" + cell
	}
	return cell
}

// unguarded returns a cell without what [Guard] has put before it, so that rows that were
// refused can be mended and sent again.
func unguarded(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && Guard(rest) == cell {
		return rest
	}
	return cell
}

// naming tells what columns are by their names.
type naming struct {
	fields  []contact.Field
	renamed map[string]string
	// ids is true when contacts are recognised by their ids; else a column of ids is
	// not ours: every system numbers its contacts.
	ids bool
}

func newNaming(t Task, fields []contact.Field) naming {
	n := naming{fields: fields, ids: t.DedupeOn == contact.OnID, renamed: map[string]string{}}
	for name, means := range t.Columns {
		n.renamed[contact.Fold(name)] = means
	}
	return n
}

// check returns an Invalid fault when a column that was renamed does not exist, or
// means nothing.
func (n naming) check(names []string) error {
	for name, means := range n.renamed {
		if !slices.ContainsFunc(names, func(have string) bool { return contact.Fold(cleanName(have)) == name }) {
			return fault.New(fault.Invalid, "column_unknown", "the file has no column %.100q", name).In("column")
		}
		if c := n.column(name); c.set == nil && !c.ignored {
			return fault.New(fault.Invalid, "column_unknown",
				"%.100q is no column that is known: write one such as externalCustomerId, or the name of a custom field", means).In("column")
		}
	}
	return nil
}

// maxName is how long the name of a column is told, and maxUnknown how many are.
const (
	maxName    = 100
	maxUnknown = 100
)

// columns returns what the file's columns are, and the names of those that are
// unknown, cleaned.
func (n naming) columns(names []string) (columns []column, unknown []string) {
	for place, name := range names {
		name = cleanName(name)
		c := n.column(name)
		if c.set == nil {
			if name != "" && !c.ignored && len(unknown) < maxUnknown && !slices.Contains(unknown, name) {
				unknown = append(unknown, name)
			}
			continue
		}
		at := slices.IndexFunc(columns, c.is)
		if at < 0 {
			at = len(columns)
			columns = append(columns, c)
		}
		columns[at].places, columns[at].names = append(columns[at].places, place), append(columns[at].names, name)
	}
	return columns, unknown
}

// cleanName returns the name of a column as it can be shown.
func cleanName(name string) string { return cleanText(name, maxName) }

// cleanText returns a text of at most most characters as it can be shown.
func cleanText(name string, most int) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, "\ufffd"))
	return clip(strings.TrimSpace(name), most)
}

// column returns the column with the name: an attribute, in the words of the API or
// of the vendor, or a custom field, whose name may follow that of its group and a
// dot. An unknown column has no set.
func (n naming) column(name string) column {
	name = contact.Fold(name)
	if means, ok := n.renamed[name]; ok {
		if name = contact.Fold(means); name == Ignore {
			return column{ignored: true}
		}
	}
	plain := plainName(name)
	if c, ok := attributeColumns[plain]; ok {
		return c
	}
	if n.ids && (plain == "id" || plain == "contactid") {
		return idColumn
	}
	_, last, _ := strings.Cut(name, ".")
	for _, f := range n.fields {
		if key := contact.Fold(f.Name); key == name || key == last {
			return fieldColumn(f.ID)
		}
	}
	return column{}
}

// plainName returns a folded name without spaces, hyphens and underscores.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-", r) {
			return -1
		}
		return r
	}, name)
}

// Ignore is what a column means that is to be left out.
const Ignore = "ignore"

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
	byName := map[string]column{}
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
				// Lines that were meant as rows must not become somebody's id.
				if a.attribute == contact.AttributeExternalID && strings.ContainsAny(cell, "\r\n") {
					return errors.New("an externalCustomerId stands in one line")
				}
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
		return errors.New("this is no id of a contact, which is a whole number")
	}
	if id != 0 {
		p.ID = &id
	}
	return nil
}}

// fitTask fits the task to the file's columns.
func (f *file) fitTask() {
	attributes := []contact.Attribute{}
	for _, c := range f.columns {
		if c.attribute != "" {
			attributes = append(attributes, c.attribute)
		}
		if c.fieldID != 0 && !slices.Contains(f.task.FieldIDs, c.fieldID) {
			f.task.FieldIDs = append(f.task.FieldIDs, c.fieldID)
		}
	}
	if f.task.Attributes == nil {
		f.task.Attributes = attributes
	}
}
