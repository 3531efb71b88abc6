package store

import (
	"fmt"
	"strings"
)

// This file says where the rows of each table lie when the database is a cluster of
// servers, as Citus makes one of PostgreSQL: https://docs.citusdata.com. The statements
// of this package are written for it, which a test checks: none joins the tables of two
// families, and none looks into a family for each row of another table.

// A family is tables whose rows are divided among the servers by a number or text that
// is in each of them: rows with the same one lie together, and can be joined.
type family struct {
	name string
	// tables are those of the family, each with the column that divides it; the first
	// one is the largest.
	tables []divided
}

type divided struct{ table, column string }

// families are the tables that grow with the audience and with what is sent to it.
var families = []family{
	{"campaign", []divided{
		{"recipients", "campaign_id"}, {"outcomes", "campaign_id"}, {"deferred", "campaign_id"}, {"requests", "campaign_id"},
		{"clicks", "campaign_id"}, {"clicked", "campaign_id"},
	}},
	{"chat", []divided{{"chats", "chat_id"}, {"pressable", "chat_id"}}},
	{"contact", []divided{
		{"contacts", "id"}, {"contact_fields", "contact_id"}, {"contact_devices", "contact_id"}, {"members", "contact_id"},
		{"kept_chats", "contact_id"}, {"kept_members", "contact_id"},
	}},
	{"identity", []divided{{"identities", "value"}}},
	{"event", []divided{{"events", "id"}}},
	{"key", []divided{{"accepted", "key"}, {"idempotency", "key"}}},
}

var (
	// everywhere are small tables of which each server has a copy, so that everything
	// can be joined with them. They are in an order in which each is behind those that
	// its foreign keys name.
	everywhere = []string{
		"workspaces", "bots", "messages", "revisions", "campaigns", "ledgers", "click_counts", "leases", "groups", "group_moves", "member_blocks",
		"fields", "event_types", "webhooks", "webhook_replays", "activities", "stats", "erasures",
	}
	// atHome are tables that stay on the server to which processes connect. Nothing
	// that is elsewhere is ever joined with them.
	atHome = []string{
		"schema_versions", "installation", "senders", "api_keys", "contact_blocks", "imports", "import_parts", "media", "media_files",
		"webhook_attempts", "users", "roles", "sessions", "links", "attempts", "recovery_codes", "passkeys", "answered",
		"providers", "accounts",
		"audit", "audit_head", "secrets",
	}
)

// ClusterSQL returns the statements, for an operator to run once on the coordinator of
// a Citus cluster, that divide the tables of an installation among its servers. What is
// divided already is left as it is, so that they can be run again after an update.
func ClusterSQL() string {
	var b strings.Builder
	b.WriteString("-- Run this on the coordinator, while no bellman runs.\n\n" +
		"-- The coordinator has a copy of the small tables, too.\n" +
		"-- SELECT citus_set_coordinator_host('the coordinator''s name', 5432);\n\n" +
		"-- Small tables: each server has a copy.\n")
	for _, table := range everywhere {
		divide(&b, table, fmt.Sprintf("create_reference_table('%s')", table))
	}
	for _, f := range families {
		fmt.Fprintf(&b, "\n-- By %s.\n", f.name)
		for i, t := range f.tables {
			with := "none"
			if i > 0 {
				with = f.tables[0].table
			}
			divide(&b, t.table, fmt.Sprintf("create_distributed_table('%s', '%s', colocate_with => '%s')", t.table, t.column, with))
		}
	}
	return b.String()
}

func divide(b *strings.Builder, table, how string) {
	fmt.Fprintf(b, "SELECT %s WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrel = '%s'::regclass);\n", how, table)
}
