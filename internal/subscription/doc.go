// Package subscription takes in those who subscribe through a form: the contact,
// the groups that it joins, and the event that tells of it.
package subscription
