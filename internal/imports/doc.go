// Package imports takes people in as the customer's systems hand them over: many
// at once, in a request or a file. What follows from that, groups and events, is
// done here too.
//
// An accepted import is a row with its contacts, in parts ([Service.Accept],
// [Service.AcceptFile]). A [Runner] leases it and works the parts off one by one
// ([Service.Run]). It may die at any moment, and another goes on when the lease
// has run out; who lost the lease writes nothing more. A part that is done is
// marked, and one that is not goes on where it stopped. Its contacts are written
// once, because what became of them is kept in the same transaction; so are the
// events about new ones, as how many there are is. Moving contacts between
// groups once more changes nothing. The contacts of a part are forgotten with
// its end, the import itself after [Kept].
package imports
