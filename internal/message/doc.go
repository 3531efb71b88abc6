// Package message holds what is sent: reusable content, its checks, and its
// compiled form, from which the Bot API call for one recipient is written.
//
// Everything in it but [Service] is pure.
package message
