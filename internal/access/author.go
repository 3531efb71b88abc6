package access

import (
	"context"
	"time"
)

// Author is who made the last change of something: a person or a system. The zero Author
// is nobody, of what was changed before authors were noted. It is kept as JSON.
type Author struct {
	// UserID is a person, KeyID the key of a system; one of them is zero.
	UserID int64 `json:"user,omitempty"`
	KeyID  int64 `json:"key,omitempty"`
	// Name is how they were named at that time.
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// AuthorOf returns the caller of a context as the author of what it changes now; the zero
// Author for none.
func AuthorOf(ctx context.Context, now time.Time) Author {
	c, err := From(ctx)
	switch {
	case err != nil:
		return Author{}
	case c.User != nil && c.User.Name != "":
		return Author{UserID: c.User.ID, Name: c.User.Name, At: now.UTC()}
	case c.User != nil:
		return Author{UserID: c.User.ID, Name: c.User.Email, At: now.UTC()}
	case c.Key != nil:
		return Author{KeyID: c.Key.ID, Name: c.Key.Name, At: now.UTC()}
	}
	return Author{}
}

// Known reports whether it is known who it was.
func (a Author) Known() bool { return a.UserID != 0 || a.KeyID != 0 }

// IsPerson reports whether it is a person.
func (a Author) IsPerson() bool { return a.UserID != 0 }

// Is reports whether two authors are one person or one system.
func (a Author) Is(b Author) bool { return a.Known() && a.UserID == b.UserID && a.KeyID == b.KeyID }
