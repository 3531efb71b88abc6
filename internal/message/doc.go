// Package message holds what is sent: reusable content, its checks, and its
// compiled form, from which the Bot API call for one recipient is written.
//
// A text goes through these hands:
//
//	script   takes Liquid apart, knows its variables, finds what is wrong with it
//	outline  tells where in the HTML its outputs stand, and where its links are
//	variant  is one of the texts that a script can become; they are what is checked
//	program  is a script as the library runs it, with tags and filters that end
//	native   is a script that is simple enough to be run without it, to the same effect
//	html     reads the result by Telegram's rules
//	slot     writes what is not the same for everybody into the call
//
// Values are escaped where they are written: as text, or, in an address, so that
// they remain one part of it. A value at the very beginning of an address is
// taken as it is, because it brings the site; what comes of it is checked.
//
// Everything in it but [Service] is pure; of the machine it reads nothing but
// the time zones.
package message
