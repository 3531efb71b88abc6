package access

import (
	"slices"
	"strings"

	"bellman/internal/fault"
)

// Scope says what an API key opens. The scopes are those of the vendor's keys, and one for
// who runs the installation.
type Scope string

// The scopes.
const (
	// ScopeInstallation opens everything in every workspace, people and keys too.
	ScopeInstallation Scope = "installation"
	// ScopeFull opens everything of its workspace but people and keys, the management API
	// too.
	ScopeFull Scope = "full"
	// ScopeEvents opens events of the integration API.
	ScopeEvents Scope = "events"
	// ScopeContacts opens events and contacts; ScopeContactsWrite opens events,
	// and contacts to be added and updated, not to be read or deleted.
	ScopeContacts      Scope = "events+contacts"
	ScopeContactsWrite Scope = "events+contacts-write"
	// ScopeMessages opens messages, sends and broadcasts.
	ScopeMessages Scope = "messages"
	// ScopeMetrics opens the metrics of the installation, and nothing else.
	ScopeMetrics Scope = "metrics"
)

// Scopes lists them all, the widest first.
var Scopes = []Scope{ScopeInstallation, ScopeFull, ScopeContacts, ScopeContactsWrite, ScopeEvents, ScopeMessages, ScopeMetrics}

// Area is a part of the APIs that a scope may open.
type Area string

// The areas.
const (
	// AreaAll is opened by full keys only.
	AreaAll Area = "all"
	// AreaAny is opened by every key.
	AreaAny           Area = "any"
	AreaEvents        Area = "events"
	AreaContactsRead  Area = "contacts"
	AreaContactsWrite Area = "contacts to be written"
	AreaMessages      Area = "messages"
)

// opened holds the areas of each scope but the two that open all.
var opened = map[Scope][]Area{
	ScopeEvents:        {AreaAny, AreaEvents},
	ScopeContacts:      {AreaAny, AreaEvents, AreaContactsRead, AreaContactsWrite},
	ScopeContactsWrite: {AreaAny, AreaEvents, AreaContactsWrite},
	ScopeMessages:      {AreaAny, AreaMessages},
}

// Opens reports whether a key of the scope opens the area.
//
// spec: auth-scopes
func (s Scope) Opens(a Area) bool {
	return s == ScopeFull || s == ScopeInstallation || slices.Contains(opened[s], a)
}

// Check returns an Invalid fault for an unknown scope.
func (s Scope) Check() error {
	if slices.Contains(Scopes, s) {
		return nil
	}
	names := make([]string, len(Scopes))
	for i, known := range Scopes {
		names[i] = string(known)
	}
	return fault.New(fault.Invalid, "scope_unknown", "a key's scope is one of %s", strings.Join(names, ", ")).In("scope")
}

// Allow returns a Forbidden fault unless the key opens the area.
func (k Key) Allow(a Area) error {
	if k.Scope.Opens(a) {
		return nil
	}
	return fault.New(fault.Forbidden, "scope_too_narrow",
		"this API key opens %s, and not this call: use one that was made for it", k.Scope)
}
