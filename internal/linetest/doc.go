// Package linetest gives tests a way to a server that can be broken.
//
// A [Line] stands before a server and carries connections to it, byte by byte. It can cut them, lose them without a word,
// lose the answers alone, be a long one, and have room for few. [Start] makes one for a test, [Open] and [OpenURL] one for
// a program that tests.
//
// Nothing outside tests and test programs imports this package.
package linetest
