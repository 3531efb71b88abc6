package bot

import (
	"regexp"
	"strings"

	"bellman/internal/fault"
)

// tokenInText is what looks like a token in a text: as @BotFather writes it, the secret has 35
// characters; a few more or less are taken for one.
var tokenInText = regexp.MustCompile(`\b[1-9][0-9]{5,15}:[A-Za-z0-9_-]{30,60}`)

// findToken returns the token in a text: the message of @BotFather, or the token alone. A
// text without one is returned as it is, for its fault.
func findToken(text string) (string, error) {
	text = strings.TrimSpace(text)
	if !strings.ContainsAny(text, " \t\r\n") {
		return text, nil
	}
	found := ""
	for _, token := range tokenInText.FindAllString(text, -1) {
		if found != "" && token != found {
			return "", fault.New(fault.Invalid, "tokens_several", "there are several tokens in this text: send the one of the bot").In("token")
		}
		found = token
	}
	if found == "" {
		return text, nil
	}
	return found, nil
}
