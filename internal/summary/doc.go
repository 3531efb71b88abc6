// Package summary provides what the content of a campaign contains: its links'
// targets, its tags, and the languages of its message. Redirects, webhooks and the
// lists of activity use the same [Cache], and so agree.
//
// The content does not change after launch. It is compiled once, and kept in
// memory, so that links work while the database is away.
package summary
