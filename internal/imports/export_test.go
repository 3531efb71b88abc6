package imports

import (
	"strings"

	"bellman/internal/contact"
)

// ReadFile returns the profiles of a file, as many as make a part.
func ReadFile(text string) ([]contact.Profile, error) {
	f, err := newFile(strings.NewReader(text), []contact.Field{{ID: 1, Name: "Card"}})
	if err != nil {
		return nil, err
	}
	return f.read(contact.MaxImport)
}
