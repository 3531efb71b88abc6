// Package liquid reads and renders the Liquid that messages are written in.
//
// [Parse] makes one tree of a source; everything that is known of the source
// comes from it: its variables and which of them are required, its flaws with
// their places, where its outputs stand, and what it writes ([Renderer]). The
// package knows neither HTML nor Telegram: an [Escaper] writes values, and who
// walks the tree may note on an [Output] where it stands.
//
// # Grammar
//
//	source   = { text | output | tag | block | comment | raw }
//	output   = "{{" cond "}}"                                     on one line
//	tag      = "{%" ( assign | "break" | "continue" ) "%}"
//	assign   = "assign" name "=" cond
//	block    = "if" cond { "elsif" cond } [ "else" ] "endif"      each in {% … %}
//	         | "unless" cond { "elsif" cond } [ "else" ] "endunless"
//	         | "case" cond { "when" expr { ( "," | "or" ) expr } } [ "else" ] "endcase"
//	         | "for" name "in" filtered { "reversed" | "limit:" expr | "offset:" expr } [ "else" ] "endfor"
//	         | "capture" name "endcapture"
//	comment  = "comment" anything "endcomment"
//	raw      = "raw" anything "endraw"
//
//	cond     = rel { ( "and" | "or" ) rel }                       alike, from the left
//	rel      = filtered | expr ( "==" | "!=" | "<" | ">" | "<=" | ">=" | "contains" ) expr
//	filtered = expr { "|" name [ ":" expr { "," expr } ] }
//	expr     = literal | name | expr "." name | expr "[" expr "]"
//	         | "(" expr ".." expr ")" | "(" cond ")"
//	literal  = number | "text" | 'text' | "true" | "false" | "nil" | "empty" | "blank" | "now"
//
// A value equals empty when it is a text, a list or an object without anything in
// it, and blank when it is that, white space alone, false or missing; now is the
// clock's Unix time in seconds. A variable that the source itself makes under one
// of these three names counts.
//
// A hyphen inside the braces, as in {{- x -}}, takes the white space off the
// text on its side. What values are equal, less or true is as in the library
// github.com/osteele/liquid, which the tests hold this package against; loops
// differ: they apply the reversal last, and go over an object by its names in
// order and over a single value once.
//
// # Limits
//
// A source has up to 1000 pieces of Liquid and 200 filters, blocks eight deep
// and loops two deep. One rendering goes up to 1000 times through all of its
// loops, in up to 20,000 steps, and writes up to 64 KiB; a filter or a capture
// makes texts of up to 16 KiB. Together they bound the time and the memory of a
// rendering, whatever the source.
package liquid
