// Package summary is what the content of a campaign says of it: where its links
// lead, its tags, and the languages of its message. Redirects, webhooks and the
// lists of activity take it from one [Cache], and so say the same.
//
// The content does not change after launch. It is compiled once, and kept in
// memory, so that links work while the database is away.
package summary
