// Package campaign decides when a message goes out: as a campaign, to an audience
// once (broadcast) or to one person after another (triggered).
//
// [Service] is for people and systems that manage campaigns; state.go holds the
// transitions, which are pure; [Layout] turns a launched campaign's audience into
// recipients, chunk by chunk, while dispatch is already sending the first. Dispatch
// writes how far a campaign is sent; this package reports it as [Counts].
package campaign
