// Package campaign says when: a message goes out as a campaign, to an audience
// once (broadcast) or one by one (triggered).
//
// [Service] is what people and systems do with campaigns; state.go holds the
// transitions, which are pure; [Layout] turns a launched campaign's audience
// into recipients, chunk by chunk, while dispatch is already sending the
// first. How far a campaign is sent is dispatch's to write and told here as
// [Counts].
package campaign
