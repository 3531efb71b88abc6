// Package event keeps what has happened to contacts, as reported by the customer's
// systems or noticed by Bellman itself.
//
// [Service.Add] records events. An event has a type, which is created when it is
// first seen, a key, which says whose event it is, and parameters. It is bound to
// the contact that its parameters or its key name; an event that names no contact
// is stored all the same, bound to none. Events are only ever appended; those that
// were reported as history can be deleted again.
//
// Ids grow with time, but with several connections an event with a lower id may
// become visible after one with a higher id: a reader that follows the ids has to
// allow for that.
package event
