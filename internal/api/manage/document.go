package manage

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// document returns the head of the OpenAPI document; the operations add
// themselves.
func document() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "Bellman management API",
				Version: "1",
				License: &huma.License{Name: "MIT", Identifier: "MIT"},
				Description: `Everything that can be done with Bellman: connect bots, write messages, send campaigns, see who got them.

**Sign in** with an API key (` + "`bellman key create`" + `), as a Bearer token or as the password of Basic auth with any user name; ` +
					`people have a session (` + "`POST /session`" + `). What a caller may do are its rights: ` + "`x-right`" + ` of an operation ` +
					`says which one it needs. Keys of the installation, and people, may name the workspace in the header ` + "`X-Workspace`" + `.

**Lists** come in pages: ` + "`limit`" + ` says how many, ` +
					"`nextCursor`" + ` of one page is ` + "`cursor`" + ` of the next. The last page has no ` + "`nextCursor`" + `.

**Errors** are problems (RFC 9457): branch on ` + "`code`" + `, show ` + "`detail`" + ` to people. ` +
					`Fields that the API does not know are refused.

**Times** are RFC 3339, in UTC. **Ids** are whole numbers below 2^53.

A broadcast in five calls: connect a bot (` + "`POST /bots`" + `), ` +
					`send it the chats of your subscribers (` + "`POST /api/v1/apps/{app_uuid}/tokens`" + `, the integration API), ` +
					`write a message (` + "`POST /messages`" + `), ` +
					`make a campaign of the three (` + "`POST /campaigns`" + `), launch it (` + "`POST /campaigns/{id}/launch`" + `).`,
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"bearer": {Type: "http", Scheme: "bearer", Description: "The API key."},
					"basic":  {Type: "http", Scheme: "basic", Description: "Any user name; the API key is the password."},
					"session": {
						Type: "apiKey", In: "cookie", Name: "__Host-bellman",
						Description: "The session of a person who has signed in; on localhost without HTTPS its name is bellman.",
					},
				},
			},
			Security: []map[string][]string{{"bearer": {}}, {"basic": {}}, {"session": {}}},
			Tags: []*huma.Tag{
				{Name: "session", Description: "Who has signed in, and where."},
				{Name: "users", Description: "Who has a role in a workspace, and invitations."},
				{Name: "providers", Description: "Where people sign in with an account of their company."},
				{Name: "keys", Description: "API keys, for systems."},
				{Name: "bots", Description: "Telegram bots that Bellman sends through."},
				{Name: "contacts", Description: "People, and the chats they opened with the bots."},
				{Name: "groups", Description: "Contacts that are sent to together."},
				{Name: "events", Description: "What happened to contacts, as your systems tell it."},
				{Name: "messages", Description: "Reusable content."},
				{Name: "media", Description: "Files that messages send."},
				{Name: "campaigns", Description: "Messages going out, and what became of them."},
				{Name: "stats", Description: "What happened over time."},
				{Name: "webhooks", Description: "Addresses of yours that are told what became of messages."},
				{Name: "workspace", Description: "Settings that hold for everything in a workspace, and workspaces themselves."},
			},
		},
		Formats:                      huma.DefaultFormats,
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}

// schemaName names a schema after its Go type, without "View": for a client, a view
// is the thing itself.
func schemaName(t reflect.Type, hint string) string {
	return strings.ReplaceAll(huma.DefaultSchemaNamer(t, hint), "View", "")
}
