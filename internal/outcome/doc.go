// Package outcome has the words for what became of a message to a recipient,
// and for what holds one up: the closed sets of statuses and reasons, what each
// means, and how it is told outside.
//
// It is a leaf, which imports nothing of Bellman. What sends, keeps, lists and
// posts outcomes takes its words from here, so that they agree.
package outcome
