package access

import (
	"slices"
	"strings"

	"bellman/internal/fault"
)

// Right is something that a caller may do. What a call needs is in the table of its API.
type Right string

// The rights.
const (
	// Nobody's calls need no right: they are made to get in.
	Nobody Right = ""
	// Self is to manage one's own account; every person has it, in whatever workspace.
	Self Right = "self"
	// See is to see what there is: bots, groups, fields, settings.
	See Right = "see"
	// SeeSent is to see messages, campaigns, and what became of them.
	SeeSent Right = "see_sent"
	// SeeContacts is to see people, their chats and events.
	SeeContacts Right = "see_contacts"
	// Write is to write messages and drafts of campaigns.
	Write Right = "write"
	// Send is to launch, stop and resend, and to send messages to one's choice of people.
	Send Right = "send"
	// EditContacts is to change people, groups, fields and events, and to import them.
	EditContacts Right = "edit_contacts"
	// Configure is to connect bots and webhooks, and to change the settings of a workspace.
	Configure Right = "configure"
	// Erase is to take out, or to remove, everything that is known of a person.
	Erase Right = "erase"
	// Govern is to give roles and keys, and to read who did what.
	Govern Right = "govern"
	// Own is to name and archive the workspace, and to make owners.
	Own Right = "own"
	// Watch is to read the metrics of the installation.
	Watch Right = "watch"
	// Install is to make workspaces, and what concerns them all.
	Install Right = "install"
)

// Role is what a person is in a workspace.
type Role string

// The roles.
const (
	Owner    Role = "owner"
	Admin    Role = "admin"
	Marketer Role = "marketer"
	Writer   Role = "writer"
	Agent    Role = "agent"
	Analyst  Role = "analyst"
)

// Roles lists them all, with the highest first.
var Roles = []Role{Owner, Admin, Marketer, Writer, Agent, Analyst}

// granted are the rights of each role.
var granted = map[Role][]Right{
	Owner:    {Self, See, SeeSent, SeeContacts, Write, Send, EditContacts, Configure, Erase, Govern, Own},
	Admin:    {Self, See, SeeSent, SeeContacts, Write, Send, EditContacts, Configure, Erase, Govern},
	Marketer: {Self, See, SeeSent, SeeContacts, Write, Send, EditContacts},
	Writer:   {Self, See, SeeSent, SeeContacts, Write},
	Agent:    {Self, See, SeeContacts},
	Analyst:  {Self, See, SeeSent, SeeContacts},
}

// ofScopes are the rights of keys: those of narrower scopes open the integration API
// alone. Only a key of the installation may make keys, and people.
var ofScopes = map[Scope][]Right{
	ScopeFull:         {See, SeeSent, SeeContacts, Write, Send, EditContacts, Configure, Erase},
	ScopeInstallation: {See, SeeSent, SeeContacts, Write, Send, EditContacts, Configure, Erase, Govern, Own, Watch, Install},
	ScopeMetrics:      {Watch},
}

// Check returns an Invalid fault for an unknown role.
func (r Role) Check() error {
	if slices.Contains(Roles, r) {
		return nil
	}
	names := make([]string, len(Roles))
	for i, known := range Roles {
		names[i] = string(known)
	}
	return fault.New(fault.Invalid, "role_unknown", "a role is one of %s", strings.Join(names, ", ")).In("role")
}

// Rights returns what the role may do.
func (r Role) Rights() []Right { return slices.Clone(granted[r]) }

// mayGive reports whether who has the role may give the other one, and take it: admins
// may not make owners, nor dismiss them.
func (r Role) mayGive(other Role) bool {
	return slices.Contains(granted[r], Govern) && (other != Owner || slices.Contains(granted[r], Own))
}
