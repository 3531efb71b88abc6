package track

import "time"

// Click is an event: a recipient followed a link, or pressed a button that
// sends callback data.
type Click struct {
	// ID is a UUID that grows with time (version 7). The same click may be
	// stored again; it counts once.
	ID         string `json:"id"`
	CampaignID int64  `json:"campaignId"`
	Seq        int64  `json:"seq"`
	ContactID  int64  `json:"contactId"`
	// Link is the index of the link among those of the message, from 0; without
	// meaning for a press.
	Link int `json:"link"`
	// Target is where the link led, without UTM parameters. It is stored for
	// personal links only: the others are in the campaign's content.
	Target string `json:"target,omitempty"`
	// Agent is the family of the browser, such as "Chrome"; empty when it is
	// unknown.
	Agent string `json:"agent,omitempty"`
	// Press is Telegram's id of the callback query; empty for a link. Data is
	// what the button sent.
	Press string    `json:"press,omitempty"`
	Data  string    `json:"data,omitempty"`
	At    time.Time `json:"at"`
}
