package access

import (
	"net/mail"
	"strings"
	"time"

	"bellman/internal/fault"
)

// User is a person who signs in.
type User struct {
	ID int64
	// Email is in small letters; no two users have the same.
	Email string
	Name  string
	// Password is the hash of one; empty when there is none.
	Password string
	// Installer has every right in every workspace, and makes them.
	Installer bool
	// HasFactor says that a password is not enough to sign in.
	HasFactor bool
	CreatedAt time.Time
}

// maxEmail is the longest address (RFC 5321, section 4.5.3.1.3), in bytes.
const maxEmail = 254

var errEmail = fault.New(fault.Invalid, "email_invalid", "write an email address, such as olena@example.com").In("email")

// readEmail returns an address as users are known by it.
func readEmail(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text || len(text) > maxEmail {
		return "", errEmail
	}
	return text, nil
}

// Grant is a role that a person gets in a workspace.
type Grant struct {
	WorkspaceID int64
	Role        Role
	At          time.Time
}

// Member is a person with a role in a workspace.
type Member struct {
	User
	Role Role
	// Since is when the person got it; SeenAt when the person was last here, to the
	// minute, and zero when no session is left.
	Since, SeenAt time.Time
}

// Place is a workspace as one sees it who is in it.
type Place struct {
	WorkspaceID int64
	Name        string
	// TimeZone is that of the workspace, empty for none.
	TimeZone   string
	ArchivedAt time.Time
	// Role is empty for an installer who has none there.
	Role Role
}
