package bot

import (
	"net/url"
	"strings"

	"bellman/internal/fault"
)

// cleanAPIURL returns the address of a Bot API server without a trailing
// slash, or Invalid. Empty stays empty.
func cleanAPIURL(address string) (string, error) {
	address = strings.TrimRight(strings.TrimSpace(address), "/")
	if address == "" {
		return "", nil
	}
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fault.New(fault.Invalid, "api_url_invalid",
			"write the address of a Bot API server, such as https://api.telegram.org").In("apiUrl")
	}
	return address, nil
}
