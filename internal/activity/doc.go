// Package activity reports to the owner's systems what happened to messages, person
// by person, as lists that can be read from one end to the other however long they
// are.
//
// Nothing is written for it. [Service.List] reads the outcomes and the clicks of a
// window of time, campaign by campaign; [Service.History] finds the messages to one
// contact.
package activity
