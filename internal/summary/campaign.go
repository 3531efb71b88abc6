package summary

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"bellman/internal/message"
)

// Campaign is a campaign in short. But for the name of its message, nothing of
// it changes after launch. It is shared: nobody may change it.
type Campaign struct {
	ID          int64
	WorkspaceID int64
	MessageID   int64
	// MessageName is the message's as of when the campaign was read.
	MessageName string
	// Triggered campaigns go out one by one; others are broadcasts.
	Triggered bool
	// LaunchedAt is zero before launch; what follows is empty then, or may change.
	LaunchedAt time.Time

	// Tags are the message's.
	Tags []string
	// NoUTM is true when its links get no UTM parameters.
	NoUTM bool
	// Links are those whose clicks are counted, by their numbers. The target of one
	// that no browser can be sent to is empty.
	Links []message.Link
	// Languages tells in which language somebody got it.
	Languages message.Languages
}

// Target returns where a link led a recipient, without UTM parameters: to its
// target, or to the recipient's own where it is not the same for everybody, or
// not known.
func (c *Campaign) Target(link int, own string) string {
	if link < 0 || link >= len(c.Links) || c.Links[link].Personal {
		return own
	}
	return c.Links[link].Target
}

// Stored is a campaign as it is kept.
type Stored struct {
	// Campaign has nothing yet of what the content says.
	Campaign
	// Content is the frozen content; empty before launch.
	Content string
}

// read returns the campaign with what its content says.
func (s Stored) read() (*Campaign, error) {
	c := s.Campaign
	if s.Content == "" {
		return &c, nil
	}
	content, err := message.Decode(s.Content)
	if err != nil {
		return nil, err
	}
	compiled, err := message.Compile(content)
	if err != nil {
		return nil, err
	}
	c.Tags, c.NoUTM, c.Languages = content.Tags, content.NoUTM, content.Languages()
	c.Links = slices.Clone(compiled.Links())
	for i := range c.Links {
		if l := &c.Links[i]; !l.Personal && !Followable(l.Target) {
			l.Target = ""
		}
	}
	return &c, nil
}

// Followable reports whether a browser can be sent to the address: one of the web.
func Followable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (strings.EqualFold(u.Scheme, "http") || strings.EqualFold(u.Scheme, "https"))
}
