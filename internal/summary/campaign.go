package summary

import (
	"time"

	"bellman/internal/message"
	"bellman/internal/workspace"
)

// Campaign is the summary of a campaign. After launch nothing of it changes. It is
// shared: nobody may change it.
type Campaign struct {
	ID          int64
	WorkspaceID int64
	MessageID   int64
	// MessageName is the message's name, and UTM are the workspace's parameters, as
	// they were when the content was frozen.
	MessageName string
	UTM         workspace.UTM
	// Triggered campaigns go out one by one; others are broadcasts.
	Triggered bool
	// LaunchedAt is zero before launch; the fields below are empty then, or may
	// change.
	LaunchedAt time.Time

	// Tags are the message's.
	Tags []string
	// NoUTM is true when its links get no UTM parameters.
	NoUTM bool
	// Links are those whose clicks are counted, by their numbers.
	Links []message.Link
	// Languages finds the language in which a recipient got the message.
	Languages message.Languages
}

// Target returns where a link led a recipient, without UTM parameters: the link's
// target, or own, the recipient's, when targets differ between recipients or the
// link is not known.
func (c *Campaign) Target(link int, own string) string {
	if link < 0 || link >= len(c.Links) || c.Links[link].Personal {
		return own
	}
	return c.Links[link].Target
}

// Stored is a campaign as it is stored.
type Stored struct {
	// Campaign lacks everything that the content provides.
	Campaign
	// Content is the frozen content; empty before launch.
	Content string
}

// read returns the campaign together with what its content provides.
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
	c.Links = compiled.Links()
	return &c, nil
}
