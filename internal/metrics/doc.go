// Package metrics counts and measures for Prometheus what this process does, and
// what waits in the database.
//
// [Metrics] is the registry. Calls and steps are counted while they happen, through
// [Calls], and HTTP answers through [Metrics.Answered]. Other values are read at
// each scrape: [Metrics.Bots] and [Metrics.Queues].
//
// Names begin with bellman_; times are in seconds. There are two lanes: triggered
// messages and broadcasts. No label contains text that people wrote, so the number
// of labels stays small.
package metrics
