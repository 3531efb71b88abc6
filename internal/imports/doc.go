// Package imports takes in contacts by the thousand, from a request or a file, and
// then changes groups and records events for them.
//
// An accepted import is a row with its contacts, in parts ([Service.Accept],
// [Service.AcceptFile]). A [Runner] leases it and works through the parts one by
// one ([Service.Run]). Its process may die at any moment; another one goes on when
// the lease has expired, and a runner that lost its lease writes nothing more. A
// finished part is marked; an unfinished one continues where it stopped. Its
// contacts are written once, because the results are kept in the same transaction;
// so are the events about new contacts, because their number is. Moving contacts
// between groups once more changes nothing. The contacts of a part are removed when
// it is finished, the import itself after [Kept].
package imports
