// Package outcome has the words for the outcome of a message to a recipient, and
// for what delays one: the closed sets of statuses and reasons, their meanings, and
// the words by which the APIs report them.
//
// It is a leaf, which imports nothing of Bellman. All packages that send, store,
// list or post outcomes take their words from here, so that they agree.
package outcome
