// Package imports takes people in as the customer's systems hand them over: many
// at once, in a request or a file, or one who subscribed through a form. What
// follows from that, groups and events, is done here too.
//
// An accepted import is a row with its contacts, in parts, and a job, written
// together ([Service.Accept], [Service.AcceptFile]). The job works the parts off
// one by one ([Service.Run]) and may die at any moment: a part that is done is
// marked, and one that is not is done again, which changes nothing about
// contacts and groups. Events about new contacts are written once, because who
// was created, and how many of the events are written, is kept in the
// transactions that do so. The contacts of a part are forgotten with its end,
// the import itself after [Kept].
package imports
