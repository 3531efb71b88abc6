package redirect

import (
	"strings"

	"golang.org/x/net/idna"
)

// hosts writes the names of sites as browsers do (UTS 46, non-transitional), but
// takes any character that Telegram takes.
var hosts = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

const hexDigits = "0123456789ABCDEF"

// inHeader returns a web address in a form that a header can contain: its host in
// ASCII (punycode), and all else but printable ASCII escaped, as browsers do.
func inHeader(address string) string {
	first := notPlain(address)
	if first < 0 {
		return address
	}
	begin := strings.Index(address, "://") + len("://")
	end := len(address)
	if i := strings.IndexByte(address[begin:], '/'); i >= 0 {
		end = begin + i
	}
	site := address[begin:end]
	if at := strings.LastIndexByte(site, '@') + 1; notPlain(site[at:]) >= 0 {
		address = address[:begin+at] + asciiHost(site[at:]) + address[end:]
	}
	return escaped(address)
}

// asciiHost returns a host with its port in ASCII. What is no name of a site comes
// back as it is: no browser finds it, however it is written.
func asciiHost(host string) string {
	name, port := host, ""
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		name, port = host[:i], host[i:]
	}
	ascii, err := hosts.ToASCII(name)
	if err != nil {
		return host
	}
	return ascii + port
}

// notPlain returns where the first character stands that a header cannot contain as
// it is, or -1.
func notPlain(s string) int {
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

func escaped(s string) string {
	b := make([]byte, 0, 3*len(s))
	for i := range len(s) {
		if c := s[i]; c > ' ' && c < 0x7f {
			b = append(b, c)
		} else {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return string(b)
}
