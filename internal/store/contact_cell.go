package store

import (
	"encoding/json"
	"strings"
	"time"

	"bellman/internal/contact"
)

// A contactCell is a column of contacts with its value. It has either a text or a
// number.
type contactCell struct {
	name   string
	text   func(*contact.Contact) string
	number func(*contact.Contact) int64
	// from returns what the text is derived from, where that is cheaper to compare.
	from func(*contact.Contact) string
	// null is true when an empty text is NULL.
	null bool
}

// contactCells are the columns of contacts except id.
var contactCells = []contactCell{
	{name: "workspace_id", number: func(c *contact.Contact) int64 { return c.WorkspaceID }},
	{name: "external_customer_id", null: true, text: func(c *contact.Contact) string { return c.ExternalCustomerID }},
	{name: "phone", null: true, text: func(c *contact.Contact) string { return c.Phone }},
	{name: "email", null: true, text: func(c *contact.Contact) string { return c.Email }},
	{name: "email_key", null: true, text: func(c *contact.Contact) string { return contact.EmailKey(c.Email) },
		from: func(c *contact.Contact) string { return c.Email }},
	{name: "first_name", text: func(c *contact.Contact) string { return c.FirstName }},
	{name: "last_name", text: func(c *contact.Contact) string { return c.LastName }},
	{name: "first_key", text: func(c *contact.Contact) string { return contact.Fold(c.FirstName) },
		from: func(c *contact.Contact) string { return c.FirstName }},
	{name: "last_key", text: func(c *contact.Contact) string { return contact.Fold(c.LastName) },
		from: func(c *contact.Contact) string { return c.LastName }},
	{name: "language_code", text: func(c *contact.Contact) string { return c.LanguageCode }},
	{name: "time_zone", text: func(c *contact.Contact) string { return c.TimeZone }},
	{name: "region", text: func(c *contact.Contact) string { return c.Address.Region }},
	{name: "town", text: func(c *contact.Contact) string { return c.Address.Town }},
	{name: "address", text: func(c *contact.Contact) string { return c.Address.Address }},
	{name: "postcode", text: func(c *contact.Contact) string { return c.Address.Postcode }},
	{name: "contact_key", text: func(c *contact.Contact) string { return c.ContactKey }},
	{name: "orders_last_at", number: func(c *contact.Contact) int64 { return millis(c.Orders.LastAt) }},
	{name: "orders_count", number: func(c *contact.Contact) int64 { return c.Orders.Count }},
	{name: "subscriptions", text: subscriptionsText},
	{name: "unsubscribed_at", number: func(c *contact.Contact) int64 { return millis(c.UnsubscribedAt) }},
	{name: "created_at", number: func(c *contact.Contact) int64 { return millis(c.CreatedAt) }},
	{name: "updated_at", number: func(c *contact.Contact) int64 { return millis(c.UpdatedAt) }},
	{name: "deleted_at", number: func(c *contact.Contact) int64 { return millis(c.DeletedAt) }},
}

func subscriptionsText(c *contact.Contact) string {
	if len(c.Subscriptions) == 0 {
		return ""
	}
	// Marshal does not fail for strings.
	text, _ := json.Marshal(c.Subscriptions)
	return string(text)
}

// millis returns the time as it is stored; the zero time is zero.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// differs reports whether the cell has another value in a than in b.
func (f contactCell) differs(a, b *contact.Contact) bool {
	switch {
	case f.number != nil:
		return f.number(a) != f.number(b)
	case f.from != nil:
		return f.from(a) != f.from(b)
	}
	return f.text(a) != f.text(b)
}

// put adds the cell to a row.
func (f contactCell) put(w *rowWriter, c *contact.Contact) {
	switch {
	case f.number != nil:
		w.int(f.number(c))
	case f.null:
		w.text(f.text(c))
	default:
		w.verbatim(f.text(c))
	}
}

// column returns the cell as a column of bulk input.
func (f contactCell) column() column {
	if f.number != nil {
		return column{f.name, "bigint"}
	}
	return column{f.name, "text"}
}

// contactRows is bulk input of contacts: their ids and the cells in which at least
// one of them has changed. Most writes are about few columns.
type contactRows struct {
	columns []column
	rows    rowWriter
}

// newContactRows compares the contacts with the rows in the database.
func newContactRows(contacts []*contact.Contact, was func(*contact.Contact) *contact.Contact) contactRows {
	out := contactRows{columns: []column{{"id", "bigint"}}}
	var cells []contactCell
	for _, f := range contactCells {
		for _, c := range contacts {
			if f.differs(c, was(c)) {
				cells = append(cells, f)
				out.columns = append(out.columns, f.column())
				break
			}
		}
	}
	out.rows.expected = len(contacts)
	for _, c := range contacts {
		out.rows.row().int(c.ID)
		for _, f := range cells {
			f.put(&out.rows, c)
		}
	}
	return out
}

// names lists columns as SQL does.
func names(columns []column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.name
	}
	return strings.Join(list, ", ")
}

// assignments lists all columns but the first as UPDATE does, with values from the
// rows of that name.
func assignments(columns []column, rows string) string {
	list := make([]string, len(columns)-1)
	for i, c := range columns[1:] {
		list[i] = c.name + " = " + rows + "." + c.name
	}
	return strings.Join(list, ", ")
}
