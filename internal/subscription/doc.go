// Package subscription records people who subscribe through a form: the contact,
// the groups that it joins, and the event about it.
package subscription
