package workspace

import (
	"strings"
	"sync"
	"time"

	"bellman/internal/fault"
)

// ErrZone is returned for what is no time zone.
var ErrZone = fault.New(fault.Invalid, "time_zone_unknown",
	"this is not the name of a time zone: write one such as Europe/Kyiv").In("timeZone")

// Zone returns the time zone with an IANA name; other names are Invalid.
func Zone(name string) (*time.Location, error) {
	if !zones.known(name) {
		return nil, ErrZone
	}
	return time.LoadLocation(name)
}

// IsZone reports whether a name is that of an IANA time zone.
func IsZone(name string) bool { return zones.known(name) }

// zones caches which names are time zones, because looking one up reads a file. It
// holds the valid names, some six hundred, and no others.
var zones zoneNames

type zoneNames struct{ names sync.Map }

func (z *zoneNames) known(name string) bool {
	if _, ok := z.names.Load(name); ok {
		return true
	}
	// "Local" means the zone of this machine, and is no zone's name.
	if name == "Local" || strings.ContainsFunc(name, notZone) {
		return false
	}
	if _, err := time.LoadLocation(name); err != nil {
		return false
	}
	z.names.Store(name, true)
	return true
}

// notZone reports whether a character occurs in no name of a time zone.
func notZone(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("/_+-", r)
}
