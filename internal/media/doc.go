// Package media keeps the files that go with messages: it examines uploads,
// determines as which kinds of media Telegram accepts them, and remembers under
// which file_id each bot has sent them.
//
// The bytes are kept in [Blobs], what is known about them in a [Store]. Bytes are
// written first and removed last, under a key that no other upload ever gets. So a
// failure in between may leave bytes without a file, but never a file without
// bytes; [Service.Sweep] removes such bytes.
//
// The type of a file is read from its bytes. Neither its name nor the type that the
// client claims is trusted, and nothing is unpacked: a picture's size comes from
// its header.
package media
