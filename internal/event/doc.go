// Package event keeps what has happened to contacts: what their systems tell,
// and what Bellman notices itself.
//
// [Service.Add] takes events in. An event has a type, which is made when it is
// first seen, a key, which says whose event it is, and parameters. It is bound
// to the contact that its parameters or its key name; one that names nobody is
// kept all the same, bound to nobody. Events are only ever appended; those that
// were reported as history can be deleted again.
//
// Ids grow with time, but on several connections at once an event with a lower
// id may become visible after one with a higher: whoever reads along by ids has
// to allow for that.
package event
