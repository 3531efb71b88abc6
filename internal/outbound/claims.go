package outbound

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"bellman/internal/access"
)

// claims are what an ID token says (OpenID Connect Core 1.0, sections 2 and 5.1), and what
// some providers say in addition.
type claims struct {
	Subject  string      `json:"sub"`
	Party    string      `json:"azp"`
	Email    string      `json:"email"`
	Verified truth       `json:"email_verified"`
	Name     string      `json:"name"`
	AuthTime json.Number `json:"auth_time"`
	// Hosted is the company that has the account at Google.
	Hosted string `json:"hd"`
	// Owned says at Entra that the email's domain is the tenant's, or the email verified.
	Owned truth `json:"xms_edov"`
}

// truth is true as a text and as a number, too: some providers write it so.
type truth bool

// UnmarshalJSON implements [json.Unmarshaler]. What is neither true nor 1 is false.
func (t *truth) UnmarshalJSON(text []byte) error {
	switch strings.Trim(string(text), `"`) {
	case "true", "1":
		*t = true
	default:
		*t = false
	}
	return nil
}

// maxSubject is the longest subject, in bytes: OpenID Connect allows 255 characters of
// ASCII, and some providers have longer ones.
const maxSubject = 1000

// readClaims reads what a token, or an answer about a user, says.
func readClaims(from interface{ Claims(v any) error }) (c claims, err error) {
	if err := from.Claims(&c); err != nil {
		return c, fmt.Errorf("what is said does not decode: %w", err)
	}
	if c.Subject == "" || len(c.Subject) > maxSubject || strings.ContainsRune(c.Subject, 0) {
		return c, fmt.Errorf("the subject has %d bytes", len(c.Subject))
	}
	return c, nil
}

// identity returns what the claims of an issuer say of somebody.
func (c claims) identity(issuer string) access.Identity {
	who := access.Identity{Subject: c.Subject, Email: c.Email, Verified: c.vouched(issuer), Name: c.Name}
	// A number that is too large for a time says nothing.
	if seconds, err := c.AuthTime.Int64(); err == nil && seconds > 0 && seconds < 1<<40 {
		who.AuthAt = time.Unix(seconds, 0)
	}
	return who
}

// vouched reports whether an issuer says that the email is the person's, now.
//
// Google calls an email verified that somebody showed to have once: one of a company is the
// company's when it has the account (hd). Entra does not say it but by a claim of its own,
// and emails there are whatever an administrator of the tenant writes.
func (c claims) vouched(issuer string) bool {
	u, err := url.Parse(issuer)
	if err != nil {
		return false
	}
	switch u.Hostname() {
	case "accounts.google.com":
		return bool(c.Verified) && (c.Hosted != "" || strings.HasSuffix(strings.ToLower(c.Email), "@gmail.com"))
	case "login.microsoftonline.com":
		return bool(c.Verified) || bool(c.Owned)
	}
	return bool(c.Verified)
}
