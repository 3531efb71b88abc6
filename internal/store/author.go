package store

import (
	"encoding/json"
	"fmt"

	"bellman/internal/access"
)

// encodeAuthor returns an author as it is stored: JSON, and an empty text for nobody.
func encodeAuthor(a access.Author) (string, error) {
	if !a.Known() {
		return "", nil
	}
	text, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("store: encode author: %w", err)
	}
	return string(text), nil
}

func decodeAuthor(text string) (a access.Author, err error) {
	if text == "" {
		return a, nil
	}
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return a, fmt.Errorf("store: author %q: %w", text, err)
	}
	return a, nil
}

// encodeAuthors is encodeAuthor of several.
func encodeAuthors(authors ...access.Author) ([]string, error) {
	texts := make([]string, len(authors))
	for i, a := range authors {
		var err error
		if texts[i], err = encodeAuthor(a); err != nil {
			return nil, err
		}
	}
	return texts, nil
}
