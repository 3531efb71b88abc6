// Package message holds what is sent: reusable content, its checks, and its
// compiled form, from which the Bot API call for one recipient is written.
//
// A text goes through these hands:
//
//	foreign   finds what only another system understands
//	liquid    takes it apart, knows its variables and finds what is wrong with its Liquid
//	outline   tells where in the HTML its outputs stand, and where its links are
//	variant   is one of the texts that it can become; they are what is checked
//	markup    reads the result by Telegram's rules
//	template  is content compiled: what is the same for everybody, and slots
//	slot      writes what is not the same for everybody into the call
//
// Values are escaped where they are written: as text, or, in an address, so that
// they remain one part of it. A value at the very beginning of an address is
// taken as it is, because it brings the site; what comes of it is checked.
//
// Everything in it but [Service] is pure; of the machine it reads nothing but
// the time zones.
package message
