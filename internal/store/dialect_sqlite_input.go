package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	"modernc.org/sqlite/vtab"
)

// This file gives bulk input to SQLite as a table. Its own functions for JSON make a
// text of each row and read that anew for each value of it: an insert by them takes
// three times as long.

// inputWidth is the most columns that rows of bulk input can have.
const inputWidth = 32

// sqliteDriver makes connections that know bulk input.
var sqliteDriver = func() *sqlite.Driver {
	d := new(sqlite.Driver)
	// It fails for a name that is registered already.
	if err := d.RegisterModule("bulk", inputTable{}); err != nil {
		panic(err)
	}
	return d
}()

// A sqliteConnector makes connections to a file.
type sqliteConnector struct {
	address string
	// last are statements with which a connection is made ready.
	last []string
	// keeps says that statements are kept prepared.
	keeps bool
}

// Driver implements [driver.Connector].
func (c sqliteConnector) Driver() driver.Driver { return sqliteDriver }

// Connect implements [driver.Connector].
func (c sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := sqliteDriver.Open(c.address)
	if err != nil {
		return nil, err
	}
	for _, statement := range append([]string{"CREATE VIRTUAL TABLE temp.input USING bulk"}, c.last...) {
		if _, err := made.(driver.ExecerContext).ExecContext(ctx, statement, nil); err != nil {
			return nil, errors.Join(err, made.Close())
		}
	}
	if c.keeps {
		return newKeepingConn(made.(rawConn)), nil
	}
	return made, nil
}

// inputColumn names a column of bulk input.
func inputColumn(place int) string { return "c" + strconv.Itoa(place) }

// An inputTable is the table input(text): the rows of a [rowWriter], or the values of a
// list in its first column.
type inputTable struct{}

// Create implements [vtab.Module].
func (t inputTable) Create(c vtab.Context, _ []string) (vtab.Table, error) {
	var columns strings.Builder
	for i := range inputWidth {
		columns.WriteString(inputColumn(i) + ", ")
	}
	return t, c.Declare("CREATE TABLE input (" + columns.String() + "text HIDDEN)")
}

// Connect implements [vtab.Module].
func (t inputTable) Connect(c vtab.Context, args []string) (vtab.Table, error) {
	return t.Create(c, args)
}

var errNoInput = errors.New("store: bulk input has one parameter")

// BestIndex implements [vtab.Table]. Bulk input is believed to be small, as that of
// SQLite's own functions is: what is joined with it is looked up for each of its rows.
func (inputTable) BestIndex(info *vtab.IndexInfo) error {
	text := slices.IndexFunc(info.Constraints, func(c vtab.Constraint) bool {
		return c.Column == inputWidth && c.Op == vtab.OpEQ && c.Usable
	})
	if text < 0 {
		return errNoInput
	}
	info.Constraints[text].ArgIndex, info.Constraints[text].Omit = 0, true
	info.EstimatedCost = 1
	return nil
}

// Open implements [vtab.Table].
func (inputTable) Open() (vtab.Cursor, error) { return new(inputCursor), nil }

// Disconnect implements [vtab.Table].
func (inputTable) Disconnect() error { return nil }

// Destroy implements [vtab.Table].
func (inputTable) Destroy() error { return nil }

// An inputCursor reads bulk input from its beginning to its end.
type inputCursor struct {
	// left is what is yet to be read: rows or values, each with what ends it, if another
	// one follows.
	left    string
	follows bool
	row     []vtab.Value
	n       int64
	end     bool
}

var errInput = errors.New("store: this is no bulk input")

// Filter implements [vtab.Cursor]. It begins to read.
func (c *inputCursor) Filter(_ int, _ string, args []vtab.Value) error {
	text, _ := args[0].(string)
	rest, ok := strings.CutPrefix(text, "[")
	if !ok {
		return fmt.Errorf("%w: %.40q", errInput, text)
	}
	*c = inputCursor{left: rest, follows: true, row: c.row}
	if rest == "]" {
		c.left, c.follows = "", false
	}
	return c.Next()
}

// Next implements [vtab.Cursor].
func (c *inputCursor) Next() (err error) {
	c.row, c.n = c.row[:0], c.n+1
	if !c.follows {
		c.end = true
		return c.nothing()
	}
	inner, nested := strings.CutPrefix(c.left, "[")
	if !nested {
		c.follows, err = c.read()
		return err
	}
	c.left = inner
	for more := true; more; {
		if more, err = c.read(); err != nil {
			return err
		}
	}
	c.follows, err = c.more()
	return err
}

// nothing returns an error when anything is left.
func (c *inputCursor) nothing() error {
	if c.left != "" {
		return errInput
	}
	return nil
}

// Eof implements [vtab.Cursor].
func (c *inputCursor) Eof() bool { return c.end }

// Column implements [vtab.Cursor].
func (c *inputCursor) Column(place int) (vtab.Value, error) {
	if place >= len(c.row) {
		return nil, fmt.Errorf("%w: row %d has %d columns", errInput, c.n, len(c.row))
	}
	return c.row[place], nil
}

// Rowid implements [vtab.Cursor].
func (c *inputCursor) Rowid() (int64, error) { return c.n, nil }

// Close implements [vtab.Cursor].
func (c *inputCursor) Close() error { return nil }

// read adds a value to the row, and reports whether another one follows it.
func (c *inputCursor) read() (more bool, err error) {
	var v vtab.Value
	if strings.HasPrefix(c.left, `"`) {
		v, err = c.text()
	} else {
		v, err = c.number()
	}
	if err != nil {
		return false, err
	}
	c.row = append(c.row, v)
	return c.more()
}

// more reads what stands behind a value or a row, and reports whether another one
// follows it.
func (c *inputCursor) more() (bool, error) {
	if c.left == "" || c.left[0] != ',' && c.left[0] != ']' {
		return false, errInput
	}
	more := c.left[0] == ','
	c.left = c.left[1:]
	return more, nil
}

// number reads a number or null.
func (c *inputCursor) number() (v vtab.Value, err error) {
	end := strings.IndexAny(c.left, ",]")
	if end < 0 {
		return nil, errInput
	}
	word := c.left[:end]
	c.left = c.left[end:]
	if word == "null" {
		return nil, nil
	}
	if v, err = strconv.ParseInt(word, 10, 64); err != nil {
		v, err = strconv.ParseFloat(word, 64)
	}
	return v, err
}

func (c *inputCursor) text() (string, error) {
	end := 1
	for end < len(c.left) && c.left[end] != '"' {
		if c.left[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(c.left) {
		return "", errInput
	}
	quoted := c.left[:end+1]
	c.left = c.left[end+1:]
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1:end], nil
	}
	var text string
	err := json.Unmarshal([]byte(quoted), &text)
	return text, err
}
