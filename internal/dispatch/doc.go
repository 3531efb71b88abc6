// Package dispatch sends: it claims recipients, keeps Telegram's limits, makes the
// calls and settles the outcomes.
//
// # The ledger
//
// A campaign's recipients are numbered and never change. A claim moves the
// campaign's cursor; an outcome is appended once per recipient; a recipient that
// has to wait is deferred, with a time. The process keeps in memory only what is on
// the wire or about to be: a claim covers [horizon] of sending, more where steps are
// measured to take longer, and [farthest] at most. A recipient that was claimed and
// has neither outcome nor deferral when its sender is gone is unknown: the message
// may have arrived, so a broadcast never sends it again.
//
// # Who sends
//
// A bot has one sender at a time: the process that holds its lease. Each lease has
// an epoch, and everything that its holder writes is checked against it, so a
// process that slept past its lease can neither claim nor settle.
//
// # How it runs
//
// [Engine] holds the leases and runs the step: every few milliseconds, one
// transaction settles, defers and claims for all bots of the process. A sender per
// bot takes the claimed recipients at the bot's pace and makes one call per
// message.
package dispatch
