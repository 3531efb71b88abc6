// Package media keeps the files that go with messages: it looks at what is
// uploaded, says as which kinds of media Telegram takes it, and remembers under
// which file_id each bot has sent it.
//
// The bytes lie in [Blobs], what is known about them in a [Store]. Bytes are
// written first and removed last, under a key that no other upload ever gets,
// so that whatever happens in between leaves bytes that nobody knows, never a
// file without bytes; [Service.Sweep] takes those away.
//
// The type of a file is read from its bytes. Neither its name nor what the
// client says about it is believed, and nothing is unpacked: a picture's size
// comes from its header.
package media
