package integration

import (
	"net/url"
	"slices"
	"strings"
)

// channelTypes are those of a contact's channels that a query asks for. Without any
// they are the vendor's: it has no channel of the type telegram, and typed clients
// refuse one that they do not know.
//
// spec: contact-channels
type channelTypes []string

// channelTelegram is the type of a chat among a contact's channels.
const channelTelegram = "telegram"

// channelsAsked reads channelTypes, with commas between them or one by one, as the
// vendor has it for histories. Its word for the medium means chats too.
func channelsAsked(query url.Values) (asked channelTypes) {
	for _, t := range idsIn(query["channelTypes"]) {
		if t = strings.ToLower(t); t == mediaTelegram {
			t = channelTelegram
		}
		asked = append(asked, t)
	}
	return asked
}

// among returns those of the channels that are asked for.
func (asked channelTypes) among(channels []channelObject) []channelObject {
	return slices.DeleteFunc(channels, func(c channelObject) bool {
		if len(asked) == 0 {
			return c.Type == channelTelegram
		}
		return !slices.Contains(asked, c.Type)
	})
}
