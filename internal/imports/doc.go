// Package imports takes people in as the customer's systems hand them over: many
// at once, in a request or a file, or one who subscribed through a form. What
// follows from that, groups and events, is done here too.
//
// An accepted import is a row with its contacts, in parts, and a job, written
// together ([Service.Accept], [Service.AcceptFile]). The job works the parts off
// one by one ([Service.Run]) and may die at any moment: a part that is done is
// marked, and one that is not goes on where it stopped. Its contacts are written
// once, because what became of them is kept in the same transaction; so are the
// events about new ones, as how many there are is. Moving contacts between
// groups once more changes nothing. The contacts of a part are forgotten with
// its end, the import itself after [Kept].
package imports
