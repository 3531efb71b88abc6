// Package markup reads the HTML that Telegram understands, by Telegram's own
// rules: what is shown of it, what is wrong with it and where, and where its
// links are, so that their addresses can be replaced ([Parser]).
//
// Its sources are TDLib's parse_html and the Bot API's "HTML style". The limits
// are Telegram's: 100 entities, the tags and attributes of [Parser], no others.
package markup
