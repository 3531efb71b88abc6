package imports

import (
	"bytes"
	"encoding/json"
	"fmt"

	"bellman/internal/contact"
)

// The most that a part holds. Its contacts are written in one transaction, for which
// everybody waits who writes to a SQLite database, dispatch too, and its text is in
// memory as a whole.
const (
	// partItems is in contacts.
	partItems = 500
	// partBytes is the size from which a part has no further contact, in bytes.
	partBytes = 512 << 10
)

// Part is an unfinished part of an import.
type Part struct {
	Number int
	// Contacts are the contacts, as JSON.
	Contacts []byte
	// Lines are the rows of the file from which they were read; see [Lines]. nil for those
	// of a request.
	Lines []byte
	// Report is the result for them, as the JSON of a [Report]; empty until they
	// are imported.
	Report []byte
	// Events is how many events about new contacts are written.
	Events int
}

// Piece is a part of a file that was cut off.
type Piece struct {
	Number int
	// Contacts are the contacts, as JSON; Lines the rows from which they were read.
	Contacts, Lines []byte
	// Rows and Bytes are how far the file is read with it.
	Rows, Bytes int64
}

// partsOf returns the contacts as parts, in JSON.
func partsOf(contacts []contact.Profile) (parts [][]byte, err error) {
	var part bytes.Buffer
	n := 0
	for i, c := range contacts {
		text, err := json.Marshal(item{Profile: c, Index: i})
		if err != nil {
			return nil, fmt.Errorf("imports: %w", err)
		}
		if n == partItems || part.Len() >= partBytes {
			part.WriteByte(']')
			parts = append(parts, bytes.Clone(part.Bytes()))
			part.Reset()
			n = 0
		}
		separator := byte(',')
		if n == 0 {
			separator = '['
		}
		part.WriteByte(separator)
		part.Write(text)
		n++
	}
	part.WriteByte(']')
	return append(parts, bytes.Clone(part.Bytes())), nil
}
