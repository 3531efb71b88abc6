// Package store keeps Bellman's rows in SQLite or PostgreSQL, with one SQL
// text for both.
//
// The features declare the narrow Store interfaces that they need. [DB] is the
// open database, and has for each feature a small type that implements its
// interface, such as [Contacts] and [Campaigns]. What the two engines do
// differently stands in the dialect files, and nothing else names an engine or asks
// which one it is; a migration that cannot be the same on both has an overlay
// file.
//
// Habits that keep the text single: $1 placeholders; BIGINT, TEXT and BOOLEAN
// columns; times as unix milliseconds that the caller passes in (leases alone
// ask the database, the one clock that all processes share); bulk input as one
// JSON parameter through rows; no order expected of RETURNING; text compared
// without case is folded in Go into a key column, because SQLite's lower()
// knows ASCII only.
//
// Rules live in the features. Where a rule must see rows and write rows under
// one lock, the method takes a closure: the store loads, the feature decides,
// the store writes.
package store
