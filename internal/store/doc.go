// Package store keeps Bellman's rows in SQLite or PostgreSQL, with one SQL text for
// both.
//
// The features declare the narrow Store interfaces that they need. [DB] is the open
// database. For each feature it has a small type that implements the feature's
// interface, such as [Contacts] and [Campaigns]. The differences between the two
// engines are in the dialect files; nothing else names an engine or asks which one
// it is. A migration that cannot be the same on both has an overlay file.
//
// Habits that keep the text single: $1 placeholders; BIGINT, TEXT and BOOLEAN
// columns; times as unix milliseconds that the caller passes in (only leases use
// the database's clock, the one that all processes share); bulk input as one JSON
// parameter through rows; no order expected of RETURNING. Text that is compared
// without case is folded in Go into a key column, because SQLite's lower() knows
// ASCII only.
//
// Rules are kept in the features. Where a rule must see rows and write rows under
// one lock, the method takes a closure: the store loads, the feature decides, the
// store writes.
package store
