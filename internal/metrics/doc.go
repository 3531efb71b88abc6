// Package metrics counts and measures for Prometheus what this process does,
// and what waits in the database.
//
// [Metrics] is the registry. What is counted while it happens is told to it:
// calls and steps through [Calls], HTTP answers through [Metrics.Answered].
// What stands somewhere already is read when somebody asks: [Metrics.Bots] and
// [Metrics.Queues].
//
// Names begin with bellman_; times are in seconds. Two lanes are told apart:
// triggered messages and broadcasts. No label holds anything that people wrote,
// so their number stays small.
package metrics
