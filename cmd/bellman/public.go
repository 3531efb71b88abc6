package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// publicURL is the address under which the outside world reaches this installation;
// it may be empty.
type publicURL string

// Validate checks the flag.
func (p publicURL) Validate() error {
	if p == "" {
		return nil
	}
	u, err := url.Parse(string(p))
	if err != nil || u.Hostname() == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") ||
		strings.ContainsAny(string(p), "?#") {
		return errors.New("the public address is one such as https://go.example.com, without a password, a query and a fragment")
	}
	if strings.Trim(u.Path, "/") != "" {
		return fmt.Errorf("the public address has no path: %s://%s", u.Scheme, u.Host)
	}
	return nil
}

// base returns the address without a trailing slash.
func (p publicURL) base() string { return strings.TrimRight(string(p), "/") }
