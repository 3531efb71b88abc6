package bot

import (
	"net/url"
	"strings"

	"bellman/internal/fault"
)

// cleanAPIURL returns the address of a Bot API server without a trailing
// slash, or Invalid. Empty stays empty. Methods are written behind it, so that it ends in
// neither a query nor a fragment, not even an empty one.
func cleanAPIURL(address string) (string, error) {
	address = strings.TrimRight(strings.TrimSpace(address), "/")
	if address == "" {
		return "", nil
	}
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || strings.ContainsAny(address, "?#") || u.User != nil {
		return "", fault.New(fault.Invalid, "api_url_invalid",
			"write the address of a Bot API server, such as https://api.telegram.org").In("apiUrl")
	}
	return address, nil
}
